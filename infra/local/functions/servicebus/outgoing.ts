import type { ServiceBusMessage } from '@azure/service-bus';
import type { TypedData } from '../contract.ts';

/**
 * The messages an output value stands for: text or bytes one, an array one for each element, any other value its JSON.
 * Bodies are bytes: the SDK would put quotes around a string.
 */
export function toOutgoingMessages(value: TypedData): ServiceBusMessage[] {
  if ('string' in value) return [textMessage(value.string)];
  if ('bytes' in value) return [{ body: Buffer.from(value.bytes), contentType: 'application/octet-stream' }];
  if ('json' in value) {
    const parsed: unknown = JSON.parse(value.json);
    return Array.isArray(parsed) ? parsed.map(elementMessage) : [jsonMessage(value.json)];
  }
  if ('int' in value) return [jsonMessage(String(value.int))];
  if ('double' in value) return [jsonMessage(String(value.double))];
  if ('collectionString' in value) return value.collectionString.string.map(textMessage);
  throw new Error('A Service Bus output takes text, bytes, a JSON value or an array of these.');
}

function elementMessage(element: unknown): ServiceBusMessage {
  return typeof element === 'string' ? textMessage(element) : jsonMessage(JSON.stringify(element));
}

function textMessage(text: string): ServiceBusMessage {
  return { body: Buffer.from(text), contentType: 'text/plain' };
}

function jsonMessage(text: string): ServiceBusMessage {
  return { body: Buffer.from(text), contentType: 'application/json' };
}
