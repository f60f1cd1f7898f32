import type { PassedRung } from '../planning/passed-rung.ts';
import { describeOffer } from '../planning/placement.ts';
import type { Plan } from '../planning/plan.ts';
import type { ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import { allocate, allocateRung, releaseAll } from './allocation.ts';
import type { BenchmarkLook } from './benchmarked.ts';
import { settleBenchmarked } from './benchmarked.ts';
import type { ChosenRung } from './climbing.ts';
import { exhaustion, settleClimbed, settleExhausted, skippedLine } from './climbing.ts';
import type { Decision, Settled } from './decision.ts';
import { settleAwaitingNodes } from './awaiting-nodes.ts';
import { settle } from './decision.ts';
import { decideDeleting } from './deleting.ts';
import type { FailureFacts } from './failing.ts';
import { failedFor } from './failing.ts';
import { mustReplace } from './held-rung.ts';
import { decideNodes } from './provisioning.ts';
import { isInTransition, Phase } from './phase.ts';
import { after, secondsBetween } from './timing.ts';
import type { WorkspaceSnapshot } from './snapshot.ts';
import { standingOf } from './standing.ts';
import type { Standing } from './standing.ts';
import { settleResumed, settleSuspended } from './suspending.ts';
import type { Allocation, SlipwayStatus } from './slipway-status.ts';
import { describeSize, initialStatus, liveAllocation } from './slipway-status.ts';

/** Raise when decisions change so that live workspaces must be told apart; it travels in the orchestration's input. */
export const currentLogicVersion = 3;

/** The moment and the rules a turn decides by. */
export interface Turn {
  /** ISO 8601, from the orchestration. */
  now: string;
  logicVersion: number;
  /** ISO 8601: since when nobody could look until now, as while the cluster was stopped; that time counts as no waiting. */
  blindSince?: string;
}

/**
 * What to do next for a workspace, from what is seen alone. Level-triggered: called again with the same snapshot it decides the
 * same, so a lost, doubled or late event changes nothing.
 */
export function decide(snapshot: WorkspaceSnapshot, turn: Turn): Decision {
  const status = statusOf(snapshot, turn);
  if (snapshot.deleting) return decideDeleting(snapshot, status, turn.now);
  const standing = standingOf(snapshot, turn.now);
  if (standing.holds === 'expired') return { act: 'expire', why: standing.why };
  if (!snapshot.hasFinalizer) return { act: 'add-finalizer' };
  if (snapshot.faults.length > 0) return refuse(snapshot, status, turn.now);
  // Nodes that its user has brought are not ours to take away: such a workspace goes on.
  if (standing.holds === 'suspended' && status.plan?.broughtNodes !== true)
    return settleSuspended(snapshot, status, standing, turn.now);
  if (status.plannedIntent !== snapshot.workIntent) return { act: 'plan' };
  return decidePlanned(snapshot, { ...status, observedIntent: snapshot.intent }, standing, turn);
}

/** What the plan was made for is still wanted. */
function decidePlanned(
  snapshot: WorkspaceSnapshot,
  status: SlipwayStatus,
  standing: Standing,
  turn: Turn,
): Decision {
  const allocation = liveAllocation(status);
  if (status.phase === Phase.Suspended) {
    return status.plan === null || allocation === undefined
      ? { act: 'plan' }
      : settleResumed({ snapshot, status, plan: status.plan, allocation, now: turn.now }, standing.why);
  }
  if (status.phase === Phase.Succeeded) return staySucceeded(snapshot, status, turn.now);
  if (status.plan === null || allocation === undefined) return stayFailed(snapshot, status, turn.now);
  return decideNodes({ snapshot, status, plan: status.plan, allocation, now: turn.now });
}

/** The turn's end after a plan was made: wishes for its nodes. What is held and fits is kept, and goes on serving. */
export function settlePlanned(snapshot: WorkspaceSnapshot, chosen: ChosenRung, turn: Turn): Settled {
  const status = statusOf(snapshot, turn);
  const { plan, rung, offer, skipped } = chosen;
  const change = mustReplace(status, snapshot.observed)
    ? allocateRung({ ...status, generation: status.generation + 1 }, snapshot.uid, chosen, turn.now)
    : allocate(status, snapshot.uid, chosen, turn.now);
  const live = liveAllocation(change);
  const kept = isSame(live, liveAllocation(status));
  const climbed = rung > 0 && skipped.length > 0;
  return settle(
    snapshot,
    status,
    {
      phase: phaseOfPlanned(status.phase, kept),
      why: `${describeSize(plan.nodeCount, plan.instanceType)} planned`,
      waitingFor: {
        what: kept
          ? 'the workload to be brought up to date'
          : `agent pool ${live?.pool ?? ''} to be asked for`,
      },
      change: {
        ...change,
        plan,
        ...actedOn(snapshot),
        // A rung above the first that nothing was skipped for is one that is held, by the climb of before.
        passed: rung > 0 && !climbed ? status.passed : [...skipped],
        replacements: 0,
        failure: null,
      },
      trail: [
        ...skippedLine(skipped),
        { what: 'Planned', why: planText(plan, live?.pool) },
        ...(climbed
          ? [{ what: 'FallbackChosen', why: `rung ${rung}: ${describeOffer(offer, plan.nodeCount)}` }]
          : []),
      ],
      sleepSeconds: 2,
    },
    turn.now,
  );
}

function isSame(one: Allocation | undefined, other: Allocation | undefined): boolean {
  return one?.pool === other?.pool && one?.count === other?.count && one?.power === other?.power;
}

function phaseOfPlanned(phase: Phase, kept: boolean): Phase {
  switch (phase) {
    case Phase.Ready:
      return kept ? Phase.Ready : Phase.Degraded;
    case Phase.Degraded:
      return Phase.Degraded;
    default:
      return Phase.Provisioning;
  }
}

/**
 * The turn's end when no plan can be made for what the user wants now. What runs keeps running, but nothing is applied until the
 * intent changes.
 */
export function settleUnplannable(snapshot: WorkspaceSnapshot, failure: FailureFacts, turn: Turn): Settled {
  const change = { plan: null, ...actedOn(snapshot) };
  return settle(snapshot, statusOf(snapshot, turn), { ...failedFor(failure), change }, turn.now);
}

/**
 * The turn's end when every rung of the ladder is known to be refused: Azure is asked for nothing. Nodes that run keep running.
 */
export function settleNoOffer(
  snapshot: WorkspaceSnapshot,
  skipped: readonly PassedRung[],
  turn: Turn,
): Settled {
  const status = statusOf(snapshot, turn);
  const change = {
    plan: null,
    ...actedOn(snapshot),
    passed: [...skipped],
    ...(mustReplace(status, snapshot.observed)
      ? { allocations: releaseAll(status.allocations, turn.now) }
      : {}),
  };
  const step = { ...failedFor(exhaustion(skipped)), change, trail: skippedLine(skipped) };
  return settle(snapshot, status, step, turn.now);
}

/** The turn's end when a plan must wait for nodes that the user is to bring. */
export function settleAwaiting(snapshot: WorkspaceSnapshot, what: string, turn: Turn): Settled {
  return settleAwaitingNodes(snapshot, statusOf(snapshot, turn), what, turn.now);
}

/** The turn's end after the next rung was looked for: another wish, or why there is none. */
export function settleClimb(
  snapshot: WorkspaceSnapshot,
  refused: ProvisioningFailure,
  next: ChosenRung | { skipped: readonly PassedRung[] },
  turn: Turn,
): Settled {
  const climb = { snapshot, status: statusOf(snapshot, turn), refused, now: turn.now };
  return 'plan' in next ? settleClimbed(climb, next) : settleExhausted(climb, next.skipped);
}

/** The turn's end after an activity said that trying again changes nothing. */
export function settleFailed(snapshot: WorkspaceSnapshot, failure: FailureFacts, turn: Turn): Settled {
  return settle(snapshot, statusOf(snapshot, turn), failedFor(failure), turn.now);
}

/** The turn's end after an outdated Job was asked to go. */
export function settleCleared(snapshot: WorkspaceSnapshot, objectsLeft: number, turn: Turn): Settled {
  return settle(
    snapshot,
    statusOf(snapshot, turn),
    {
      phase: Phase.Deploying,
      why: 'the workload is made anew',
      waitingFor: { what: `${objectsLeft} objects of the old workload to be gone` },
      change: { appliedWorkload: '' },
      sleepSeconds: 30,
    },
    turn.now,
  );
}

/** The turn's end after the log of a model that answers was looked at for its benchmark's result. */
export function settleMeasured(snapshot: WorkspaceSnapshot, look: BenchmarkLook, turn: Turn): Settled {
  return settleBenchmarked(snapshot, statusOf(snapshot, turn), look, turn.now);
}

/** The turn's end after the workload was applied. */
export function settleApplied(snapshot: WorkspaceSnapshot, revision: string, turn: Turn): Settled {
  const status = statusOf(snapshot, turn);
  return settle(
    snapshot,
    status,
    {
      phase: status.everReady && status.appliedWorkload === revision ? Phase.Degraded : Phase.Deploying,
      why: status.appliedWorkload === '' ? 'all nodes are ready' : 'the workload is brought up to date',
      waitingFor: { what: 'the workload to be seen' },
      change: { appliedWorkload: revision },
      trail: [{ what: 'WorkloadApplied', why: `revision ${revision}` }],
      sleepSeconds: 30,
    },
    turn.now,
  );
}

function actedOn({
  intent,
  workIntent,
}: WorkspaceSnapshot): Pick<SlipwayStatus, 'observedIntent' | 'plannedIntent'> {
  return { observedIntent: intent, plannedIntent: workIntent };
}

export function statusOf(snapshot: WorkspaceSnapshot, turn: Turn): SlipwayStatus {
  const status = snapshot.slipway ?? initialStatus(turn.now, turn.logicVersion);
  return { ...withoutBlindTime(status, turn), logicVersion: turn.logicVersion };
}

/** What is waited for could not come, or not be seen, while nobody could look: patience goes on where it was. */
function withoutBlindTime(status: SlipwayStatus, { now, blindSince }: Turn): SlipwayStatus {
  if (blindSince === undefined || !isInTransition(status.phase)) return status;
  const later = (since: string): string =>
    since < blindSince ? after(since, secondsBetween(blindSince, now)) : now;
  return {
    ...status,
    phaseSince: later(status.phaseSince),
    allocations: status.allocations.map((one) => ({ ...one, since: later(one.since) })),
  };
}

function refuse(snapshot: WorkspaceSnapshot, status: SlipwayStatus, now: string): Settled {
  const message = snapshot.faults.map((fault) => `${fault.field}: ${fault.message}`).join('; ');
  const remedies = snapshot.faults.flatMap(({ remedy }) => (remedy === undefined ? [] : [remedy]));
  const failure = {
    code: 'WorkspaceInvalid',
    message,
    remedy: remedies.length > 0 ? remedies.join(' ') : 'Correct the fields and apply the Workspace again.',
  };
  const change = { observedIntent: snapshot.intent, plannedIntent: '' };
  return settle(snapshot, status, { ...failedFor(failure), change }, now);
}

/** A tuning Job is run once for an intent; its nodes are going or gone. */
function staySucceeded(snapshot: WorkspaceSnapshot, status: SlipwayStatus, now: string): Settled {
  return settle(snapshot, status, { phase: Phase.Succeeded, why: 'the tuning job is complete' }, now);
}

/** Nothing is wished for, or nothing can be: it failed for good, and its user has not changed anything since. */
function stayFailed(snapshot: WorkspaceSnapshot, status: SlipwayStatus, now: string): Settled {
  const unexplained = {
    code: 'NothingPlanned',
    message: 'there is no plan',
    remedy: 'Set the annotation slipway.dev/retry to any new value.',
  };
  return settle(snapshot, status, failedFor(status.failure ?? unexplained), now);
}

function planText(plan: Plan, pool: string | undefined): string {
  const where = pool === undefined || plan.broughtNodes ? '' : ` in agent pool ${pool}`;
  return `${describeSize(plan.nodeCount, plan.instanceType)}${where} for ${plan.preset}`;
}
