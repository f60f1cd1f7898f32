import type { Offer } from '../planning/placement.ts';
import { describeOffer } from '../planning/placement.ts';
import { equalMeaning } from '../workspace/canonical.ts';
import { nodesOutlook } from './nodes-outlook.ts';
import { Phase } from './phase.ts';
import type { Observed, SlipwayStatus } from './slipway-status.ts';
import { liveAllocation } from './slipway-status.ts';

/** Nodes that did not come in time and are asked for again: waiting longer for the same pool is no other try. */
export function mustReplace(
  {
    phase,
    allocations,
    plan = null,
  }: Pick<SlipwayStatus, 'phase' | 'allocations'> & Partial<Pick<SlipwayStatus, 'plan'>>,
  observed: Observed | null,
): boolean {
  const live = liveAllocation({ allocations });
  if (phase !== Phase.Failed || live === undefined) return false;
  return nodesOutlook(live, observed, plan).state !== 'ready';
}

/**
 * The rung whose nodes are held and go on serving while the ladder below them stays as it was: a new flag of the model is no reason to
 * give back nodes and try the first rung again. Undefined: begin at the first. The caller compares sizes, once it has planned.
 */
export function heldRung(
  ladder: readonly Offer[],
  status: Pick<SlipwayStatus, 'phase' | 'allocations' | 'passed'>,
  observed: Observed | null,
): number | undefined {
  const live = liveAllocation(status);
  if (live === undefined || mustReplace(status, observed)) return undefined;
  const offer = ladder[live.rung];
  if (offer === undefined || !equalMeaning(offer.placement, live.placement)) return undefined;
  const below = ladder.slice(0, live.rung).map((one) => describeOffer(one));
  return equalMeaning(
    below,
    status.passed.map((one) => one.offer),
  )
    ? live.rung
    : undefined;
}
