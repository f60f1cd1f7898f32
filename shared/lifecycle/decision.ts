import type { Plan } from '../planning/plan.ts';
import type { ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import { canonicalJson } from '../workspace/canonical.ts';
import type { Performance } from './benchmark.ts';
import { benchmarkSoFar } from './benchmark-condition.ts';
import type { Condition, Verdict, Verdicts } from './conditions.ts';
import {
  inferencePending,
  inferenceReady,
  jobPending,
  jobStarted,
  nodesReady,
  poolReady,
  toConditions,
  toState,
} from './conditions.ts';
import { accrue, isSameRate, rateOf } from './cost.ts';
import { reconcileAllocations, workerNodes } from './nodes-outlook.ts';
import { isInTransition, Phase } from './phase.ts';
import { resourceVerdicts } from './resource-verdicts.ts';
import type { WorkspaceSnapshot } from './snapshot.ts';
import type { Allocation, Failure, SlipwayStatus, TrailEntry } from './slipway-status.ts';
import { describeSize, describeWishes, isBrought } from './slipway-status.ts';
import { standingOf } from './standing.ts';
import { after, recheckSeconds, secondsBetween } from './timing.ts';

/** What a turn writes when it has decided. */
export interface StatusWrite {
  slipway: SlipwayStatus;
  conditions: Condition[];
  state: string;
  workerNodes: string[];
  targetNodeCount: number;
  /** Result of the benchmark, when it has just been read; what is recorded stays. */
  performance?: Performance;
  trail: TrailEntry[];
}

/** A settled turn: write (or, when nothing changed, do not), then sleep. */
export interface Settled {
  act: 'settle';
  write: StatusWrite | undefined;
  /** The cluster orchestration should look now: pool wishes changed, or it rests and this workspace waits from now on. */
  wishesChanged: boolean;
  sleepSeconds: number;
}

/** What to do next in this turn. Everything but `settle` is one activity, after which the turn goes on. */
export type Decision =
  | Settled
  | { act: 'add-finalizer' }
  | { act: 'plan' }
  /** The nodes of the present rung are refused: plan for the next that can be had, from `rung` on. */
  | { act: 'climb'; rung: number; refused: ProvisioningFailure }
  | { act: 'apply-workload'; plan: Plan; revision: string }
  /** The model answers: what its benchmark measured is in its pod's log. */
  | { act: 'read-benchmark'; plan: Plan }
  /** The workload must go before its successor can be made. */
  | { act: 'clear-workload' }
  | { act: 'remove-workload' }
  | { act: 'finish' }
  /** The workspace's time is over: its record is to be deleted. */
  | { act: 'expire'; why: string };

/** The outcome of a turn's thinking, before it is compared with what is already written. */
export interface Step {
  phase: Phase;
  /** Why the phase is what it is; told in the trail when the phase changes. */
  why: string;
  waitingFor?: { what: string; deadline?: string };
  failure?: { code: string; message: string; remedy?: string };
  /** Verdicts on the nodes; as observed when left out. */
  pool?: Verdict;
  nodes?: Verdict;
  /** Verdict on the workload; what the phase implies when left out. */
  work?: Verdict;
  /** Verdict on the benchmark; what was said before when left out. */
  benchmark?: Verdict;
  /** To be recorded with it. */
  performance?: Performance;
  /** Fields of the status this step changes. */
  change?: Partial<SlipwayStatus>;
  /** Further lines for the trail. */
  trail?: { what: string; why: string }[];
  /** Sooner than the phase's usual re-check. */
  sleepSeconds?: number;
}

/** Turns a step into what must be written, or into nothing when it is written already. */
export function settle(snapshot: WorkspaceSnapshot, before: SlipwayStatus, step: Step, now: string): Settled {
  const wished = step.change?.allocations ?? before.allocations;
  const allocations = reconcileAllocations(wished, snapshot.observed, now);
  const slipway: SlipwayStatus = {
    ...before,
    ...step.change,
    allocations,
    phase: step.phase,
    phaseSince: before.phase === step.phase ? before.phaseSince : now,
    waitingFor: waitingFor(before, step, now),
    failure: failure(before, step, now),
    everReady: before.everReady || step.phase === Phase.Ready,
  };
  const usualSleep = sleepUntilNextTurn(slipway, step, now);
  slipway.nextTurnBy = nextTurnBy(before, usualSleep, now);
  const cost = accrue(before.cost, rateOf(allocations, snapshot.observed), now);
  if (!isSameRate(before.cost, cost)) slipway.cost = cost;
  const resource =
    step.phase === Phase.Succeeded
      ? { pool: poolReady, nodes: nodesReady }
      : resourceVerdicts(slipway, slipway.failure, snapshot.observed);
  const verdicts: Verdicts = {
    pool: snapshot.broughtNodes === true ? undefined : (step.pool ?? resource.pool),
    nodes: step.nodes ?? resource.nodes,
    work: step.work ?? workVerdict(snapshot, step.phase),
    benchmark: step.benchmark ?? benchmarkSoFar(snapshot.conditions, slipway.plan),
    tuning: snapshot.tuning,
    complete: step.phase === Phase.Succeeded,
    deleting: step.phase === Phase.Deleting,
    ...(slipway.failure === null ? {} : { failed: slipway.failure }),
  };
  const write: StatusWrite = {
    slipway,
    conditions: toConditions(verdicts, snapshot.conditions, snapshot.generation, now),
    state: toState(slipway.phase, slipway.everReady, verdicts),
    workerNodes: workerNodes(snapshot.observed),
    targetNodeCount: slipway.plan?.nodeCount ?? 0,
    ...(step.performance === undefined ? {} : { performance: step.performance }),
    trail: [...acceptedLines(wished, allocations, now), ...trail(before, slipway, step, now)],
  };
  const written = isWritten(write, snapshot);
  // The total grows by itself: it is brought up to date when there is something else to write.
  if (!written) slipway.cost = cost;
  return {
    act: 'settle',
    write: written ? undefined : write,
    wishesChanged:
      describeWishes(slipway.allocations) !== describeWishes(snapshot.slipway?.allocations ?? []) ||
      (isInTransition(slipway.phase) && !isInTransition(before.phase)),
    sleepSeconds: untilNextStanding(snapshot, usualSleep, now),
  };
}

/** Nobody sleeps past an expiry or a turn of the schedule. */
function untilNextStanding(snapshot: WorkspaceSnapshot, seconds: number, now: string): number {
  const { until } = standingOf(snapshot, now);
  return until === null ? seconds : Math.max(1, Math.min(seconds, Math.ceil(secondsBetween(now, until))));
}

function workVerdict({ tuning }: WorkspaceSnapshot, phase: Phase): Verdict {
  if (tuning) return phase === Phase.Running || phase === Phase.Succeeded ? jobStarted : jobPending;
  return phase === Phase.Ready ? inferenceReady : inferencePending;
}

function waitingFor(before: SlipwayStatus, step: Step, now: string): SlipwayStatus['waitingFor'] {
  if (step.waitingFor === undefined) return null;
  const since = before.waitingFor?.what === step.waitingFor.what ? before.waitingFor.since : now;
  return { ...step.waitingFor, since };
}

function failure(before: SlipwayStatus, step: Step, now: string): Failure | null {
  if (step.failure === undefined) return null;
  const at = before.failure?.code === step.failure.code ? before.failure.at : now;
  return { ...step.failure, at };
}

function sleepUntilNextTurn(slipway: SlipwayStatus, step: Step, now: string): number {
  const usual = step.sleepSeconds ?? recheckSeconds(slipway.phase);
  const deadline = slipway.waitingFor?.deadline;
  if (deadline === undefined) return usual;
  const untilDeadline = Math.ceil(secondsBetween(now, deadline)) + 1;
  return untilDeadline > 0 ? Math.min(usual, untilDeadline) : usual;
}

/**
 * The promise of a next turn covers three sleeps and is renewed at half of that, so that a turn without change writes nothing. At
 * least five minutes: the sweep must not race a slow turn.
 */
function nextTurnBy(before: SlipwayStatus, sleepSeconds: number, now: string): string {
  const promise = Math.max(300, 3 * sleepSeconds);
  const left = secondsBetween(now, before.nextTurnBy);
  return left >= promise / 2 && left <= promise ? before.nextTurnBy : after(now, promise);
}

/** Azure has taken up pools that it did not have before: theirs is the first bill. */
function acceptedLines(
  wished: readonly Allocation[],
  allocations: readonly Allocation[],
  now: string,
): TrailEntry[] {
  const known = new Set(wished.flatMap(({ pool, seen }) => (seen ? [pool] : [])));
  return allocations
    .filter((allocation) => allocation.seen && !known.has(allocation.pool) && !isBrought(allocation))
    .map(({ pool, count, instanceType }) => ({
      time: now,
      what: 'NodesAccepted',
      why: `Successfully created agent pool ${pool} (${describeSize(count, instanceType)})`,
    }));
}

function trail(before: SlipwayStatus, next: SlipwayStatus, step: Step, now: string): TrailEntry[] {
  const entries = (step.trail ?? []).map(({ what, why }) => ({ time: now, what, why }));
  if (before.phase !== next.phase) entries.push({ time: now, what: next.phase, why: step.why });
  else if (next.failure !== null && next.failure.code !== before.failure?.code) {
    entries.push({ time: now, what: next.failure.code, why: next.failure.message });
  }
  return entries;
}

function isWritten(write: StatusWrite, snapshot: WorkspaceSnapshot): boolean {
  if (write.trail.length > 0) return false;
  const { slipway, conditions, state, workerNodes: nodes, targetNodeCount } = write;
  return (
    canonicalJson([slipway, conditions, state, nodes, targetNodeCount]) ===
    canonicalJson([
      snapshot.slipway,
      snapshot.conditions,
      snapshot.state,
      snapshot.workerNodes,
      snapshot.targetNodeCount,
    ])
  );
}
