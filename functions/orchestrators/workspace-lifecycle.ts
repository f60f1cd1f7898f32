import type { Settled } from '../../shared/lifecycle/decision.ts';
import {
  currentLogicVersion,
  decide,
  settleApplied,
  settleAwaiting,
  settleCleared,
  settleClimb,
  settleFailed,
  settleMeasured,
  settleNoOffer,
  settlePlanned,
  settleUnplannable,
  statusOf,
} from '../../shared/lifecycle/decide.ts';
import type { Turn } from '../../shared/lifecycle/decide.ts';
import { decideRemoved } from '../../shared/lifecycle/deleting.ts';
import type { WorkspaceSnapshot } from '../../shared/lifecycle/snapshot.ts';
import { wholeSnapshot } from '../../shared/lifecycle/snapshot.ts';
import type { ActivityFailure, Outcome } from '../contracts/activity.ts';
import type { LastKnown, SeenRecord, WorkspaceRun, Written } from '../contracts/workspace-activities.ts';
import {
  addFinalizer,
  applyWorkload,
  expireWorkspace,
  finishWorkspace,
  nudgeCluster,
  observeWorkspace,
  planWorkspace,
  readBenchmark,
  removeWorkload,
  writeStatus,
} from '../contracts/workspace-activities.ts';
import { backoffSeconds } from './backoff.ts';
import { clusterGone, isClusterGone } from './cluster-gone.ts';
import { lastKnownOf, stillKnown } from './last-known.ts';
import { nextRung } from './next-rung.ts';
import { releaseVanished } from './release-vanished.ts';
import type { Run, Steps } from './run.ts';

/** How one turn ended: when to look again, and whether it failed. */
interface TurnEnd {
  /** 0: the next turn follows at once. */
  sleepSeconds: number;
  pools: string[];
  failed: boolean;
  lastKnown: LastKnown;
  /** Nothing was decided about waits, or it could not be written. */
  unsettled?: true;
}

/**
 * The life of one workspace, one turn per execution: look at the record, decide, act, write, sleep. Ends only when the record with
 * its uid is gone and nothing of it is left, or when the cluster itself is gone.
 */
export function* workspaceLifecycle(run: Run<WorkspaceRun>): Steps<string> {
  const input = run.input();
  const now = run.now();
  const { blindSince } = input;
  const turn: Turn = {
    now,
    logicVersion: input.logicVersion,
    ...(blindSince === undefined ? {} : { blindSince }),
  };
  const seen = yield* run.call(observeWorkspace, input.reference);
  if (seen.ok && seen.value.snapshot === null) return yield* releaseVanished(run, input);
  if (!seen.ok && (yield* isClusterGone(run))) return clusterGone;
  const end =
    seen.ok && seen.value.snapshot !== null
      ? yield* takeTurn(run, wholeSnapshot(seen.value.snapshot), turn)
      : failedTurn(seen, input);
  run.show(end.lastKnown);
  if (end.sleepSeconds > 0) yield* run.sleep(end.sleepSeconds);
  run.restart({
    reference: input.reference,
    logicVersion: currentLogicVersion,
    pools: end.failed ? input.pools : end.pools,
    lastKnown: end.lastKnown,
    failures: end.failed ? input.failures + 1 : 0,
    ...(seen.ok ? (end.unsettled === true ? stillBlind(blindSince) : {}) : stillBlind(blindSince ?? now)),
  });
  return 'continued';
}

/** Time in which nobody could look is told to the first turn that settles anything. */
function stillBlind(blindSince: string | undefined): Pick<WorkspaceRun, 'blindSince'> {
  return blindSince === undefined ? {} : { blindSince };
}

function* takeTurn(run: Run<WorkspaceRun>, snapshot: WorkspaceSnapshot, turn: Turn): Steps<TurnEnd> {
  const record = seenRecord(snapshot);
  const decision = decide(snapshot, turn);
  switch (decision.act) {
    case 'add-finalizer':
      return guarded(run, yield* run.call(addFinalizer, record));
    case 'plan': {
      const planned = yield* run.call(planWorkspace, { ...record, now: turn.now });
      if (!planned.ok) {
        if (planned.failure.retryable) return failedTurn(planned, run.input());
        return yield* write(run, snapshot, settleUnplannable(snapshot, planned.failure, turn));
      }
      const { awaiting } = planned.value;
      if (awaiting !== undefined) {
        return yield* write(run, snapshot, settleAwaiting(snapshot, awaiting, turn));
      }
      const next = nextRung(planned.value);
      return yield* write(
        run,
        snapshot,
        'plan' in next ? settlePlanned(snapshot, next, turn) : settleNoOffer(snapshot, next.skipped, turn),
      );
    }
    case 'climb': {
      const { rung, refused } = decision;
      const planned = yield* run.call(planWorkspace, { ...record, now: turn.now, rung });
      if (!planned.ok && planned.failure.retryable) return failedTurn(planned, run.input());
      const next = planned.ok ? nextRung(planned.value) : { skipped: [] };
      return yield* write(run, snapshot, settleClimb(snapshot, refused, next, turn));
    }
    case 'apply-workload': {
      const { plan, revision } = decision;
      const applied = yield* run.call(applyWorkload, { record, plan, revision });
      if (applied.ok) return yield* write(run, snapshot, settleApplied(snapshot, revision, turn));
      if (applied.failure.retryable) return failedTurn(applied, run.input());
      return yield* write(run, snapshot, settleFailed(snapshot, applied.failure, turn));
    }
    case 'read-benchmark': {
      const { runtime, model } = decision.plan;
      const read = yield* run.call(readBenchmark, { record, plan: { runtime, model } });
      const look = read.ok ? read.value : { unread: read.failure };
      return yield* write(run, snapshot, settleMeasured(snapshot, look, turn));
    }
    case 'clear-workload': {
      const cleared = yield* run.call(removeWorkload, run.input().reference);
      if (!cleared.ok) return failedTurn(cleared, run.input());
      return yield* write(run, snapshot, settleCleared(snapshot, cleared.value.left, turn));
    }
    case 'remove-workload': {
      const removed = yield* run.call(removeWorkload, run.input().reference);
      if (!removed.ok) return failedTurn(removed, run.input());
      const next = decideRemoved(snapshot, statusOf(snapshot, turn), removed.value.left, turn.now);
      if (next.act === 'settle') return yield* write(run, snapshot, next);
      return finished(run, yield* run.call(finishWorkspace, record));
    }
    case 'expire':
      return guarded(run, yield* run.call(expireWorkspace, { record, why: decision.why, now: turn.now }));
    case 'finish':
      return finished(run, yield* run.call(finishWorkspace, record));
    case 'settle':
      return yield* write(run, snapshot, decision);
  }
}

/** Writes what was decided, if that is anything new, and wakes the cluster when its wishes changed. */
function* write(run: Run<WorkspaceRun>, snapshot: WorkspaceSnapshot, settled: Settled): Steps<TurnEnd> {
  const pools = settled.write?.slipway.allocations.map(({ pool }) => pool) ?? heldPools(snapshot);
  const lastKnown = lastKnownOf(snapshot, settled.write, run.now());
  const end: TurnEnd = { sleepSeconds: settled.sleepSeconds, pools, failed: false, lastKnown };
  if (settled.write === undefined) return end;
  run.show(lastKnown);
  const written = yield* run.call(writeStatus, { record: seenRecord(snapshot), write: settled.write });
  if (!written.ok) return failedTurn(written, run.input());
  if (!written.value.written) return { ...end, sleepSeconds: 1, pools: heldPools(snapshot), unsettled: true };
  if (settled.wishesChanged) yield* run.call(nudgeCluster, { cluster: snapshot.key.cluster });
  return end;
}

/** After a write that was guarded by what was seen: the next turn follows at once, or in a moment when somebody else was faster. */
function guarded(run: Run<WorkspaceRun>, outcome: Outcome<Written>): TurnEnd {
  if (!outcome.ok) return failedTurn(outcome, run.input());
  const lastKnown = stillKnown(run.input(), '');
  return {
    sleepSeconds: outcome.value.written ? 0 : 1,
    pools: run.input().pools,
    failed: false,
    lastKnown,
    unsettled: true,
  };
}

/** After the record was let go: its pools were seen to be gone, and nobody needs to ask Azure again. */
function finished(run: Run<WorkspaceRun>, outcome: Outcome<Written>): TurnEnd {
  const end = guarded(run, outcome);
  return outcome.ok && outcome.value.written ? { ...end, pools: [] } : end;
}

/** Nothing could be done and nothing is lost: the record keeps its intent, and the next turn begins anew. */
function failedTurn(outcome: Outcome<unknown>, input: WorkspaceRun): TurnEnd {
  const failure: ActivityFailure | undefined = outcome.ok ? undefined : outcome.failure;
  return {
    sleepSeconds: backoffSeconds(input.failures, failure?.retryAfterSeconds),
    pools: input.pools,
    failed: true,
    unsettled: true,
    lastKnown: stillKnown(input, failure === undefined ? '' : `${failure.code}: ${failure.message}`),
  };
}

function heldPools(snapshot: WorkspaceSnapshot): string[] {
  return snapshot.slipway?.allocations.map(({ pool }) => pool) ?? [];
}

function seenRecord({ key, uid, resourceVersion }: WorkspaceSnapshot): SeenRecord {
  return { ...key, uid, resourceVersion };
}
