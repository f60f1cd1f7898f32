/**
 * Spends the calls that AKS lets a subscription make. LIST and GET of pools, DELETE and most other calls share one bucket of 60, refilled
 * at 1/s; each cluster has an equal part of it, so that the clusters of a subscription never drain it, whoever of them is busy. PUTs
 * have buckets of their own, one a pool. Source: AKS "quotas, SKUs, regions".
 */
import { secondsBetween } from './timing.ts';

/** A token bucket, as it was at `at`. */
export interface CallBudget {
  tokens: number;
  /** ISO 8601; empty for a full bucket that was never used. */
  at: string;
  /** The part of the subscription's calls that is this cluster's, above 0 and at most 1, as was told last. */
  share: number;
}

/**
 * Half of the bucket, for looks may overdraw this by their own burst (20, see tick-budget.ts), and the rest is for what nobody can
 * foresee: a look at the cluster's power, another client.
 */
const capacity = 30;
const refillPerSecond = 0.9;
/** The tick's own LIST. */
const lookCost = 1;

/** What of a pool operation decides its cost. */
interface Chargeable {
  kind: string;
  share?: boolean;
}

export const fullCallBudget: CallBudget = { tokens: capacity, at: '', share: 1 };

/**
 * The operations that the budget lets this tick start, in their order, and what is left of it after them and after the tick's LIST.
 * @param share see {@link CallBudget}
 */
export function withinBudget<Operation extends Chargeable>(
  operations: readonly Operation[],
  budget: CallBudget,
  share: number,
  now: string,
): { operations: Operation[]; budget: CallBudget } {
  const refilled =
    budget.at === '' ? capacity : budget.tokens + secondsBetween(budget.at, now) * refillPerSecond * share;
  let tokens = Math.min(capacity * share, refilled) - lookCost;
  const affordable: Operation[] = [];
  for (const operation of operations) {
    const cost = costOf(operation);
    if (cost > tokens) break;
    tokens -= cost;
    affordable.push(operation);
  }
  return { operations: affordable, budget: { tokens, at: now, share } };
}

/**
 * A delete looks whose pool it is, a resize or a repair what the pool is like; a creation is one PUT. What is wished of a shared pool is
 * written down in the cluster; who tends one looks at it and at its machines, and may have some deleted.
 */
function costOf({ kind, share = false }: Chargeable): number {
  if (kind === 'create' || share) return 0;
  if (kind === 'tend') return 3;
  return kind === 'release' || kind === 'remove-orphan' ? 2 : 1;
}
