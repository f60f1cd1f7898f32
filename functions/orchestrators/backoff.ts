/** First and longest wait between turns that fail in a row. */
const firstSeconds = 5;
const longestSeconds = 300;

/** Seconds until the next try: doubling, and never sooner than the other side asked for. */
export function backoffSeconds(failures: number, retryAfterSeconds: number | undefined): number {
  return Math.max(
    Math.min(firstSeconds * 2 ** Math.min(failures, 10), longestSeconds),
    retryAfterSeconds ?? 0,
  );
}
