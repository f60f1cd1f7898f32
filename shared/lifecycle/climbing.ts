/** Up the fallback ladder: nodes that Azure refuses are asked for on other terms or in another size. */
import { describePassed, mostTelling, passedRung } from '../planning/passed-rung.ts';
import type { PassedRung } from '../planning/passed-rung.ts';
import { describeOffer } from '../planning/placement.ts';
import type { ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import type { PlannedRung } from './allocation.ts';
import { allocateRung, releaseAll } from './allocation.ts';
import type { Settled, Step } from './decision.ts';
import { settle } from './decision.ts';
import type { FailureFacts } from './failing.ts';
import { failedFor } from './failing.ts';
import { Phase } from './phase.ts';
import type { WorkspaceSnapshot } from './snapshot.ts';
import type { SlipwayStatus } from './slipway-status.ts';
import { liveAllocation } from './slipway-status.ts';

/** The version of the logic from which on a refusal leads to the next rung; turns of older versions give up instead. */
export const climbsSince = 2;

/**
 * Whether other terms or another size may be had although these are refused. A full region is full for on-demand nodes; spot nodes have
 * a quota of their own, and a smaller size may still fit. Source: reference, error table.
 */
export function mayClimb({ class: kind, code }: Pick<ProvisioningFailure, 'class' | 'code'>): boolean {
  return kind === 'next-rung' || code === 'InsufficientRegionalQuota';
}

/** A rung to ask for, and those below it that were passed over without asking. */
export interface ChosenRung extends PlannedRung {
  skipped: readonly PassedRung[];
}

/** A workspace whose present rung is refused. */
export interface Refused {
  snapshot: WorkspaceSnapshot;
  status: SlipwayStatus;
  refused: ProvisioningFailure;
  /** ISO 8601. */
  now: string;
}

/** The turn's end with a wish for another rung: the refused one is given back. */
export function settleClimbed({ snapshot, status, refused, now }: Refused, chosen: ChosenRung): Settled {
  const { plan, rung, offer, skipped } = chosen;
  const change = allocateRung(status, snapshot.uid, chosen, now);
  const pool = liveAllocation(change)?.pool ?? '';
  const served = status.phase === Phase.Ready || status.phase === Phase.Degraded;
  const wanted = describeOffer(offer, plan.nodeCount);
  const step: Step = {
    phase: served ? Phase.Degraded : Phase.Provisioning,
    why: `${wanted} instead: ${refused.message}`,
    waitingFor: { what: `agent pool ${pool} to be asked for` },
    change: { ...change, plan, passed: [...passedSoFar(status, refused), ...skipped], replacements: 0 },
    trail: [
      ...refusedLine(status, refused),
      ...skippedLine(skipped),
      { what: 'FallbackChosen', why: `rung ${rung}: ${wanted}, in agent pool ${pool}` },
    ],
    sleepSeconds: 2,
  };
  return settle(snapshot, status, step, now);
}

/** The turn's end when no rung is left: what is held goes, and the user reads why for each. */
export function settleExhausted(
  { snapshot, status, refused, now }: Refused,
  skipped: readonly PassedRung[],
): Settled {
  const passed = [...passedSoFar(status, refused), ...skipped];
  const step: Step = {
    ...failedFor(passed.length === 1 ? withAdvice(refused) : exhaustion(passed)),
    change: { allocations: releaseAll(status.allocations, now), passed },
    trail: [...refusedLine(status, refused), ...skippedLine(skipped)],
  };
  return settle(snapshot, status, step, now);
}

/** Why no rung at all can be had: each with its reason, the code and the remedy of the most telling. */
export function exhaustion(passed: readonly PassedRung[]): FailureFacts {
  const [only] = passed;
  const telling = mostTelling(passed);
  if (telling === undefined || only === undefined) {
    return { code: 'NoOffer', message: 'there is nothing to ask Azure for' };
  }
  if (passed.length === 1) return withAdvice(only);
  const { code, remedy } = withAdvice(telling);
  return {
    code,
    message: `none of ${passed.length} offers can be had: ${describePassed(passed)}`,
    remedy,
  };
}

/** For refusals that name no remedy of their own. */
function withAdvice({ code, message, remedy }: FailureFacts): FailureFacts & { remedy: string } {
  const advice =
    'Change resource.instanceType, allow other sizes with slipway.dev/fallback-instance-types, or set the annotation slipway.dev/retry to any new value.';
  return { code, message, remedy: remedy ?? advice };
}

/** The line of the trail that tells of rungs nobody asked Azure about. */
export function skippedLine(skipped: readonly PassedRung[]): { what: string; why: string }[] {
  return skipped.length === 0 ? [] : [{ what: 'OffersSkipped', why: describePassed(skipped) }];
}

function passedSoFar(status: SlipwayStatus, refused: ProvisioningFailure): PassedRung[] {
  const live = liveAllocation(status);
  return live === undefined ? status.passed : [...status.passed, passedRung(live.rung, live, refused)];
}

/** The line of the trail that tells what Azure said. */
export function refusedLine(
  status: SlipwayStatus,
  { code, message }: ProvisioningFailure,
): { what: string; why: string }[] {
  const live = liveAllocation(status);
  if (live === undefined) return [];
  return [{ what: 'NodesRefused', why: `${describeOffer(live, live.count)}: ${code}: ${message}` }];
}
