import type { InvocationContext } from '@azure/functions';
import { app } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { getClient, input } from 'durable-functions';
import { serviceBusConnection } from '../../shared/config/service-bus-settings.ts';
import { Retryable, Terminal } from '../../shared/errors/slipway-error.ts';
import { sessionQueues } from '../../shared/events/encode-event.ts';
import type { Queue, Request } from '../../shared/events/event-types.ts';
import { redeliveryDelaySeconds, retryWindowSeconds } from '../../shared/events/redelivery.ts';
import type { ReceivedMessage } from '../../shared/intake/queue-message.ts';
import { faultOf, redelivery, rejection, toReceivedMessage } from '../../shared/intake/queue-message.ts';
import type { Services } from '../../shared/reconcile/services.ts';
import type { Logger } from '../../shared/telemetry/logger.ts';
import { CauseReason } from '../../shared/workspace/fault.ts';
import type { Fault } from '../../shared/workspace/fault.ts';
import { services } from '../composition.ts';
import { logFor } from '../log.ts';

/** What a queue's handler works with. */
export interface Receipt {
  services: Services;
  client: DurableClient;
  message: ReceivedMessage;
  log: Logger;
}

/** Refused for good: the sender must change the message. */
export interface Refused {
  refused: Fault[];
  reason: string;
}

/**
 * Registers the trigger of one queue. `handle` answers with faults for what can never succeed, throws `Retryable` for what passes, and
 * `Terminal` for what somebody else must mend first; no message is lost in either case. Any other throw is a bug of ours: the message
 * goes back, and after ten deliveries into the dead-letter queue.
 */
export function receive(
  name: string,
  queue: Queue,
  handle: (request: Request, receipt: Receipt) => Promise<Refused | undefined>,
): void {
  // Bytes, because the worker would parse text that looks like JSON: doubled keys and long numbers would be lost.
  const trigger = {
    connection: serviceBusConnection,
    queueName: queue,
    isSessionsEnabled: sessionQueues.has(queue),
    dataType: 'binary',
  };
  app.serviceBusQueue(name, {
    ...trigger,
    extraInputs: [input.durableClient()],
    handler: async (body: unknown, context: InvocationContext) => {
      const log = logFor(context);
      const now = new Date().toISOString();
      const message = toReceivedMessage(queue, body, context.triggerMetadata ?? {}, now);
      const receipt: Receipt = { services: services(), client: getClient(context), message, log };
      try {
        const refused = await decodeAndHandle(queue, receipt, handle);
        if (refused !== undefined) await reject(receipt, refused);
      } catch (error) {
        await settleError(receipt, error, now);
      }
    },
  });
}

const notText: Fault = {
  field: '',
  reason: CauseReason.Invalid,
  message: 'the message body is not UTF-8 text',
};

async function decodeAndHandle(
  queue: Queue,
  receipt: Receipt,
  handle: (request: Request, receipt: Receipt) => Promise<Refused | undefined>,
): Promise<Refused | undefined> {
  const { body, isText, cluster } = receipt.message;
  if (!isText) return { reason: 'MessageInvalid', refused: [notText] };
  const { decodeRequest } = await import('../../shared/events/decode-request.ts');
  const decoded = decodeRequest(queue, body, cluster);
  if (!decoded.ok) return { reason: 'MessageInvalid', refused: decoded.faults };
  const { request } = decoded;
  // An orchestration could do nothing for it but fail. Everything else asks for its cluster before it writes.
  if (request.kind === 'reference') await receipt.services.cluster(request.reference.cluster);
  return handle(request, receipt);
}

async function settleError(receipt: Receipt, error: unknown, now: string): Promise<void> {
  const { message, log } = receipt;
  if (error instanceof Terminal) {
    await reject(receipt, { reason: error.code, refused: [faultOf(error)] });
    return;
  }
  if (!(error instanceof Retryable)) throw error;
  const age = (Date.parse(now) - Date.parse(message.triedSince)) / 1000;
  if (age > retryWindowSeconds) {
    await reject(receipt, { reason: 'RetriesExhausted', refused: [faultOf(error)] });
    return;
  }
  const delay = redeliveryDelaySeconds(message.attempt, error.retryAfterSeconds);
  log.warn('message re-scheduled', {
    code: error.code,
    error: error.message,
    delay,
    attempt: message.attempt + 1,
  });
  // The copy first: a crash in between delivers the message twice, which is harmless; the other order could lose it.
  await receipt.services.messages.schedule(redelivery(message), new Date(Date.parse(now) + delay * 1000));
}

async function reject(receipt: Receipt, { reason, refused }: Refused): Promise<void> {
  receipt.log.warn('message rejected', { reason, faults: refused.length, queue: receipt.message.queue });
  await receipt.services.messages.send([rejection(receipt.message, reason, refused)]);
}
