import type { AmqpMap, AmqpValue } from './value.ts';

/** Encodes one AMQP value; numbers in their full width. */
export function encode(value: AmqpValue): Buffer {
  switch (value.type) {
    case 'null':
      return Buffer.of(0x40);
    case 'boolean':
      return Buffer.of(value.value ? 0x41 : 0x42);
    case 'described':
      return Buffer.concat([Buffer.of(0), encode(value.descriptor), encode(value.value)]);
    case 'list':
      return value.value.length === 0 ? Buffer.of(0x45) : compound(0xd0, value.value);
    case 'map':
      return compound(0xd1, value.value.flat());
    case 'array':
      return array(value.value);
    case 'opaque':
      return Buffer.concat([Buffer.of(value.constructorByte), value.bytes]);
    default:
      return Buffer.concat([Buffer.of(constructorByte(value)), body(value)]);
  }
}

/** A described value with a small numeric descriptor, as all message sections are. */
export function encodeDescribed(descriptor: number, value: AmqpValue): Buffer {
  return Buffer.concat([Buffer.of(0, 0x53, descriptor), encode(value)]);
}

/** A map whose keys are symbols, as annotations are. */
export function symbolKeyed(entries: AmqpMap): AmqpMap {
  return entries.map(([key, value]) =>
    key.type === 'string' ? [{ type: 'symbol', value: key.value }, value] : [key, value],
  );
}

type Primitive = Exclude<
  AmqpValue,
  { type: 'null' | 'boolean' | 'described' | 'list' | 'map' | 'array' | 'opaque' }
>;

const constructorBytes: Record<Primitive['type'], number> = {
  ubyte: 0x50,
  byte: 0x51,
  ushort: 0x60,
  short: 0x61,
  uint: 0x70,
  int: 0x71,
  float: 0x72,
  ulong: 0x80,
  long: 0x81,
  double: 0x82,
  timestamp: 0x83,
  uuid: 0x98,
  binary: 0xb0,
  string: 0xb1,
  symbol: 0xb3,
};

function constructorByte(value: Primitive): number {
  return constructorBytes[value.type];
}

function body(value: Primitive): Buffer {
  switch (value.type) {
    case 'binary':
      return sized(value.value);
    case 'string':
      return sized(Buffer.from(value.value, 'utf8'));
    case 'symbol':
      return sized(Buffer.from(value.value, 'latin1'));
    case 'uuid':
      return value.value;
    default:
      return fixed(value);
  }
}

function fixed(value: Exclude<Primitive, { value: Buffer | string }>): Buffer {
  const bytes = Buffer.alloc(8);
  const write = (end: number) => bytes.subarray(0, end);
  switch (value.type) {
    case 'ubyte':
      return write(bytes.writeUInt8(value.value));
    case 'byte':
      return write(bytes.writeInt8(value.value));
    case 'ushort':
      return write(bytes.writeUInt16BE(value.value));
    case 'short':
      return write(bytes.writeInt16BE(value.value));
    case 'uint':
      return write(bytes.writeUInt32BE(value.value));
    case 'int':
      return write(bytes.writeInt32BE(value.value));
    case 'float':
      return write(bytes.writeFloatBE(value.value));
    case 'double':
      return write(bytes.writeDoubleBE(value.value));
    case 'ulong':
      return write(bytes.writeBigUInt64BE(value.value));
    case 'long':
      return write(bytes.writeBigInt64BE(value.value));
    case 'timestamp':
      return write(bytes.writeBigInt64BE(BigInt(value.value)));
  }
}

function compound(constructor: number, items: AmqpValue[]): Buffer {
  const content = Buffer.concat(items.map(encode));
  const head = Buffer.alloc(9);
  head.writeUInt8(constructor, 0);
  head.writeUInt32BE(content.length + 4, 1);
  head.writeUInt32BE(items.length, 5);
  return Buffer.concat([head, content]);
}

/** @throws TypeError for an empty or mixed array, and for elements of a type no array here is made of. */
function array(items: AmqpValue[]): Buffer {
  const primitives = items.filter(isPrimitive);
  const first = primitives[0];
  if (
    first === undefined ||
    primitives.length < items.length ||
    items.some(({ type }) => type !== first.type)
  ) {
    throw new TypeError('an AMQP array needs elements of one primitive type');
  }
  const content = Buffer.concat(primitives.map(body));
  const head = Buffer.alloc(10);
  head.writeUInt8(0xf0, 0);
  head.writeUInt32BE(content.length + 5, 1);
  head.writeUInt32BE(items.length, 5);
  head.writeUInt8(constructorByte(first), 9);
  return Buffer.concat([head, content]);
}

function isPrimitive(value: AmqpValue): value is Primitive {
  return value.type in constructorBytes;
}

function sized(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
