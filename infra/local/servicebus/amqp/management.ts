import { QueueFault } from '../engine/faults.ts';
import type { MessageQueue } from '../engine/queue.ts';
import { toWireError } from './conditions.ts';
import { messageOperations } from './message-operations.ts';
import type { Operation } from './operation.ts';
import type { Reply, Request } from './request-end.ts';
import { sessionOperations } from './session-operations.ts';
import { type AmqpMap, asText, int, lookUp, nothing, symbol, text } from './value.ts';

const operations = new Map<string, Operation>([...messageOperations, ...sessionOperations]);

/** Answers one `$management` request about a queue or dead-letter queue. */
export function manage(request: Request, target: { queue: MessageQueue; related: MessageQueue }): Reply {
  const trackingId = lookUp(request.applicationProperties, 'com.microsoft:tracking-id') ?? nothing;
  const answer = (status: number, description: string, more: AmqpMap = []): AmqpMap => [
    [text('statusCode'), int(status)],
    [text('statusDescription'), text(description)],
    [text('com.microsoft:tracking-id'), trackingId],
    ...more,
  ];
  try {
    const { status = 200, body } = findOperation(request)({
      ...target,
      body: request.body.type === 'map' ? request.body.value : [],
    });
    return { applicationProperties: answer(status, status === 204 ? 'No Content' : 'OK'), body };
  } catch (error) {
    const { status, condition, description } = toWireError(error);
    return {
      applicationProperties: answer(status, description, [[text('errorCondition'), symbol(condition)]]),
      body: nothing,
    };
  }
}

function findOperation(request: Request): Operation {
  const name = asText(lookUp(request.applicationProperties, 'operation')) ?? '';
  const operation = operations.get(name);
  if (operation === undefined) {
    throw new QueueFault('notImplemented', `This broker has no management operation '${name}'.`);
  }
  return operation;
}
