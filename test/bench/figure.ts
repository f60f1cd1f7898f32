/** One line of the bench's table. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** What we want it to be; a figure that misses is told of, and fails nothing. */
  aim?: { atMost: number } | { atLeast: number };
}

/** The value below which `share` (0 to 1) of all lie, by the nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('no values were measured');
  return value;
}

/** As numbers in a table are read: three significant digits, whole from a hundred on. */
export function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

export function printTable(figures: readonly Figure[]): void {
  console.table(
    Object.fromEntries(
      figures.map(({ name, value, unit, aim }) => [
        name,
        {
          value: rounded(value),
          unit,
          ...verdict(value, aim),
        },
      ]),
    ),
  );
}

function verdict(value: number, aim: Figure['aim']): { aim: string; met: string } {
  if (aim === undefined) return { aim: '', met: '' };
  const [text, met] =
    'atMost' in aim
      ? [`at most ${aim.atMost}`, value <= aim.atMost]
      : [`at least ${aim.atLeast}`, value >= aim.atLeast];
  return { aim: text, met: met ? 'yes' : 'NO' };
}
