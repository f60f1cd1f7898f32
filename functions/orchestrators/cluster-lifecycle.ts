import { currentLogicVersion } from '../../shared/lifecycle/decide.ts';
import type { ClusterMemory, OperationOutcome } from '../../shared/lifecycle/pool-operations.ts';
import { overdueOrphans } from '../../shared/lifecycle/orphans.ts';
import { newClusterMemory, remember, startable } from '../../shared/lifecycle/pool-operations.ts';
import { noteRepairs } from '../../shared/lifecycle/pool-repairs.ts';
import {
  after,
  busyTickSeconds,
  calmTickSeconds,
  idleTickSeconds,
  prepareEverySeconds,
} from '../../shared/lifecycle/timing.ts';
import type { ActivityFailure } from '../contracts/activity.ts';
import type { ClusterRun, ClusterView } from '../contracts/cluster-activities.ts';
import { checkPower, observeCluster, operatePool, prepareCluster } from '../contracts/cluster-activities.ts';
import { withinBudget } from '../../shared/lifecycle/call-budget.ts';
import { spendTick } from '../../shared/lifecycle/tick-budget.ts';
import { backoffSeconds } from './backoff.ts';
import { clusterGone } from './cluster-gone.ts';
import type { Run, Steps } from './run.ts';

/** A stopped cluster is looked at this often; nothing of it is touched until it runs. */
const parkedSeconds = 600;

/** How one tick ended. */
interface TickEnd {
  memory: ClusterMemory;
  sleepSeconds: number;
  failed: boolean;
  /** Azure asked for quiet: no nudge ends this wait. */
  quietSeconds?: number;
}

/** Orphans named in the custom status, which must stay far below 16 KB; `GET /api/orphans` tells all. */
const orphansShown = 40;

/** Failures by which Azure asks not to be called for a while. */
const throttled: ReadonlySet<string> = new Set(['Throttled', 'ThrottledByCompute']);

/**
 * The only observer of one cluster and the only writer of its agent pools, one tick per execution: prepare, list, tell the records,
 * execute what they wish, sleep. Ends when the cluster is gone.
 */
export function* clusterLifecycle(run: Run<ClusterRun>): Steps<string> {
  const given = run.input();
  // Memory written by an older version lacks what was added since.
  const input: ClusterRun = { ...given, memory: { ...newClusterMemory, ...given.memory } };
  const prepared = yield* prepare(run, input);
  if (prepared === 'gone') return clusterGone;
  const end = prepared.failed ? prepared : yield* tick(run, input.cluster, prepared.memory);
  if (end === 'gone') return clusterGone;
  const { tickBudget, callBudget } = end.memory;
  const { pauseSeconds, budget } = spendTick(tickBudget, run.now(), callBudget.share);
  yield* run.pause(Math.max(pauseSeconds, end.quietSeconds ?? 0));
  yield* run.sleep(end.sleepSeconds);
  run.restart({
    cluster: input.cluster,
    logicVersion: currentLogicVersion,
    memory: { ...end.memory, tickBudget: budget },
    failures: end.failed ? input.failures + 1 : 0,
  });
  return 'continued';
}

/** Installs what the cluster needs and takes its Lease, now and then. */
function* prepare(run: Run<ClusterRun>, { cluster, memory, failures }: ClusterRun): Steps<TickEnd | 'gone'> {
  const now = run.now();
  const due = memory.preparedAt === null || after(memory.preparedAt, prepareEverySeconds) <= now;
  if (!due) return { memory, sleepSeconds: 0, failed: false };
  const prepared = yield* run.call(prepareCluster, { cluster, now, identity: memory.identity });
  if (!prepared.ok) {
    run.show({
      workspaces: memory.holding,
      waitingFor: prepared.failure.message,
      failure: prepared.failure.code,
    });
    return yield* unreachable(run, { cluster, memory, failures }, prepared.failure);
  }
  const { identity, condition, ready } = prepared.value;
  if (condition === 'replaced') return 'gone';
  if (!ready)
    return {
      memory: { ...memory, identity },
      sleepSeconds: backoffSeconds(failures, undefined),
      failed: true,
    };
  return { memory: { ...memory, identity, preparedAt: now }, sleepSeconds: 0, failed: false };
}

function* tick(run: Run<ClusterRun>, cluster: string, memory: ClusterMemory): Steps<TickEnd | 'gone'> {
  const now = run.now();
  const { runningSince, orphanSince, ailingSince, repairedAt } = memory;
  const looking = { cluster, now, runningSince, orphanSince, ailingSince, repairedAt };
  const seen = yield* run.call(observeCluster, looking);
  if (!seen.ok) {
    run.show({ workspaces: memory.holding, waitingFor: seen.failure.message, failure: seen.failure.code });
    return yield* unreachable(run, { cluster, memory, failures: run.input().failures }, seen.failure);
  }
  const view = seen.value;
  const current: ClusterMemory = {
    ...memory,
    runningSince: view.runningSince,
    orphanSince: view.orphanSince,
    ailingSince: view.ailingSince ?? {},
    holding: view.holding,
  };
  const removable = view.removable ?? [];
  const orphans = overdueOrphans(removable, view.orphanSince, now);
  const ready = startable([...view.wanted, ...orphans], current, now);
  const share = view.subscriptionShare ?? 1;
  const { operations, budget } = withinBudget(ready, current.callBudget, share, now);
  const outcomes = yield* run.callAll(
    operatePool,
    operations.map((operation) => ({ cluster, operation, now })),
  );
  const learnt = remember(
    { ...current, callBudget: budget },
    outcomes.map((outcome, index) => operationOutcome(outcome, operations[index]?.pool ?? '')),
    now,
  );
  run.show({
    workspaces: view.holding,
    inTransition: view.inTransition,
    operations: operations.length,
    trouble: view.trouble.slice(0, 500),
    orphans: JSON.stringify(Object.fromEntries(Object.entries(view.orphanSince).slice(0, orphansShown))),
  });
  const remembered = { ...learnt, repairedAt: noteRepairs(repairedAt, operations, now) };
  return { memory: remembered, sleepSeconds: sleepSeconds(view, operations.length), failed: false };
}

/**
 * ARM says why the cluster does not answer: stopped clusters are parked, deleted ones are let go. What Azure tells about a creation (a
 * day for a size that it does not offer) is no reason not to look for longer than at a parked one.
 */
function* unreachable(
  run: Run<ClusterRun>,
  { cluster, memory, failures }: Pick<ClusterRun, 'cluster' | 'memory' | 'failures'>,
  { code, retryAfterSeconds }: ActivityFailure,
): Steps<TickEnd | 'gone'> {
  if (throttled.has(code)) {
    const quietSeconds = backoffSeconds(failures, retryAfterSeconds);
    return { memory, sleepSeconds: 1, quietSeconds, failed: true };
  }
  const backoff = backoffSeconds(failures, Math.min(retryAfterSeconds ?? 0, parkedSeconds));
  const power = yield* run.call(checkPower, { cluster });
  if (power.ok && power.value.condition === 'gone') return 'gone';
  const parked = power.ok && power.value.condition === 'stopped';
  // Nobody has looked meanwhile: a node of a cluster that was stopped has all the time again to come back.
  const forgetful: ClusterMemory = { ...memory, preparedAt: null, ailingSince: {} };
  return {
    memory: forgetful,
    sleepSeconds: parked ? parkedSeconds : backoff,
    failed: true,
  };
}

function operationOutcome(
  outcome: { ok: true; value: OperationOutcome } | { ok: false; failure: { retryAfterSeconds?: number } },
  pool: string,
): OperationOutcome {
  if (outcome.ok) return outcome.value;
  const { retryAfterSeconds } = outcome.failure;
  return { pool, result: 'retry', ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
}

function sleepSeconds(view: ClusterView, started: number): number {
  if (started > 0 || view.wanted.length > 0 || view.inTransition > 0) return busyTickSeconds;
  const orphans = view.removable ?? Object.keys(view.orphanSince);
  if (orphans.length > 0 || Object.keys(view.runningSince).length > 0) return busyTickSeconds;
  return (view.awake ?? view.holding) > 0 ? calmTickSeconds : idleTickSeconds;
}
