import { QueueFault } from '../engine/faults.ts';
import type { MessageQueue } from '../engine/queue.ts';
import { uuidToToken } from './lock-token.ts';
import { type AmqpMap, type AmqpValue, asElements, asInteger, asText, lookUp } from './value.ts';

export interface OperationInput {
  queue: MessageQueue;
  /** The queue's dead-letter queue, or for that the main queue: lock tokens of either are good at both. */
  related: MessageQueue;
  body: AmqpMap;
}

/** One `$management` operation; status 200 unless it says otherwise. @throws QueueFault. */
export type Operation = (input: OperationInput) => { status?: number; body: AmqpValue };

export function requireText(body: AmqpMap, key: string): string {
  return asText(lookUp(body, key)) ?? missing(key);
}

export function requireInteger(body: AmqpMap, key: string): number {
  return asInteger(lookUp(body, key)) ?? missing(key);
}

export function requireElements(body: AmqpMap, key: string): AmqpValue[] {
  return asElements(lookUp(body, key)) ?? missing(key);
}

export function requireSequenceNumbers(body: AmqpMap): number[] {
  const key = 'sequence-numbers';
  return requireElements(body, key).map((value) => asInteger(value) ?? missing(key));
}

export function requireLockTokens(body: AmqpMap): string[] {
  const key = 'lock-tokens';
  return requireElements(body, key).map((value) =>
    value.type === 'uuid' ? uuidToToken(value.value) : missing(key),
  );
}

export function missing(key: string): never {
  throw new QueueFault('malformedRequest', `The request lacks a usable '${key}'.`);
}
