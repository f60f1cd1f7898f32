import type { Properties, PropertyValue, StoredMessage } from '../engine/message.ts';
import { headerFields, joinSections, propertyFields, splitSections } from './sections.ts';
import {
  type AmqpMap,
  type AmqpValue,
  asInteger,
  int,
  long,
  nothing,
  symbol,
  text,
  timestamp,
  uint,
} from './value.ts';

/** `x-opt-message-state` as the SDKs read it. */
const stateCodes = { active: 0, deferred: 1, scheduled: 2 } as const;

const largestUint = 2 ** 32 - 1;

/**
 * A stored message as a client receives or peeks it: header and annotations of the broker, changed application
 * properties, all else as it was sent.
 */
export function encodeForClient(
  message: StoredMessage,
  options: { lockedUntil: number | null; omitBody?: boolean },
): Buffer {
  const sections = splitSections(message.content);
  return joinSections({
    header: deliveryHeader(sections.header, message),
    annotations: withEntries(sections.annotations, brokerAnnotations(message, options.lockedUntil)),
    properties: withExpiry(sections.properties, message.timeToLive),
    applicationProperties: withEntries(sections.applicationProperties, toEntries(message.properties)),
    body: options.omitBody === true ? Buffer.alloc(0) : sections.body,
  });
}

/** The sender's header (durable, priority) with the broker's time to live and delivery count. */
function deliveryHeader(sent: AmqpValue[], message: StoredMessage): AmqpValue[] {
  const header: AmqpValue[] = Array.from({ length: 5 }, (_, index) => sent[index] ?? nothing);
  header[headerFields.timeToLive] =
    message.timeToLive === null ? nothing : uint(Math.min(message.timeToLive, largestUint));
  header[headerFields.deliveryCount] = uint(message.deliveryCount);
  return header;
}

/** The SDK reads the time to live as the distance of these two, so a queue that shortens it must show there too. */
function withExpiry(properties: AmqpValue[], timeToLive: number | null): AmqpValue[] {
  const created = asInteger(properties[propertyFields.creationTime]);
  if (created === undefined || timeToLive === null) return properties;
  return properties.with(propertyFields.absoluteExpiry, timestamp(created + timeToLive));
}

function brokerAnnotations(message: StoredMessage, lockedUntil: number | null): AmqpMap {
  const annotations: AmqpMap = [
    [symbol('x-opt-sequence-number'), long(message.sequenceNumber)],
    [symbol('x-opt-enqueue-sequence-number'), long(message.enqueuedSequenceNumber)],
    [symbol('x-opt-enqueued-time'), timestamp(message.enqueuedAt)],
    [symbol('x-opt-message-state'), int(stateCodes[message.state])],
  ];
  if (lockedUntil !== null) annotations.push([symbol('x-opt-locked-until'), timestamp(lockedUntil)]);
  if (message.deadLetterSource !== null) {
    annotations.push([symbol('x-opt-deadletter-source'), text(message.deadLetterSource)]);
  }
  return annotations;
}

function toEntries(properties: Properties): AmqpMap {
  return Object.entries(properties).map(([name, value]) => [text(name), toAmqp(value)]);
}

function toAmqp(value: PropertyValue): AmqpValue {
  if (value === null) return nothing;
  if (value instanceof Date) return timestamp(value.getTime());
  if (typeof value === 'string') return text(value);
  if (typeof value === 'boolean') return { type: 'boolean', value };
  if (!Number.isSafeInteger(value)) return { type: 'double', value };
  return Math.abs(value) < 2 ** 31 ? int(value) : long(value);
}

/** The entries of both maps; the added ones win. */
function withEntries(entries: AmqpMap, added: AmqpMap): AmqpMap {
  if (added.length === 0) return entries;
  const keys = new Set(added.map(([key]) => keyText(key)));
  return [...entries.filter(([key]) => !keys.has(keyText(key))), ...added];
}

function keyText(key: AmqpValue): string {
  return key.type === 'string' || key.type === 'symbol' ? key.value : JSON.stringify(key.type);
}
