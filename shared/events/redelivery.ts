/** When and under which id a message comes back after a passing fault. A throw would abandon it at once, without any back-off. */
import { createHash } from 'node:crypto';

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

/** Longest id that Service Bus takes. */
const longestId = 128;

/** Id of the re-scheduled copy; duplicate detection would swallow the same id. `attempt` counts from 1. */
export function redeliveredMessageId(messageId: string, attempt: number): string {
  const suffix = `.attempt-${attempt}`;
  const previous = `.attempt-${attempt - 1}`;
  const original =
    attempt > 1 && messageId.endsWith(previous) ? messageId.slice(0, -previous.length) : messageId;
  return `${shortId(original, longestId - suffix.length)}${suffix}`;
}

/** The id itself, or where it is too long its beginning and a hash: two long ids must not become one. */
export function shortId(id: string, longest = longestId): string {
  if (id.length <= longest) return id;
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 32);
  return `${id.slice(0, longest - hash.length - 1)}-${hash}`;
}
