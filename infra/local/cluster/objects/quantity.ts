const factors: Record<string, number> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** A Kubernetes quantity as a number (bytes, cores, pieces). Throws on text that is not one. */
export function parseQuantity(quantity: string | number): number {
  if (typeof quantity === 'number') return quantity;
  const parts = /^([+-]?[0-9.]+(?:[eE][+-]?\d+)?)([numkMGTP]?i?)$/.exec(quantity.trim());
  const factor = parts && factors[parts[2] ?? ''];
  const value = Number(parts?.[1]);
  if (factor === null || factor === undefined || Number.isNaN(value))
    throw new Error(`"${quantity}" is not a quantity`);
  return value * factor;
}
