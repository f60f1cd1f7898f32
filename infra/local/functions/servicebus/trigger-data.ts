import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import type { Clock } from '../../clock/clock.ts';
import type { TypedData } from '../contract.ts';
import type { WorkerTypedData } from '../worker/protocol.ts';

/** The body as it was sent. Receivers are opened with `skipParsingBodyAsJson`, so data sections come as bytes. */
function bodyBytes({ body }: ServiceBusReceivedMessage): Buffer {
  const value: unknown = body;
  if (Buffer.isBuffer(value)) return value;
  if (value instanceof Uint8Array) return Buffer.from(value);
  // An AMQP value or sequence section: the SDK has decoded it already.
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value ?? null));
}

/** Trigger value of one message: text, which the package parses as JSON when it can, or bytes. */
export function toTriggerValue(message: ServiceBusReceivedMessage, isBinary: boolean): TypedData {
  const bytes = bodyBytes(message);
  return isBinary ? { bytes } : { string: bytes.toString('utf8') };
}

/** Trigger value of a batch. */
export function toBatchValue(
  messages: readonly ServiceBusReceivedMessage[],
  isBinary: boolean,
): WorkerTypedData {
  const bodies = messages.map(bodyBytes);
  return isBinary
    ? { collectionBytes: { bytes: bodies } }
    : { collectionString: { string: bodies.map((body) => body.toString('utf8')) } };
}

/**
 * The values the Service Bus extension 5.x binds, by its names. Delivery counts start at 1 there, at 0 on the wire. The app compares
 * enqueued times with times of the cluster, so they are told on the virtual clock; locks and expiry stay real, as they are kept.
 */
function bindingData(message: ServiceBusReceivedMessage, clock: Clock): Record<string, unknown> {
  const enqueuedTimeUtc =
    message.enqueuedTimeUtc && new Date(clock.virtualAt(message.enqueuedTimeUtc.getTime()));
  const { expiresAtUtc, lockedUntilUtc, sequenceNumber } = message;
  const properties = message.applicationProperties ?? {};
  return {
    MessageId: message.messageId,
    SequenceNumber: Number(sequenceNumber?.toString() ?? 0),
    DeliveryCount: (message.deliveryCount ?? 0) + 1,
    EnqueuedTimeUtc: enqueuedTimeUtc,
    EnqueuedTime: enqueuedTimeUtc,
    ExpiresAtUtc: expiresAtUtc,
    ExpiresAt: expiresAtUtc,
    LockToken: message.lockToken,
    LockedUntilUtc: lockedUntilUtc,
    ContentType: message.contentType,
    CorrelationId: message.correlationId,
    Subject: message.subject,
    Label: message.subject,
    To: message.to,
    ReplyTo: message.replyTo,
    ReplyToSessionId: message.replyToSessionId,
    SessionId: message.sessionId,
    PartitionKey: message.partitionKey,
    DeadLetterSource: message.deadLetterSource,
    ApplicationProperties: properties,
    UserProperties: properties,
  };
}

/** Strings travel as `string` (which the package JSON-parses), all else as JSON text, as the real host encodes them. */
export function toTriggerMetadata(
  message: ServiceBusReceivedMessage,
  clock: Clock,
): Record<string, TypedData> {
  const metadata: Record<string, TypedData> = {};
  for (const [key, value] of Object.entries(bindingData(message, clock))) {
    if (value === undefined || value === null) continue;
    metadata[key] = typeof value === 'string' ? { string: value } : { json: JSON.stringify(value) };
  }
  return metadata;
}

/** Metadata of a batch: the same names with the suffix `Array`. */
export function toBatchMetadata(
  messages: readonly ServiceBusReceivedMessage[],
  clock: Clock,
): Record<string, TypedData> {
  const all = messages.map((message) => bindingData(message, clock));
  const metadata: Record<string, TypedData> = {};
  for (const key of Object.keys(all[0] ?? {})) {
    const values = all.map((data) => data[key] ?? null);
    if (values.some((value) => value !== null)) metadata[`${key}Array`] = { json: JSON.stringify(values) };
  }
  return metadata;
}

/** The text of the log line `Trigger Details`. */
export function describeMessage(message: ServiceBusReceivedMessage): string {
  const { sequenceNumber, enqueuedTimeUtc, sessionId } = message;
  return [
    `MessageId: ${String(message.messageId)}`,
    `SequenceNumber: ${String(sequenceNumber)}`,
    `DeliveryCount: ${(message.deliveryCount ?? 0) + 1}`,
    `EnqueuedTimeUtc: ${enqueuedTimeUtc?.toISOString() ?? ''}`,
    `SessionId: ${sessionId ?? '(null)'}`,
  ].join(', ');
}
