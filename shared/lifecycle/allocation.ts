import type { PoolPrice } from './cost.ts';
import { listPrice } from './cost.ts';
import type { Offer } from '../planning/placement.ts';
import { regionalOnDemand } from '../planning/placement.ts';
import type { Plan } from '../planning/plan.ts';
import { equalMeaning } from '../workspace/canonical.ts';
import type { Allocation, SlipwayStatus } from './slipway-status.ts';
import { liveAllocation } from './slipway-status.ts';
import { poolName } from './workspace-key.ts';

/** What of a status a change of allocations touches. */
export type AllocationChange = Pick<SlipwayStatus, 'allocations' | 'generation'>;

/** A plan for one rung of the fallback ladder. */
export interface PlannedRung {
  plan: Plan;
  rung: number;
  offer: Offer;
  /** Of one node; by the built-in table when nobody asked Azure. */
  price?: PoolPrice;
  /** Absent: nodes come as a pool of their own. */
  sharing?: Allocation['sharing'];
}

/** Wishes for nodes as planned: kept, resized, or replaced by a pool of a new name (neither size nor terms of a pool can change). */
export function allocate(
  status: SlipwayStatus,
  uid: string,
  planned: PlannedRung,
  now: string,
): AllocationChange {
  const live = liveAllocation(status);
  if (live === undefined || !serves(live, planned)) {
    return allocateRung({ ...status, generation: status.generation + 1 }, uid, planned, now);
  }
  const { plan, rung } = planned;
  if (live.count === plan.nodeCount && live.power === 'running' && live.rung === rung)
    return { allocations: status.allocations, generation: status.generation };
  const kept = live.count === plan.nodeCount && live.power === 'running';
  const changed = { ...(kept ? live : withNodes(live, plan.nodeCount, now)), rung };
  return {
    allocations: status.allocations.map((allocation) => (allocation === live ? changed : allocation)),
    generation: status.generation,
  };
}

function serves(live: Allocation, { plan, offer }: PlannedRung): boolean {
  return (
    live.instanceType === plan.instanceType &&
    live.diskGiB >= plan.diskGiB &&
    equalMeaning(live.placement, offer.placement)
  );
}

/** Gives back what is held and wishes for a fresh pool on the same rung: the way to heal, since a pool's name is never used twice. */
export function replaceAllocation(
  status: SlipwayStatus,
  uid: string,
  plan: Plan,
  now: string,
): AllocationChange {
  const live = liveAllocation(status);
  const { instanceType } = plan;
  const rung = live?.rung ?? 0;
  const offer = { instanceType, placement: live?.placement ?? regionalOnDemand };
  const planned = {
    plan,
    rung,
    offer,
    ...(live === undefined ? {} : { price: priceOf(live) }),
    ...(live?.sharing === undefined ? {} : { sharing: live.sharing }),
  };
  return allocateRung({ ...status, generation: status.generation + 1 }, uid, planned, now);
}

function priceOf({ hourlyPrice, priceSource }: Allocation): PoolPrice {
  return { hourlyPrice, priceSource };
}

/**
 * Gives back what is held and wishes for a pool on this rung, in the status's generation. A climb keeps the generation: rungs only
 * grow within one, so no name is used twice.
 */
export function allocateRung(
  status: SlipwayStatus,
  uid: string,
  { plan, rung, offer, price, sharing }: PlannedRung,
  now: string,
): AllocationChange {
  const { generation } = status;
  const { placement } = offer;
  const fresh: Allocation = {
    generation,
    rung,
    pool: poolName(uid, generation, rung),
    instanceType: plan.instanceType,
    count: plan.nodeCount,
    diskGiB: plan.diskGiB,
    placement,
    ...(sharing === undefined ? {} : { sharing }),
    power: 'running',
    wish: 'present',
    since: now,
    seen: false,
    accepted: false,
    ...(price ?? listPrice({ instanceType: plan.instanceType, placement })),
  };
  return { allocations: [...releaseAll(status.allocations, now), fresh], generation };
}

/** The same pool with this many running nodes. */
export function withNodes(allocation: Allocation, count: number, now: string): Allocation {
  return { ...allocation, count, power: 'running', since: now, accepted: false };
}

/** Wishes every allocation away. */
export function releaseAll(allocations: readonly Allocation[], now: string): Allocation[] {
  return allocations.map((allocation) =>
    allocation.wish === 'absent' ? allocation : { ...allocation, wish: 'absent', since: now },
  );
}
