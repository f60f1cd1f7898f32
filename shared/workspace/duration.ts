const unitSeconds: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 };

/** Whole seconds of a duration such as `90m`, `1h30m` or `7d`: Go's form, as Kubernetes writes it, and days. Undefined for anything else. */
export function durationSeconds(text: string): number | undefined {
  if (!/^(?:\d{1,7}[dhms])+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+)([dhms])/g)];
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitSeconds[unit ?? ''] ?? 0), 0);
}
