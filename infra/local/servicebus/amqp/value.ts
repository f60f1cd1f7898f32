/**
 * A value of the AMQP 1.0 type system (OASIS standard, part 1) that keeps its type, so that what a client sent comes
 * back to the bit. Numbers of 64 bits are bigint; timestamps are epoch milliseconds.
 */
export type AmqpValue =
  | { type: 'null' }
  | { type: 'boolean'; value: boolean }
  | { type: 'ubyte' | 'ushort' | 'uint' | 'byte' | 'short' | 'int' | 'float' | 'double'; value: number }
  | { type: 'ulong' | 'long'; value: bigint }
  | { type: 'timestamp'; value: number }
  | { type: 'uuid' | 'binary'; value: Buffer }
  | { type: 'string' | 'symbol'; value: string }
  | { type: 'list'; value: AmqpValue[] }
  | { type: 'map'; value: AmqpMap }
  | { type: 'array'; value: AmqpValue[] }
  | { type: 'described'; descriptor: AmqpValue; value: AmqpValue }
  /** Types the broker only passes on (char, decimals), with their constructor byte. */
  | { type: 'opaque'; constructorByte: number; bytes: Buffer };

/** Entries in the order they were sent. */
export type AmqpMap = [key: AmqpValue, value: AmqpValue][];

export const nothing: AmqpValue = { type: 'null' };

export const int = (value: number): AmqpValue => ({ type: 'int', value });
export const uint = (value: number): AmqpValue => ({ type: 'uint', value });
export const long = (value: number): AmqpValue => ({ type: 'long', value: BigInt(value) });
export const timestamp = (value: number): AmqpValue => ({ type: 'timestamp', value });
export const text = (value: string): AmqpValue => ({ type: 'string', value });
export const symbol = (value: string): AmqpValue => ({ type: 'symbol', value });
export const binary = (value: Buffer): AmqpValue => ({ type: 'binary', value });
export const list = (value: AmqpValue[]): AmqpValue => ({ type: 'list', value });
export const map = (entries: Record<string, AmqpValue>): AmqpValue => ({
  type: 'map',
  value: Object.entries(entries).map(([key, value]) => [text(key), value]),
});

/** The value under a string or symbol key. */
export function lookUp(entries: AmqpMap, key: string): AmqpValue | undefined {
  return entries.find(
    ([name]) => (name.type === 'string' || name.type === 'symbol') && name.value === key,
  )?.[1];
}

/** The text of a string or symbol. */
export function asText(value: AmqpValue | undefined): string | undefined {
  return value?.type === 'string' || value?.type === 'symbol' ? value.value : undefined;
}

/** Any whole number as a JavaScript number; exact for all a broker counts. */
export function asInteger(value: AmqpValue | undefined): number | undefined {
  switch (value?.type) {
    case 'ubyte':
    case 'ushort':
    case 'uint':
    case 'byte':
    case 'short':
    case 'int':
    case 'timestamp':
      return value.value;
    case 'ulong':
    case 'long':
      return Number(value.value);
    default:
      return undefined;
  }
}

/** The elements of a list or array. */
export function asElements(value: AmqpValue | undefined): AmqpValue[] | undefined {
  return value?.type === 'list' || value?.type === 'array' ? value.value : undefined;
}
