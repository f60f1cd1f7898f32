import { QueueFault } from '../engine/faults.ts';
import type { Properties, PropertyValue } from '../engine/message.ts';
import { type AmqpValue, asInteger } from './value.ts';

/**
 * "Properties to modify" out of a `$management` request.
 * @throws QueueFault malformedRequest for a value no application property can have.
 */
export function toProperties(value: AmqpValue | undefined): Properties {
  if (value?.type !== 'map') return {};
  return Object.fromEntries(
    value.value.flatMap(([key, entry]) =>
      key.type === 'string' || key.type === 'symbol' ? [[key.value, toProperty(entry)]] : [],
    ),
  );
}

/** The same out of a disposition, where rhea has turned the values into JavaScript already. */
export function plainToProperties(value: unknown): Properties {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plainToProperty(entry)]));
}

function toProperty(value: AmqpValue): PropertyValue {
  switch (value.type) {
    case 'null':
      return null;
    case 'string':
    case 'symbol':
    case 'boolean':
    case 'double':
    case 'float':
      return value.value;
    case 'timestamp':
      return new Date(value.value);
    default: {
      const number = asInteger(value);
      if (number !== undefined) return number;
      throw unsupported(value.type);
    }
  }
}

function plainToProperty(value: unknown): PropertyValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Date) return value;
  throw unsupported(typeof value);
}

function unsupported(type: string): QueueFault {
  return new QueueFault('malformedRequest', `A message property cannot be set to a value of type ${type}.`);
}
