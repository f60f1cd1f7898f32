import type { RetryOptions } from './orchestrator-result.ts';

/** The last instant a Date can hold; back-off beyond it is clamped. */
const endOfTime = 8_640_000_000_000_000;

/**
 * When the timer after failed attempt number `attempt` (from 1) fires, epoch milliseconds; undefined when the .NET host
 * gives up without a timer because `retryTimeout` is over. After the last attempt the host still creates a timer, which
 * fires at once: it once waited there by mistake, and old histories must still replay (DurableTask.Core, RetryInterceptor).
 */
export function retryAt(
  options: RetryOptions,
  attempt: number,
  times: { firstAttempt: number; now: number },
): number | undefined {
  const { firstAttempt, now } = times;
  if (
    options.retryTimeoutInMilliseconds !== undefined &&
    now >= firstAttempt + options.retryTimeoutInMilliseconds
  ) {
    return undefined;
  }
  if (attempt >= options.maxNumberOfAttempts) return now;
  const growth = Math.pow(options.backoffCoefficient ?? 1, attempt - 1);
  const delay = Math.min(
    options.firstRetryIntervalInMilliseconds * growth,
    options.maxRetryIntervalInMilliseconds ?? Infinity,
  );
  return Math.min(now + delay, endOfTime);
}
