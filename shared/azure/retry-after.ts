/** Reads one header by lower-case name. */
export type HeaderReader = (name: string) => string | undefined;

/**
 * Seconds to wait by the answer's headers: `retry-after-ms`, `x-ms-retry-after-ms`, then `Retry-After` as seconds or as a
 * date against the answer's own `Date`. Undefined when none can be read.
 */
export function retryAfterSeconds(header: HeaderReader): number | undefined {
  for (const name of ['retry-after-ms', 'x-ms-retry-after-ms']) {
    const milliseconds = wholeNumber(header(name));
    if (milliseconds !== undefined) return Math.ceil(milliseconds / 1000);
  }
  const value = header('retry-after');
  if (value === undefined) return undefined;
  const seconds = wholeNumber(value);
  if (seconds !== undefined) return seconds;
  const [at, sent] = [Date.parse(value), Date.parse(header('date') ?? '')];
  return Number.isNaN(at) || Number.isNaN(sent) ? undefined : Math.max(0, Math.ceil((at - sent) / 1000));
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(text) ? Math.ceil(Number(text)) : undefined;
}
