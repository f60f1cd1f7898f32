import type { ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import type { Fault } from '../workspace/fault.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Offer } from './placement.ts';
import { describeOffer } from './placement.ts';
import type { Plan, PlanContext } from './plan-shape.ts';
import type { PlannedCost } from './planned-cost.ts';
import { plannedCost } from './planned-cost.ts';
import { offerVerdict } from './offer-verdict.ts';
import type { Refusal } from './refusal.ts';
import { failureOf, findRefusal } from './refusal.ts';
import type { RegionFacts } from './region-facts.ts';
import { priceFor, sizeFactsOf } from './region-facts.ts';
import { planForSize } from './size-options.ts';

/** How a rung of the ladder stands before anything is asked for. */
export interface RungPreview {
  rung: number;
  offer: Offer;
  /** For people: `2 x Standard_NC24ads_A100_v4, spot, zone 1`. */
  description: string;
  /** `open`: nothing known is against it. `refused`: Azure's lists, or what Azure said lately, are. `unfit`: the workspace does not fit the size. */
  verdict: 'open' | 'refused' | 'unfit';
  nodes: number | null;
  cost: PlannedCost | null;
  /** What is against a refused rung. */
  refusal?: Pick<ProvisioningFailure, 'code' | 'message' | 'remedy' | 'retryAfterSeconds'> & {
    /** `remembered`: Azure refused it to somebody not long ago. */
    source: 'lists' | 'remembered';
  };
  /** Why an unfit one is. */
  faults?: Fault[];
}

/** What is known beside the Workspace itself. */
export interface Surroundings {
  context: PlanContext;
  facts: RegionFacts;
  /** What Azure refused lately, to whomever. */
  refusals: readonly Refusal[];
  /** ISO 8601. */
  now: string;
}

/** Every rung with its plan, its price, and what is known against it. */
export function previewLadder(
  workspace: Workspace,
  ladder: readonly Offer[],
  surroundings: Surroundings,
): { rungs: RungPreview[]; plans: Map<number, Plan> } {
  const plans = new Map<number, Plan>();
  const rungs = ladder.map((rough, rung): RungPreview => {
    const planned = planForSize(workspace, rough.instanceType, surroundings.context);
    if (!planned.ok) {
      const unfit = { verdict: 'unfit', nodes: null, cost: null, faults: planned.faults } as const;
      return { rung, offer: rough, description: describeOffer(rough), ...unfit };
    }
    plans.set(rung, planned.plan);
    return previewRung(
      rung,
      { ...rough, instanceType: planned.plan.instanceType },
      planned.plan,
      surroundings,
    );
  });
  return { rungs, plans };
}

function previewRung(
  rung: number,
  offer: Offer,
  { nodeCount }: Plan,
  { facts, refusals, now }: Surroundings,
): RungPreview {
  const size = sizeFactsOf(facts, offer.instanceType);
  const refusal = knownRefusal(offer, nodeCount, { facts, refusals, now });
  return {
    rung,
    offer,
    description:
      offer.instanceType === '' ? `${nodeCount} x a node of yours` : describeOffer(offer, nodeCount),
    verdict: refusal === undefined ? 'open' : 'refused',
    nodes: nodeCount,
    cost: plannedCost(nodeCount, priceFor(size, offer.placement.priority)),
    ...(refusal === undefined ? {} : { refusal }),
  };
}

/** What Azure said comes before what its lists tell: they lag behind. */
function knownRefusal(
  offer: Offer,
  count: number,
  { facts, refusals, now }: Omit<Surroundings, 'context'>,
): RungPreview['refusal'] {
  const remembered = findRefusal(refusals, { offer, count }, now);
  if (remembered !== undefined) return { ...told(failureOf(remembered)), source: 'remembered' };
  const verdict = offerVerdict(offer, count, facts);
  return verdict.ok ? undefined : { ...told(verdict.refusal), source: 'lists' };
}

function told({ code, message, remedy, retryAfterSeconds }: ProvisioningFailure) {
  return {
    code,
    message,
    ...(remedy === undefined ? {} : { remedy }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

/** Rungs that cannot come at the price they are allowed: Azure takes no spot machine whose maximum is below the price of the day. */
export function priceRemarks(rungs: readonly RungPreview[]): string[] {
  const remarks = rungs.flatMap(({ offer: { instanceType, placement }, cost }) => {
    const { priority, spotMaxPrice } = placement;
    if (priority !== 'spot' || spotMaxPrice === null || cost === null || cost.perNodeHour <= spotMaxPrice)
      return [];
    const price = `the spot price of ${instanceType} is ${cost.perNodeHour} US dollars an hour`;
    return [`${price}, above slipway.dev/spot-max-price ${spotMaxPrice}: Azure will start none at that`];
  });
  return [...new Set(remarks)];
}
