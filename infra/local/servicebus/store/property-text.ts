import type { Properties, PropertyValue } from '../engine/message.ts';

/** Properties as JSON text; dates, which JSON lacks, as `{"date": epoch milliseconds}`. */
export function propertiesToText(properties: Properties): string {
  const plain = Object.entries(properties).map(([name, value]) => [
    name,
    value instanceof Date ? { date: value.getTime() } : value,
  ]);
  return JSON.stringify(Object.fromEntries(plain));
}

/** @throws Error when the text was not written by `propertiesToText`. */
export function textToProperties(text: string): Properties {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null) throw new Error(`not a property map: ${text}`);
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, toValue(value)]));
}

function toValue(value: unknown): PropertyValue {
  if (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean'
  ) {
    return value;
  }
  if (typeof value === 'object' && 'date' in value && typeof value.date === 'number') {
    return new Date(value.date);
  }
  throw new Error(`not a property value: ${JSON.stringify(value)}`);
}
