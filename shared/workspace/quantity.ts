/** Powers by which the suffixes of a Kubernetes quantity multiply; the small ones are told in billionths. */
const decimal: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binary: Readonly<Record<string, number>> = { Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5, Ei: 6 };
const form = /^([+-]?)(\d{1,30})?(?:\.(\d{0,30}))?(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,2}))?$/;

/**
 * One text for all forms of a quantity (`1`, `1000m`, `1e3`, `1Gi`, `1024Mi`), in billionths, which is as fine as Kubernetes keeps
 * them; undefined when it is none.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity
 */
export function canonicalQuantity(quantity: string | number): string | undefined {
  const match = form.exec(String(quantity).trim());
  const [, sign = '', whole = '', fraction = '', suffix = '', exponent] = match ?? [];
  if (match === null || whole + fraction === '') return undefined;
  const times = binary[suffix];
  const power = (times === undefined ? Number(exponent ?? decimal[suffix] ?? 0) : 0) + 9 - fraction.length;
  const digits = BigInt(whole + fraction) * 1024n ** BigInt(times ?? 0);
  const billionths = power >= 0 ? digits * 10n ** BigInt(power) : roundedUp(digits, 10n ** BigInt(-power));
  return `${sign === '-' && billionths > 0n ? '-' : ''}${billionths}`;
}

function roundedUp(digits: bigint, divisor: bigint): bigint {
  return (digits + divisor - 1n) / divisor;
}
