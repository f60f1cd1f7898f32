/**
 * Spaces the looks at a cluster. Every nudge asks for one; a few may follow each other at once, so that a single request is served
 * without delay, and a storm of them is served by one look in {@link refillSeconds}. Numbers: AKS shares one bucket of 60 LIST calls,
 * refilled at 1/s, among all clusters of a subscription; five clusters that look as often as they may stay within it.
 */
import { secondsBetween } from './timing.ts';

/** A token bucket, as it was at `at`. */
export interface TickBudget {
  tokens: number;
  /** ISO 8601; empty for a full bucket that was never used. */
  at: string;
}

const capacity = 10;
const refillSeconds = 5;
/** Even two looks in a row are this far apart: what one has started shows a moment later. */
const leastSpacingSeconds = 0.5;

export const fullTickBudget: TickBudget = { tokens: capacity, at: '' };

/** Pays for the look that has just been taken, and says how long the next one must wait at least. */
export function spendTick(budget: TickBudget, now: string): { pauseSeconds: number; budget: TickBudget } {
  const refilled =
    budget.at === '' ? capacity : budget.tokens + secondsBetween(budget.at, now) / refillSeconds;
  const tokens = Math.min(capacity, refilled) - 1;
  const pauseSeconds = tokens >= 0 ? leastSpacingSeconds : -tokens * refillSeconds;
  return { pauseSeconds: Math.max(leastSpacingSeconds, pauseSeconds), budget: { tokens, at: now } };
}
