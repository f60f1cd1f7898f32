import { releaseAll } from './allocation.ts';
import type { Decision, Settled } from './decision.ts';
import { settle } from './decision.ts';
import { expiredAt, expiryText } from './expiry.ts';
import { poolsAreGone } from './nodes-outlook.ts';
import { Phase } from './phase.ts';
import type { WorkspaceSnapshot } from './snapshot.ts';
import type { Allocation, Observed, SlipwayStatus } from './slipway-status.ts';

const going = { ready: false, reason: 'workspaceDeleted', message: 'workspace is being deleted' };

/** A deletion always begins by looking what is left in the cluster. Without our finalizer there is nothing of ours to wait for. */
export function decideDeleting(snapshot: WorkspaceSnapshot, status: SlipwayStatus, now: string): Decision {
  if (snapshot.hasFinalizer || status.allocations.length > 0) return { act: 'remove-workload' };
  return settleGoing(snapshot, status, { what: othersFinalizers, allocations: [] }, now);
}

const othersFinalizers = 'other controllers to take their finalizers off';

/**
 * After the workload's objects were asked to go: all wishes are withdrawn, and the end comes when neither objects nor pools are
 * left (invariant I2).
 */
export function decideRemoved(
  snapshot: WorkspaceSnapshot,
  status: SlipwayStatus,
  objectsLeft: number,
  now: string,
): Decision {
  const allocations = releaseAll(status.allocations, now);
  const poolsGone = poolsAreGone({ allocations }, snapshot.observed);
  if (objectsLeft === 0 && poolsGone) {
    return snapshot.hasFinalizer
      ? { act: 'finish' }
      : settleGoing(snapshot, status, { what: othersFinalizers, allocations }, now);
  }
  const waits = [
    ...(objectsLeft > 0 ? [`${objectsLeft} objects in the cluster`] : []),
    ...(poolsGone ? [] : [`agent pools ${allocations.map(({ pool }) => pool).join(', ')}`]),
  ];
  const what = `${waits.join(' and ')} to be gone${refusalText(snapshot.observed)}`;
  const soon = objectsLeft > 0 ? { sleepSeconds: 20 } : {};
  return settleGoing(snapshot, status, { what, allocations, ...soon }, now);
}

/** What Azure says to the delete, or to what was done with the pool before. */
function refusalText(observed: Observed | null): string {
  const refused = observed?.pools.find(({ state, failure }) => state !== 'deleting' && failure !== undefined);
  return refused?.failure === undefined ? '' : `: ${refused.failure.message}`;
}

/** An expired workspace was deleted by us, unless a person was faster by a moment. */
function whyGoing(snapshot: WorkspaceSnapshot, now: string): string {
  const expired = expiredAt(snapshot, now);
  return expired === null || snapshot.lifetime.onExpiry !== 'delete'
    ? 'deletion was asked for'
    : expiryText(expired);
}

function settleGoing(
  snapshot: WorkspaceSnapshot,
  status: SlipwayStatus,
  { what, allocations, ...soon }: { what: string; allocations: Allocation[]; sleepSeconds?: number },
  now: string,
): Settled {
  return settle(
    snapshot,
    status,
    {
      phase: Phase.Deleting,
      why: whyGoing(snapshot, now),
      waitingFor: { what },
      pool: going,
      nodes: going,
      work: going,
      change: { allocations },
      ...soon,
    },
    now,
  );
}
