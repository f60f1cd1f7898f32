import type { GpuProblem } from '../kubernetes/cluster.ts';
import type { Plan } from '../planning/plan.ts';
import type { ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import type { Allocation, Observed, ObservedPool, SlipwayStatus } from './slipway-status.ts';
import { describeSize, describeWishes, hasWishedSize, isBrought } from './slipway-status.ts';

/** How far the nodes of the live allocation are. */
export type NodesOutlook =
  | { state: 'ready' }
  /** `failure`: what Azure said to the last try, when it may yet pass. */
  | {
      state: 'waiting';
      step: 'pool' | 'nodes' | 'gpus';
      what: string;
      failure?: ProvisioningFailure;
      /** What is missing between a Ready node and its GPUs. */
      gpuProblem?: GpuProblem;
    }
  /** The pool has been there and is not any more. */
  | { state: 'lost' }
  | { state: 'failed'; failure: ProvisioningFailure };

/** GPUs, or MIG slices, that a node must offer before the workload of a plan fits it. */
function gpusNeeded(plan: GpuNeed | null): number {
  return plan === null || plan.migProfile !== null ? 1 : Math.max(1, plan.gpusPerNode);
}

/** What of a plan says how many GPUs a node must offer; null: one will do. */
export type GpuNeed = Pick<Plan, 'gpusPerNode' | 'migProfile'>;

/** Judges the live allocation by what the cluster orchestration saw. */
export function nodesOutlook(
  allocation: Allocation,
  observed: Observed | null,
  plan: GpuNeed | null = null,
): NodesOutlook {
  const need = gpusNeeded(plan);
  const size = describeSize(allocation.count, allocation.instanceType);
  const pool = observed?.pools.find(({ name }) => name === allocation.pool);
  if (observed === null || pool === undefined) {
    if (allocation.seen && observed !== null) return { state: 'lost' };
    return {
      state: 'waiting',
      step: 'pool',
      what: `agent pool ${allocation.pool} (${size}) to be asked for`,
    };
  }
  switch (pool.state) {
    case 'failed':
      // An upgrade or a resize that fails leaves the nodes as they were: what works is not given back.
      return hasAllNodes(allocation, observed, need)
        ? { state: 'ready' }
        : { state: 'failed', failure: pool.failure ?? unexplained(pool) };
    case 'refused':
      // What runs is not given back because it may not grow or shrink.
      return isResized(allocation, pool)
        ? whileResized(allocation, pool, { observed, need })
        : { state: 'failed', failure: pool.failure ?? unexplained(pool) };
    case 'waiting':
      return whileResized(allocation, pool, { observed, need });
    case 'deleting':
      return { state: 'lost' };
    case 'creating':
      return {
        state: 'waiting',
        step: 'pool',
        what: pool.failure?.message ?? `agent pool ${allocation.pool} (${size}) to be created by Azure`,
        ...(pool.failure === undefined ? {} : { failure: pool.failure }),
      };
    case 'updating':
    case 'succeeded':
      if (hasWishedSize(allocation, pool) || holdsNodes(pool)) return nodesOfPool(allocation, observed, need);
      return { state: 'waiting', step: 'pool', what: `agent pool ${allocation.pool} to get ${size}` };
  }
}

/** Machines that run and are paid for. */
function holdsNodes({ count, power }: ObservedPool): boolean {
  return count > 0 && power !== 'stopped';
}

function isResized(allocation: Allocation, pool: ObservedPool): boolean {
  return holdsNodes(pool) && pool.count !== allocation.count;
}

function whileResized(
  allocation: Allocation,
  pool: ObservedPool,
  { observed, need }: { observed: Observed; need: number },
): NodesOutlook {
  if (isResized(allocation, pool) && hasAllNodes(allocation, observed, need)) return { state: 'ready' };
  return {
    state: 'waiting',
    step: 'pool',
    what: waitingText(allocation, pool),
    ...(pool.failure === undefined ? {} : { failure: pool.failure }),
  };
}

function hasAllNodes(allocation: Allocation, observed: Observed, need: number): boolean {
  return nodesOfPool(allocation, observed, need).state === 'ready';
}

function nodesOfPool(allocation: Allocation, observed: Observed, need: number): NodesOutlook {
  const nodes = observed.nodes.filter(({ pool }) => pool === allocation.pool);
  const ready = nodes.filter((node) => node.ready);
  const withGpus = ready.filter(({ gpus }) => gpus >= need);
  if (withGpus.length >= allocation.count) return { state: 'ready' };
  // KAITO asks nothing more of nodes that it did not make. Source: reference, f.6.
  if (isBrought(allocation) && ready.length >= allocation.count) return { state: 'ready' };
  if (ready.length >= allocation.count) {
    const without = ready.filter(({ gpus }) => gpus < need);
    const gpuProblem = without.find((node) => node.gpuProblem !== undefined)?.gpuProblem;
    const few = without.find(({ gpus }) => gpus > 0);
    const because = gpuProblem?.message ?? (few && `node ${few.name} offers ${few.gpus} of its ${need} GPUs`);
    return {
      state: 'waiting',
      step: 'gpus',
      what: `nvidia.com/gpu on ${allocation.count - withGpus.length} of ${allocation.count} nodes (${because ?? 'NVIDIA device plugin'})`,
      ...(gpuProblem === undefined ? {} : { gpuProblem }),
    };
  }
  const pool = observed.pools.find(({ name }) => name === allocation.pool);
  const reason =
    pool?.failure?.message ?? nodes.find((node) => !node.ready && node.reason !== undefined)?.reason;
  const because = reason === undefined ? '' : ` (${reason})`;
  return {
    state: 'waiting',
    step: 'nodes',
    what: `nodes to be Ready: ${ready.length} of ${allocation.count}${because}`,
  };
}

/** Names of the nodes a workspace holds, sorted, ready or not. */
export function workerNodes(observed: Observed | null): string[] {
  return (observed?.nodes ?? []).map(({ name }) => name).sort();
}

/** The cluster orchestration has read exactly these wishes and sees no pool of ours any more. */
export function poolsAreGone(status: Pick<SlipwayStatus, 'allocations'>, observed: Observed | null): boolean {
  if (status.allocations.length === 0) return true;
  if (status.allocations.some(({ wish }) => wish === 'present')) return false;
  return (
    observed !== null && observed.wishes === describeWishes(status.allocations) && observed.pools.length === 0
  );
}

/** Marks what has been seen, from when on Azure is at work, and forgets released allocations whose pools are gone. */
export function reconcileAllocations(
  allocations: readonly Allocation[],
  observed: Observed | null,
  now: string,
): Allocation[] {
  if (observed === null) return [...allocations];
  const current = observed.wishes === describeWishes(allocations);
  return allocations.flatMap((allocation) => {
    const pool = observed.pools.find(({ name }) => name === allocation.pool);
    if (pool === undefined && allocation.wish === 'absent' && current) return [];
    const exists = pool !== undefined && pool.state !== 'refused' && pool.state !== 'waiting';
    const takenUp =
      exists && allocation.wish === 'present' && !allocation.accepted && hasWishedSize(allocation, pool);
    if (!exists || (allocation.seen && !takenUp)) return [allocation];
    return [{ ...allocation, seen: true, accepted: allocation.accepted || takenUp, since: now }];
  });
}

function waitingText(allocation: Allocation, pool: ObservedPool): string {
  const why = pool.failure === undefined ? '' : `: ${pool.failure.message}`;
  return `Azure to accept agent pool ${allocation.pool}${why}`;
}

function unexplained(pool: ObservedPool): ProvisioningFailure {
  return {
    class: 'retry',
    code: 'PoolFailed',
    message: `agent pool ${pool.name} is in state ${pool.state} and Azure gave no reason`,
    remedy: 'Look at the agent pool in the Azure portal (activity log), then retry.',
  };
}
