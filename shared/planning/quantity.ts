export const gibibyte = 2 ** 30;

/** Bytes of a whole or decimal `Gi` quantity (`27.31Gi`), rounded up to a byte as Kubernetes does; undefined when it is none. */
export function parseGibibytes(quantity: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)Gi$/.exec(quantity);
  return match?.[1] === undefined ? undefined : Math.ceil(Number(match[1]) * gibibyte);
}

/** Bytes in GiB with two decimals, for people. */
export function inGibibytes(bytes: number): number {
  return Math.round((bytes / gibibyte) * 100) / 100;
}
