/** A value an application property can take after a settlement changed it (dead-letter reason, "properties to modify"). */
export type PropertyValue = string | number | boolean | null | Date;
export type Properties = Readonly<Record<string, PropertyValue>>;

/** Where a message stands apart from locks: waiting, set aside by a receiver, or not due yet. */
export type MessageState = 'active' | 'deferred' | 'scheduled';

/** A message as the sender handed it over. Times are epoch milliseconds, durations milliseconds. */
export interface Submission {
  /** Identity for duplicate detection: the message id as text, prefixed by its type when it is not a string. */
  messageId: string;
  sessionId: string | null;
  timeToLive: number | null;
  scheduledFor: number | null;
  /** The encoded message (annotations, properties, application properties, body); opaque to the engine. */
  content: Buffer;
}

/** A message in a queue. Everything here survives a restart; locks do not (the message is then simply available). */
export interface StoredMessage {
  sequenceNumber: number;
  /** The number it was first given; differs from `sequenceNumber` once a scheduled message became active. */
  readonly enqueuedSequenceNumber: number;
  readonly messageId: string;
  readonly sessionId: string | null;
  state: MessageState;
  /** When it was accepted, or became active when it was scheduled. */
  enqueuedAt: number;
  /** The shorter of its own and the queue's time to live; null lives for ever. */
  readonly timeToLive: number | null;
  readonly scheduledFor: number | null;
  /** Failed or deferred deliveries so far: 0 on the first delivery. */
  deliveryCount: number;
  /** In a dead-letter queue: the queue it came from. */
  readonly deadLetterSource: string | null;
  /** Application properties set by settlements; they win over those in `content`. */
  properties: Properties;
  readonly content: Buffer;
}

/** When the message dies, or undefined when it cannot (no time to live, or its life has not begun). */
export function expiryOf(message: StoredMessage): number | undefined {
  if (message.timeToLive === null || message.state === 'scheduled') return undefined;
  return message.enqueuedAt + message.timeToLive;
}
