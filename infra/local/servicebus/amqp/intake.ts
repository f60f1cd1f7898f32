import { randomUUID } from 'node:crypto';
import type { Submission } from '../engine/message.ts';
import { DecodeFault, Decoder } from './decode.ts';
import { headerFields, joinSections, propertyFields, splitSections } from './sections.ts';
import { type AmqpValue, asInteger, asText, lookUp, nothing, text } from './value.ts';

/** Message format of a Service Bus batch: an AMQP message whose data sections are whole messages. */
export const batchFormat = 0x80013700;

const dataSection = 0x75n;
const scheduledEnqueueTime = 'x-opt-scheduled-enqueue-time';

/** Reads one transfer: a message, or a batch of them. @throws DecodeFault. */
export function readTransfer(bytes: Buffer, format: number): Submission[] {
  return format === batchFormat ? messagesOfBatch(bytes).map(readSubmission) : [readSubmission(bytes)];
}

/** Reads one encoded message as the engine wants it. @throws DecodeFault. */
export function readSubmission(bytes: Buffer): Submission {
  const sections = splitSections(bytes);
  const properties = withMessageId(sections.properties);
  return {
    messageId: identityOf(properties[propertyFields.messageId] ?? nothing),
    sessionId: asText(properties[propertyFields.groupId]) ?? null,
    timeToLive: asInteger(sections.header[headerFields.timeToLive]) ?? null,
    scheduledFor: asInteger(lookUp(sections.annotations, scheduledEnqueueTime)) ?? null,
    content: joinSections({ ...sections, properties }),
  };
}

function messagesOfBatch(bytes: Buffer): Buffer[] {
  const decoder = new Decoder(bytes);
  const messages: Buffer[] = [];
  while (!decoder.atEnd) {
    const section = decoder.read();
    if (section.type !== 'described' || section.descriptor.type !== 'ulong') {
      throw new DecodeFault('a batch holds something that is no message section');
    }
    if (section.descriptor.value === dataSection && section.value.type === 'binary') {
      messages.push(section.value.value);
    }
  }
  return messages;
}

/** The SDK cannot settle a message without an id (its lock renewer throws), so one is given where there is none. */
function withMessageId(properties: AmqpValue[]): AmqpValue[] {
  const messageId = properties[propertyFields.messageId];
  if (messageId !== undefined && messageId.type !== 'null') return properties;
  return [text(randomUUID().replaceAll('-', '')), ...properties.slice(1)];
}

/** Message ids may be text, number, UUID or bytes; ids of different types are different ids. */
function identityOf(messageId: AmqpValue): string {
  switch (messageId.type) {
    case 'string':
      return messageId.value;
    case 'ulong':
      return `ulong:${messageId.value.toString()}`;
    case 'uuid':
    case 'binary':
      return `${messageId.type}:${messageId.value.toString('hex')}`;
    default:
      throw new DecodeFault(`a message id of type ${messageId.type}`);
  }
}
