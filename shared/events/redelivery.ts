/** When and under which id a message comes back after a passing fault. A throw would abandon it at once, without any back-off. */

/** Tries end when a request is this old; then it is rejected with the last fault. */
export const retryWindowSeconds = 24 * 3600;

/** First and longest wait between two tries. */
const firstDelaySeconds = 5;
const longestDelaySeconds = 300;

/** Records that a delete was asked for outlive every queued copy: queue time-to-live (14 days) plus all back-off. */
export const tombstoneSeconds = 16 * 24 * 3600;

/** Seconds until try `attempt + 1`, doubling, never sooner than the other side asked for. */
export function redeliveryDelaySeconds(attempt: number, retryAfterSeconds: number | undefined): number {
  const backoff = Math.min(firstDelaySeconds * 2 ** Math.min(attempt, 10), longestDelaySeconds);
  return Math.max(backoff, retryAfterSeconds ?? 0);
}

/** Id of the re-scheduled copy; duplicate detection would swallow the same id. */
export function redeliveredMessageId(messageId: string, attempt: number): string {
  const original = messageId.replace(/\.attempt-\d+$/, '');
  const suffix = `.attempt-${attempt}`;
  return `${original.slice(0, 128 - suffix.length)}${suffix}`;
}
