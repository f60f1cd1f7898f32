/**
 * Spaces the looks at a cluster. Every nudge asks for one; a few may follow each other at once, so that a single request is served
 * without delay, and a storm of them is served by one look in {@link refillSeconds}. Numbers: AKS shares one bucket of 60 calls,
 * refilled at 1/s, among all clusters of a subscription; looks take at most half of it, the rest is for deletes and resizes.
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
/** Looks of all clusters of a subscription that may follow each other at once, and a second later on. */
const sharedCapacity = 20;
const sharedPerSecond = 0.5;
/** Even two looks in a row are this far apart: what one has started shows a moment later. */
const leastSpacingSeconds = 0.5;

export const fullTickBudget: TickBudget = { tokens: capacity, at: '' };

/**
 * Pays for the look that has just been taken, and says how long the next one must wait at least.
 * @param share part of the subscription's calls that is this cluster's, above 0 and at most 1
 */
export function spendTick(
  budget: TickBudget,
  now: string,
  share: number,
): { pauseSeconds: number; budget: TickBudget } {
  const most = Math.min(capacity, sharedCapacity * share);
  const perToken = Math.max(refillSeconds, 1 / (sharedPerSecond * share));
  const refilled = budget.at === '' ? most : budget.tokens + secondsBetween(budget.at, now) / perToken;
  const tokens = Math.min(most, refilled) - 1;
  const pauseSeconds = tokens >= 0 ? leastSpacingSeconds : -tokens * perToken;
  return { pauseSeconds: Math.max(leastSpacingSeconds, pauseSeconds), budget: { tokens, at: now } };
}
