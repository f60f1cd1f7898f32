/**
 * A delivery tag is the lock token as .NET lays a GUID out in memory: the first three groups little-endian
 * (measured: service-bus.md, 2.3). `$management` carries the same token unswapped.
 */
export function tokenToDeliveryTag(token: string): Buffer {
  const bytes = tokenToUuid(token);
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

export function tokenToUuid(token: string): Buffer {
  return Buffer.from(token.replaceAll('-', ''), 'hex');
}

export function uuidToToken(uuid: Buffer): string {
  const hex = uuid.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The lock token a client's delivery tag stands for. */
export function deliveryTagToToken(tag: Buffer): string {
  const bytes = Buffer.from(tag);
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return uuidToToken(bytes);
}
