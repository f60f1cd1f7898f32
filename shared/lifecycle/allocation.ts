import { regionalOnDemand } from '../planning/placement.ts';
import type { Plan } from '../planning/plan.ts';
import type { Allocation, SlipwayStatus } from './slipway-status.ts';
import { liveAllocation } from './slipway-status.ts';
import { poolName } from './workspace-key.ts';

/** What of a status a change of allocations touches. */
export type AllocationChange = Pick<SlipwayStatus, 'allocations' | 'generation'>;

/** Wishes for nodes as `plan` needs them: kept, resized, or replaced by a pool of a new name (`vmSize` cannot change). */
export function allocate(status: SlipwayStatus, uid: string, plan: Plan, now: string): AllocationChange {
  const live = liveAllocation(status);
  if (live === undefined || live.instanceType !== plan.instanceType || live.diskGiB < plan.diskGiB) {
    return replaceAllocation(status, uid, plan, now);
  }
  if (live.count === plan.nodeCount)
    return { allocations: status.allocations, generation: status.generation };
  const resized: Allocation = { ...live, count: plan.nodeCount, since: now };
  return {
    allocations: status.allocations.map((allocation) => (allocation === live ? resized : allocation)),
    generation: status.generation,
  };
}

/** Gives back what is held and wishes for a fresh pool: the way to heal, since a pool's name is never used twice. */
export function replaceAllocation(
  status: SlipwayStatus,
  uid: string,
  plan: Plan,
  now: string,
): AllocationChange {
  const generation = status.generation + 1;
  const fresh: Allocation = {
    generation,
    rung: 0,
    pool: poolName(uid, generation, 0),
    instanceType: plan.instanceType,
    count: plan.nodeCount,
    diskGiB: plan.diskGiB,
    placement: regionalOnDemand,
    power: 'running',
    wish: 'present',
    since: now,
    seen: false,
  };
  return { allocations: [...releaseAll(status.allocations, now), fresh], generation };
}

/** Wishes every allocation away. */
export function releaseAll(allocations: readonly Allocation[], now: string): Allocation[] {
  return allocations.map((allocation) =>
    allocation.wish === 'absent' ? allocation : { ...allocation, wish: 'absent', since: now },
  );
}
