/** A message as a queue trigger hands it over, and what becomes of it when it cannot be handled now or ever. */
import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { QueueMessage } from '../azure/message-sender.ts';
import type { SlipwayError } from '../errors/slipway-error.ts';
import { sessionQueues } from '../events/encode-event.ts';
import { Queue } from '../events/event-types.ts';
import { redeliveredMessageId, shortId } from '../events/redelivery.ts';
import type { Fault } from '../workspace/fault.ts';
import { isRecord } from '../workspace/json-object.ts';

export interface ReceivedMessage {
  queue: Queue;
  /** As it came. */
  body: string;
  /** Whether the bytes were UTF-8; the rest of them shows as U+FFFD. */
  isText: boolean;
  messageId: string;
  sessionId: string | undefined;
  contentType: string;
  /** ISO 8601: when it was first enqueued, through every copy. */
  requestedAt: string;
  /** ISO 8601, by this process's clock: when it was first handled. Patience is counted from here, as other clocks may differ. */
  triedSince: string;
  /** How often it has been re-scheduled. */
  attempt: number;
  /** Application property `cluster`. */
  cluster: string | undefined;
}

/**
 * Reads what the Functions worker gives: bytes for a binary trigger (text when run by hand), metadata whose keys begin in lower case
 * and whose JSON-looking strings are parsed.
 */
export function toReceivedMessage(
  queue: Queue,
  body: unknown,
  metadata: Record<string, unknown>,
  now: string,
): ReceivedMessage {
  const properties = isRecord(metadata['applicationProperties']) ? metadata['applicationProperties'] : {};
  const enqueuedAt = toIso(metadata['enqueuedTimeUtc']) ?? now;
  const requestedAt = toIso(properties['requestedAt']) ?? enqueuedAt;
  return {
    queue,
    body: toText(body),
    isText: !(body instanceof Uint8Array) || isUtf8(body),
    // Copies and rejections are named after it, and two messages without an id must not look like one to duplicate detection.
    messageId: text(metadata['messageId']) ?? `sequence-${text(metadata['sequenceNumber']) ?? randomUUID()}`,
    sessionId: text(metadata['sessionId']),
    contentType: text(metadata['contentType']) ?? 'application/json',
    // Nothing can have been asked for after it was enqueued; users may set the property themselves.
    requestedAt: requestedAt < enqueuedAt ? requestedAt : enqueuedAt,
    triedSince: toIso(properties['triedSince']) ?? now,
    attempt: typeof properties['attempt'] === 'number' ? properties['attempt'] : 0,
    cluster: text(properties['cluster']),
  };
}

/** The copy that is scheduled after a passing fault, before the original is completed. */
export function redelivery(message: ReceivedMessage): QueueMessage {
  const attempt = message.attempt + 1;
  return {
    queue: message.queue,
    body: message.body,
    messageId: redeliveredMessageId(message.messageId, attempt),
    ...(sessionQueues.has(message.queue) ? { sessionId: message.sessionId ?? message.messageId } : {}),
    contentType: message.contentType,
    applicationProperties: {
      attempt,
      requestedAt: message.requestedAt,
      triedSince: message.triedSince,
      ...(message.cluster === undefined ? {} : { cluster: message.cluster }),
    },
  };
}

/** Application properties and body must stay below 256 KB together. */
const longestDescription = 16_000;
const longestBody = 192 * 1024;
const faultsKept = 20;

/** The message on `workspace-rejected`: the body as it came (the beginning of one that is too large), and why it can never succeed. */
export function rejection(message: ReceivedMessage, reason: string, faults: Fault[]): QueueMessage {
  const description = faults.map(describeFault).join('\n').slice(0, longestDescription);
  return {
    queue: Queue.workspaceRejected,
    body: beginning(message.body),
    messageId: shortId(`rejected-${message.queue}-${message.messageId}`),
    contentType: message.contentType,
    applicationProperties: {
      reason,
      description,
      causes: JSON.stringify(faults.slice(0, faultsKept)).slice(0, longestDescription),
      queue: message.queue,
      originalMessageId: message.messageId,
      requestedAt: message.requestedAt,
    },
  };
}

/** A terminal error as the one fault of a rejection. */
export function faultOf(error: SlipwayError): Fault {
  return {
    field: '',
    reason: 'FieldValueInvalid',
    message: `${error.code}: ${error.message}`,
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
  };
}

function describeFault({ field, message, remedy }: Fault): string {
  return `${field === '' ? '' : `${field}: `}${message}${remedy === undefined ? '' : ` (${remedy})`}`;
}

function toText(body: unknown): string {
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  return typeof body === 'string' ? body : JSON.stringify(body ?? '');
}

function beginning(body: string): string {
  return Buffer.byteLength(body) <= longestBody
    ? body
    : new TextDecoder().decode(Buffer.from(body).subarray(0, longestBody));
}

/** The worker has turned ids that look like JSON into numbers or booleans. */
function text(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function toIso(value: unknown): string | undefined {
  if (typeof value !== 'string' && !(value instanceof Date)) return undefined;
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
