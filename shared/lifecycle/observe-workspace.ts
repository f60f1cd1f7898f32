import type { NodeView, WorkloadView } from '../kubernetes/cluster.ts';
import type { PoolView } from '../provisioning/node-provisioner.ts';
import { PoolTag } from './pool-tag.ts';
import type { Allocation, Observed, ObservedNode, ObservedPool, ObservedWorkload } from './slipway-status.ts';
import { describeWishes, hasWishedSize } from './slipway-status.ts';

/** One look at a cluster: the four lists of a tick. */
export interface ClusterLists {
  pools: PoolView[];
  nodes: NodeView[];
  workloads: WorkloadView[];
}

/** Label AKS puts on every node of a pool. */
export const poolLabel = 'agentpool';

/** What these lists say about one workspace. `before` keeps the answers Azure gave about pools it never listed. */
export function observe(
  lists: ClusterLists,
  uid: string,
  allocations: readonly Allocation[],
  before: Observed | null,
): Observed {
  const listed = lists.pools.filter(
    (pool) =>
      pool.tags[PoolTag.uid] === uid || allocations.some((allocation) => allocation.pool === pool.name),
  );
  const wishes = describeWishes(allocations);
  const answers = before?.wishes === wishes ? before.pools : [];
  const poolOf = whosePool(listed);
  const sizes = new Map(listed.map(({ name, instanceType }) => [name, instanceType]));
  const nodes = lists.nodes.flatMap((node) => {
    const pool = node.deleting ? undefined : poolOf(node);
    return pool === undefined ? [] : [toObservedNode(node, pool, sizes.get(pool) ?? '')];
  });
  const pools = [
    ...listed
      .map((pool) => withAnswer(pool, allocations, answers))
      .map((pool) => withRepairAnswer(pool, { allocations, answers, nodes })),
    ...unlisted(listed, allocations, before),
  ].sort(byName);
  const workload = lists.workloads.find(({ ownerUid, deleting }) => ownerUid === uid && !deleting);
  return {
    wishes,
    pools,
    nodes: nodes.sort(byName),
    workload: workload === undefined ? null : toObservedWorkload(workload),
  };
}

/** Azure and Kubernetes promise no order, and another order is no news. */
function byName(one: { name: string }, other: { name: string }): number {
  return one.name < other.name ? -1 : 1;
}

/** Which of these pools a node belongs to: the one that names it, else the one that its label names. */
function whosePool(pools: readonly PoolView[]): (node: NodeView) => string | undefined {
  const named = new Map(pools.flatMap(({ name, nodes = [] }) => nodes.map((node) => [node, name])));
  const labelled = new Set(pools.flatMap(({ name, nodes }) => (nodes === undefined ? [name] : [])));
  return ({ name, labels }) => {
    const label = labels[poolLabel] ?? '';
    return named.get(name) ?? (labelled.has(label) ? label : undefined);
  };
}

/** A refusal has no pool to be listed; it holds until the wish is withdrawn. */
function unlisted(
  listed: readonly PoolView[],
  allocations: readonly Allocation[],
  before: Observed | null,
): ObservedPool[] {
  return (before?.pools ?? []).filter(
    (pool) =>
      (pool.state === 'refused' || pool.state === 'waiting') &&
      !listed.some(({ name }) => name === pool.name) &&
      allocations.some((allocation) => allocation.pool === pool.name && allocation.wish === 'present'),
  );
}

/**
 * What Azure said to a resize or a delete is in no list either; it holds until the pool has its size, or goes, or something else is
 * wished.
 */
function withAnswer(
  listed: PoolView,
  allocations: readonly Allocation[],
  answers: readonly ObservedPool[],
): ObservedPool {
  const pool = toObservedPool(listed);
  const allocation = allocations.find(({ pool: name }) => name === listed.name);
  if (allocation === undefined || pool.state !== 'succeeded') return pool;
  const answer = answers.find(({ name }) => name === listed.name);
  if (allocation.wish === 'absent')
    return answer?.failure === undefined ? pool : { ...pool, failure: answer.failure };
  if (hasWishedSize(allocation, pool)) return pool;
  if (answer?.failure === undefined || (answer.state !== 'refused' && answer.state !== 'waiting'))
    return pool;
  return { ...pool, state: answer.state, failure: answer.failure };
}

/** What Azure said when it was asked to mend a pool that it says is well; it holds until all nodes are Ready. */
function withRepairAnswer(
  pool: ObservedPool,
  seen: {
    allocations: readonly Allocation[];
    answers: readonly ObservedPool[];
    nodes: readonly ObservedNode[];
  },
): ObservedPool {
  const allocation = seen.allocations.find(
    ({ pool: name, wish }) => name === pool.name && wish === 'present',
  );
  if (allocation === undefined || pool.state !== 'succeeded' || pool.failure !== undefined) return pool;
  const ready = seen.nodes.filter((node) => node.pool === pool.name && node.ready).length;
  if (!hasWishedSize(allocation, pool) || ready >= allocation.count) return pool;
  // With another count it was the answer to a resize that has come about since.
  const answer = seen.answers.find(({ name, count }) => name === pool.name && count === pool.count);
  if (answer?.failure === undefined || (answer.state !== 'refused' && answer.state !== 'succeeded'))
    return pool;
  return { ...pool, state: answer.state, failure: answer.failure };
}

function toObservedPool({ name, state, count, power, failure }: PoolView): ObservedPool {
  return {
    name,
    state,
    count,
    ...(power === undefined ? {} : { power }),
    ...(failure === undefined ? {} : { failure }),
  };
}

/** Only nodes of the size that was asked for count; where the user brings them, any size does. Source: reference, f.5 and f.6. */
function toObservedNode(view: NodeView, pool: string, instanceType: string): ObservedNode {
  const { name, labels, gpus, gpuProblem, pressure } = view;
  const size = labels['node.kubernetes.io/instance-type'] ?? instanceType;
  const other = instanceType !== '' && size.toLowerCase() !== instanceType.toLowerCase();
  const reason = other ? `its instance type is ${size}, not ${instanceType}` : view.reason;
  return {
    name,
    pool,
    ready: view.ready && !other,
    gpus,
    ...(reason === undefined ? {} : { reason }),
    ...(gpuProblem === undefined || gpus > 0 ? {} : { gpuProblem }),
    ...(pressure === undefined ? {} : { pressure }),
  };
}

function toObservedWorkload(workload: WorkloadView): ObservedWorkload {
  const { uid, revision, replicas, readyReplicas, upToDate, started, outcome, problem } = workload;
  return {
    uid,
    revision,
    replicas,
    readyReplicas,
    upToDate,
    ...(started === true ? { started } : {}),
    ...(outcome === undefined ? {} : { outcome }),
    ...(problem === undefined ? {} : { problem: { reason: problem.reason, message: problem.message } }),
  };
}
