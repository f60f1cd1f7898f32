/** Names that lead to the machine itself or to a cloud's metadata service. Source: reference, S5. */
const refusedNames = new Set([
  'localhost',
  'metadata.google.internal',
  'metadata.google',
  'instance-data.ec2.internal',
]);

/**
 * Why a host must not be fetched from inside the cluster, or undefined: server-side request forgery would reach
 * credentials there. Names are not resolved. Source: reference, S5 and S6.
 * @param hostname as the WHATWG URL parser gives it: lower case, IPv4 in dotted form, IPv6 in brackets
 */
export function refusedHost(hostname: string): string | undefined {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  if (refusedNames.has(name) || name.endsWith('.localhost')) return 'local or metadata endpoint';
  const address = name.startsWith('[') ? name.slice(1, -1).replace(/%.*$/, '') : name;
  const bytes = address.includes(':') ? ipv6Bytes(address) : ipv4Bytes(address);
  return bytes !== undefined && isInternal(bytes) ? 'loopback, private, or link-local address' : undefined;
}

function isInternal(bytes: readonly number[]): boolean {
  const [first = 0, second = 0] = bytes;
  if (bytes.length === 4) {
    return (
      first === 127 ||
      first === 10 ||
      (first === 172 && second >= 16 && second < 32) ||
      (first === 192 && second === 168) ||
      (first === 169 && second === 254) ||
      (first === 224 && second === 0 && bytes[2] === 0)
    );
  }
  const leadingZeros = bytes.findIndex((byte) => byte !== 0);
  if (leadingZeros === 10 && bytes[10] === 255 && bytes[11] === 255) return isInternal(bytes.slice(12));
  const loopback = leadingZeros === 15 && bytes[15] === 1;
  const uniqueLocal = (first & 0xfe) === 0xfc;
  const linkLocal = first === 0xfe && (second & 0xc0) === 0x80;
  const linkLocalMulticast = first === 0xff && (second & 0x0f) === 0x02;
  return loopback || uniqueLocal || linkLocal || linkLocalMulticast;
}

function ipv4Bytes(text: string): number[] | undefined {
  const parts = text.split('.').map(Number);
  return parts.length === 4 && parts.every((part) => part >= 0 && part <= 255) && /^[\d.]+$/.test(text)
    ? parts
    : undefined;
}

/** The sixteen bytes of an IPv6 address in any of its spellings. */
function ipv6Bytes(text: string): number[] | undefined {
  const [head = '', tail] = text.split('::');
  const left = groups(head);
  const right = groups(tail ?? '');
  const missing = tail === undefined ? 0 : 8 - left.length - right.length;
  const all = [...left, ...Array.from({ length: Math.max(missing, 0) }, () => 0), ...right];
  return all.length === 8 ? all.flatMap((each) => [each >> 8, each & 255]) : undefined;
}

function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    const bytes = part.includes('.') ? ipv4Bytes(part) : undefined;
    if (bytes === undefined) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = bytes;
    return [a * 256 + b, c * 256 + d];
  });
}
