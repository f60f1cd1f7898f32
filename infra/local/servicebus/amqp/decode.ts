import { type AmqpMap, type AmqpValue, nothing } from './value.ts';

/** Bytes that are not AMQP. */
export class DecodeFault extends Error {}

/** Reads AMQP values one after the other; buffers in the result are views of the input. */
export class Decoder {
  readonly #bytes: Buffer;
  position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.position >= this.#bytes.length;
  }

  /** @throws DecodeFault when the bytes end early or name no AMQP type. */
  read(): AmqpValue {
    const constructorByte = this.#take(1).readUInt8();
    if (constructorByte !== 0) return this.#readBody(constructorByte);
    const descriptor = this.read();
    return { type: 'described', descriptor, value: this.read() };
  }

  #readBody(constructorByte: number): AmqpValue {
    switch (constructorByte) {
      case 0x40:
        return nothing;
      case 0x41:
        return { type: 'boolean', value: true };
      case 0x42:
        return { type: 'boolean', value: false };
      case 0x43:
        return { type: 'uint', value: 0 };
      case 0x44:
        return { type: 'ulong', value: 0n };
      case 0x45:
        return { type: 'list', value: [] };
      case 0x50:
        return { type: 'ubyte', value: this.#take(1).readUInt8() };
      case 0x51:
        return { type: 'byte', value: this.#take(1).readInt8() };
      case 0x52:
        return { type: 'uint', value: this.#take(1).readUInt8() };
      case 0x53:
        return { type: 'ulong', value: BigInt(this.#take(1).readUInt8()) };
      case 0x54:
        return { type: 'int', value: this.#take(1).readInt8() };
      case 0x55:
        return { type: 'long', value: BigInt(this.#take(1).readInt8()) };
      case 0x56:
        return { type: 'boolean', value: this.#take(1).readUInt8() !== 0 };
      case 0x60:
        return { type: 'ushort', value: this.#take(2).readUInt16BE() };
      case 0x61:
        return { type: 'short', value: this.#take(2).readInt16BE() };
      case 0x70:
        return { type: 'uint', value: this.#take(4).readUInt32BE() };
      case 0x71:
        return { type: 'int', value: this.#take(4).readInt32BE() };
      case 0x72:
        return { type: 'float', value: this.#take(4).readFloatBE() };
      case 0x80:
        return { type: 'ulong', value: this.#take(8).readBigUInt64BE() };
      case 0x81:
        return { type: 'long', value: this.#take(8).readBigInt64BE() };
      case 0x82:
        return { type: 'double', value: this.#take(8).readDoubleBE() };
      case 0x83:
        return { type: 'timestamp', value: Number(this.#take(8).readBigInt64BE()) };
      case 0x98:
        return { type: 'uuid', value: this.#take(16) };
      default:
        return this.#readSized(constructorByte);
    }
  }

  #readSized(constructorByte: number): AmqpValue {
    const width = (constructorByte & 0x10) === 0 ? 1 : 4;
    switch (constructorByte) {
      case 0xa0:
      case 0xb0:
        return { type: 'binary', value: this.#take(this.#length(width)) };
      case 0xa1:
      case 0xb1:
        return { type: 'string', value: this.#take(this.#length(width)).toString('utf8') };
      case 0xa3:
      case 0xb3:
        return { type: 'symbol', value: this.#take(this.#length(width)).toString('latin1') };
      case 0xc0:
      case 0xd0:
        return { type: 'list', value: this.#readItems(width) };
      case 0xc1:
      case 0xd1:
        return { type: 'map', value: this.#readEntries(width) };
      case 0xe0:
      case 0xf0:
        return { type: 'array', value: this.#readArray(width) };
      default:
        return this.#readOpaque(constructorByte);
    }
  }

  #readItems(width: 1 | 4): AmqpValue[] {
    this.#length(width);
    const count = this.#length(width);
    return Array.from({ length: this.#plausible(count) }, () => this.read());
  }

  #readEntries(width: 1 | 4): AmqpMap {
    this.#length(width);
    const count = this.#plausible(this.#length(width));
    return Array.from({ length: count / 2 }, () => [this.read(), this.read()]);
  }

  #readArray(width: 1 | 4): AmqpValue[] {
    this.#length(width);
    const count = this.#length(width);
    const constructorByte = this.#take(1).readUInt8();
    if (constructorByte === 0) throw new DecodeFault('arrays of described values are not supported');
    return Array.from({ length: this.#plausible(count) }, () => this.#readBody(constructorByte));
  }

  /** Fixed-width types without a reading of their own: the upper half of the constructor byte tells the width. */
  #readOpaque(constructorByte: number): AmqpValue {
    const category = constructorByte >> 4;
    if (category < 5 || category > 9) {
      throw new DecodeFault(`0x${constructorByte.toString(16)} is no AMQP type`);
    }
    return { type: 'opaque', constructorByte, bytes: this.#take(2 ** (category - 5)) };
  }

  #length(width: 1 | 4): number {
    const bytes = this.#take(width);
    return width === 1 ? bytes.readUInt8() : bytes.readUInt32BE();
  }

  /** A count cannot exceed what is left to read (zero-width elements aside, which clients do not send in bulk). */
  #plausible(count: number): number {
    if (count > this.#bytes.length) throw new DecodeFault(`${count} elements in ${this.#bytes.length} bytes`);
    return count;
  }

  #take(length: number): Buffer {
    const end = this.position + length;
    if (end > this.#bytes.length) throw new DecodeFault('the bytes end within a value');
    const taken = this.#bytes.subarray(this.position, end);
    this.position = end;
    return taken;
  }
}
