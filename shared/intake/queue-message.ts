/** A message as a queue trigger hands it over, and what becomes of it when it cannot be handled now or ever. */
import type { QueueMessage } from '../azure/message-sender.ts';
import type { SlipwayError } from '../errors/slipway-error.ts';
import { sessionQueues } from '../events/encode-event.ts';
import { Queue } from '../events/event-types.ts';
import { redeliveredMessageId } from '../events/redelivery.ts';
import type { Fault } from '../workspace/fault.ts';

export interface ReceivedMessage {
  queue: Queue;
  /** Parsed JSON, or text where it is not JSON. */
  body: unknown;
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

/** Reads what the Functions worker gives: the first letter of metadata keys is lower case, JSON-looking strings are parsed. */
export function toReceivedMessage(
  queue: Queue,
  body: unknown,
  metadata: Record<string, unknown>,
  now: string,
): ReceivedMessage {
  const properties = isRecord(metadata['applicationProperties']) ? metadata['applicationProperties'] : {};
  const enqueued = toIso(properties['requestedAt']) ?? toIso(metadata['enqueuedTimeUtc']) ?? now;
  return {
    queue,
    body,
    messageId: text(metadata['messageId']) ?? 'without-id',
    sessionId: text(metadata['sessionId']),
    contentType: text(metadata['contentType']) ?? 'application/json',
    requestedAt: enqueued,
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
    body: bodyText(message.body),
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

/** Application properties and body must stay below 256 KB together; the body may take 192 KB of them. */
const longestDescription = 16_000;
const faultsKept = 20;

/** The message on `workspace-rejected`: the body as it came, and why it can never succeed. */
export function rejection(message: ReceivedMessage, reason: string, faults: Fault[]): QueueMessage {
  const description = faults.map(describeFault).join('\n').slice(0, longestDescription);
  return {
    queue: Queue.workspaceRejected,
    body: bodyText(message.body),
    messageId: `rejected-${message.queue}-${message.messageId}`.slice(0, 128),
    contentType: typeof message.body === 'string' ? 'text/plain' : message.contentType,
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

function bodyText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body ?? null);
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
