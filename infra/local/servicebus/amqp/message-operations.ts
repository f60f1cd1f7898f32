import { QueueFault } from '../engine/faults.ts';
import type { MessageQueue } from '../engine/queue.ts';
import { deadLetterProperties, type Settlement } from '../engine/settlement.ts';
import { readSubmission } from './intake.ts';
import { tokenToUuid } from './lock-token.ts';
import {
  missing,
  type Operation,
  type OperationInput,
  requireElements,
  requireInteger,
  requireLockTokens,
  requireSequenceNumbers,
  requireText,
} from './operation.ts';
import { encodeForClient } from './outgoing.ts';
import { toProperties } from './property-values.ts';
import { requireSize } from './sending-end.ts';
import {
  type AmqpMap,
  type AmqpValue,
  asText,
  binary,
  list,
  long,
  lookUp,
  map,
  nothing,
  timestamp,
} from './value.ts';

const peek: Operation = ({ queue, body }) => {
  const omitBody = lookUp(body, 'omit-message-body');
  const messages = queue
    .peek(
      requireInteger(body, 'from-sequence-number'),
      requireInteger(body, 'message-count'),
      asText(lookUp(body, 'session-id')) ?? null,
    )
    .map((message) =>
      map({
        message: binary(
          encodeForClient(message, {
            lockedUntil: null,
            omitBody: omitBody?.type === 'boolean' && omitBody.value,
          }),
        ),
      }),
    );
  return messages.length === 0 ? { status: 204, body: nothing } : { body: map({ messages: list(messages) }) };
};

const schedule: Operation = ({ queue, body }) => {
  requireMain(queue);
  const submissions = requireElements(body, 'messages').map((entry) => {
    const message = entry.type === 'map' ? lookUp(entry.value, 'message') : undefined;
    if (message?.type !== 'binary') return missing('messages');
    requireSize(message.value);
    return readSubmission(message.value);
  });
  return { body: map({ 'sequence-numbers': arrayOf(queue.send(submissions).map(long)) }) };
};

const cancelScheduled: Operation = ({ queue, body }) => {
  queue.cancelScheduled(requireSequenceNumbers(body));
  return { body: map({}) };
};

const receiveDeferred: Operation = ({ queue, body }) => {
  const mode = requireInteger(body, 'receiver-settle-mode') === 0 ? 'receiveAndDelete' : 'peekLock';
  const deliveries = queue.receiveDeferred(requireSequenceNumbers(body), mode);
  const messages = deliveries.map(({ message, lock }) => {
    const encoded = binary(encodeForClient(message, { lockedUntil: lock?.until ?? null }));
    // A removed message still needs a token-shaped value: the SDK reads one.
    const token = tokenToUuid(lock?.token ?? '00000000-0000-0000-0000-000000000000');
    return map({ message: encoded, 'lock-token': { type: 'uuid', value: token } });
  });
  return { body: map({ messages: list(messages) }) };
};

const renewLocks: Operation = (input) => {
  const tokens = requireLockTokens(input.body);
  const expirations = tokens.map((token) => timestamp(holder(token, input).renew(token)));
  return { body: map({ expirations: arrayOf(expirations) }) };
};

const updateDisposition: Operation = (input) => {
  const settlement = readSettlement(input.body);
  for (const token of requireLockTokens(input.body)) holder(token, input).settle(token, settlement);
  return { body: map({}) };
};

function readSettlement(body: AmqpMap): Settlement {
  const properties = toProperties(lookUp(body, 'properties-to-modify'));
  const status = requireText(body, 'disposition-status');
  switch (status) {
    case 'completed':
      return { kind: 'complete' };
    case 'abandoned':
      return { kind: 'abandon', properties };
    // The protocol's own spelling.
    case 'defered':
      return { kind: 'defer', properties };
    case 'suspended': {
      const reason = asText(lookUp(body, 'deadletter-reason'));
      const description = asText(lookUp(body, 'deadletter-description'));
      return {
        kind: 'deadLetter',
        properties: { ...properties, ...deadLetterProperties(reason, description) },
      };
    }
    default:
      throw new QueueFault('malformedRequest', `'${status}' is no disposition status.`);
  }
}

/** Which of the two queues a lock token belongs to. */
function holder(token: string, { queue, related }: OperationInput): MessageQueue {
  return related.holds(token) ? related : queue;
}

function requireMain(queue: MessageQueue): void {
  if (!queue.isDeadLetterQueue) return;
  throw new QueueFault('notAllowed', 'Messages cannot be sent to a dead-letter queue.');
}

function arrayOf(value: AmqpValue[]): AmqpValue {
  // An AMQP array cannot be empty of type; a list reads the same.
  return value.length === 0 ? list([]) : { type: 'array', value };
}

export const messageOperations: [name: string, operation: Operation][] = [
  ['com.microsoft:peek-message', peek],
  ['com.microsoft:schedule-message', schedule],
  ['com.microsoft:cancel-scheduled-message', cancelScheduled],
  ['com.microsoft:receive-by-sequence-number', receiveDeferred],
  ['com.microsoft:renew-lock', renewLocks],
  ['com.microsoft:update-disposition', updateDisposition],
];
