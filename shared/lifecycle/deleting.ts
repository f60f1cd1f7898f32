import { releaseAll } from './allocation.ts';
import type { Decision } from './decision.ts';
import { settle } from './decision.ts';
import { poolsAreGone } from './nodes-outlook.ts';
import { Phase } from './phase.ts';
import type { WorkspaceSnapshot } from './snapshot.ts';
import type { SlipwayStatus } from './slipway-status.ts';

const going = { ready: false, reason: 'workspaceDeleted', message: 'workspace is being deleted' };

/** A deletion always begins by looking what is left in the cluster. Without our finalizer there is nothing of ours to wait for. */
export function decideDeleting(snapshot: WorkspaceSnapshot, status: SlipwayStatus): Decision {
  return snapshot.hasFinalizer || status.allocations.length > 0
    ? { act: 'remove-workload' }
    : { act: 'finish' };
}

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
  if (objectsLeft === 0 && poolsGone) return { act: 'finish' };
  const waits = [
    ...(objectsLeft > 0 ? [`${objectsLeft} objects in the cluster`] : []),
    ...(poolsGone ? [] : [`agent pools ${allocations.map(({ pool }) => pool).join(', ')}`]),
  ];
  return settle(
    snapshot,
    status,
    {
      phase: Phase.Deleting,
      why: 'deletion was asked for',
      waitingFor: { what: `${waits.join(' and ')} to be gone` },
      pool: going,
      nodes: going,
      inference: going,
      change: { allocations },
      ...(objectsLeft > 0 ? { sleepSeconds: 20 } : {}),
    },
    now,
  );
}
