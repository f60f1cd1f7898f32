import type { WorkspaceRun } from '../contracts/workspace-activities.ts';
import { findPools, nudgeCluster, removeWorkload } from '../contracts/workspace-activities.ts';
import { currentLogicVersion } from '../../shared/lifecycle/decide.ts';
import { backoffSeconds } from './backoff.ts';
import { clusterGone, isClusterGone } from './cluster-gone.ts';
import type { Run, Steps } from './run.ts';

/** A pool whose record is gone is removed by the cluster's orphan sweep; this is how often we look whether it has been. */
const lookAgainSeconds = 120;

/**
 * The record is gone: after our own delete, or because somebody removed the finalizer by hand. That is a delete too: its objects go,
 * and the end comes when no pool of it is left.
 */
export function* releaseVanished(run: Run<WorkspaceRun>, input: WorkspaceRun): Steps<string> {
  const { reference, pools } = input;
  const removed = yield* run.call(removeWorkload, reference);
  const cleared = removed.ok && removed.value.left === 0;
  if (cleared && pools.length === 0) return 'gone';
  const found = yield* run.call(findPools, { cluster: reference.cluster, uid: reference.uid, pools });
  if (cleared && found.ok && found.value.pools.length === 0) return 'gone';
  if (!removed.ok && !removed.failure.retryable) return removed.failure.code;
  const failed = !removed.ok || !found.ok;
  if (failed && (yield* isClusterGone(run))) return clusterGone;
  if (found.ok) yield* run.call(nudgeCluster, { cluster: reference.cluster });
  yield* run.sleep(failed ? backoffSeconds(input.failures, undefined) : lookAgainSeconds);
  run.restart({
    reference,
    logicVersion: currentLogicVersion,
    pools: found.ok ? found.value.pools : pools,
    lastKnown: input.lastKnown,
    failures: failed ? input.failures + 1 : 0,
  });
  return 'continued';
}
