/**
 * Machines that are gone or dead although Azure is content with their pool: spot machines that were evicted, machines that somebody deleted
 * or that a host took with it, and nodes that stay silent. Pure; the cluster orchestration has them made anew.
 */
import type { PoolView } from '../provisioning/node-provisioner.ts';
import type { PoolOperation, WishfulRecord } from './pool-operations.ts';
import type { Allocation } from './slipway-status.ts';
import { hasWishedSize, isBrought, wantsNodes } from './slipway-status.ts';
import { after } from './timing.ts';

/**
 * A machine is given this long to come (back) by itself. Source: KAITO's repair policy (reference, f.4), which replaces a node after ten
 * minutes of NodeReady False or Unknown.
 */
export const repairAfterSeconds = 600;

/** Between two repairs of one pool: a machine takes minutes to come, and AKS allows 20 PUTs to a pool, refilled at one a minute. */
export const betweenRepairsSeconds = 900;

/** One machine that is missed, or dead. */
export interface Ailment {
  /** Under which the cluster orchestration remembers since when: the pool, or pool and node. */
  key: string;
  pool: string;
  /** The node that is there and not Ready; undefined: fewer nodes are there than the pool has machines. */
  machine?: string;
  record: Pick<WishfulRecord, 'namespace' | 'name' | 'uid'>;
}

/** What ails the pools that Azure says are well. Pools that are changing, refused or failed are for others to judge. */
export function findAilments(records: readonly WishfulRecord[], pools: readonly PoolView[]): Ailment[] {
  const byName = new Map(pools.map((pool) => [pool.name, pool]));
  return records.flatMap((record) =>
    record.allocations.flatMap((allocation) => ailmentsOf(record, allocation, byName.get(allocation.pool))),
  );
}

function ailmentsOf(record: WishfulRecord, allocation: Allocation, pool: PoolView | undefined): Ailment[] {
  const mine = wantsNodes(allocation) && allocation.accepted && !isBrought(allocation);
  if (!mine || pool?.state !== 'succeeded' || !hasWishedSize(allocation, pool)) return [];
  const { namespace, name, uid, observed, interrupted = false } = record;
  const refused = observed.pools.some((one) => one.name === pool.name && one.state === 'refused');
  if (refused) return [];
  const facts = { pool: pool.name, record: { namespace, name, uid } };
  const nodes = observed.nodes.filter((node) => node.pool === pool.name);
  const missing: Ailment[] = nodes.length < allocation.count ? [{ ...facts, key: pool.name }] : [];
  // Nodes that never were Ready are the whole pool's trouble, which its workspace replaces; while the model answers nothing is wrong.
  const dead = interrupted ? nodes.filter(({ ready }) => !ready) : [];
  return [
    ...missing,
    ...dead.map((node): Ailment => ({ ...facts, key: `${pool.name}/${node.name}`, machine: node.name })),
  ];
}

/** Since when each has been seen without a break, by key. */
export function ailingSince(
  ailments: readonly Ailment[],
  before: Readonly<Record<string, string>>,
  now: string,
): Record<string, string> {
  return Object.fromEntries(ailments.map(({ key }) => [key, before[key] ?? now]));
}

/** One repair for each pool with an ailment that has lasted too long, unless the pool was repaired lately. */
export function neededRepairs(
  ailments: readonly Ailment[],
  { since, repairedAt }: { since: Record<string, string>; repairedAt: Record<string, string> },
  now: string,
): PoolOperation[] {
  const lasting = ailments.filter(({ key }) => after(since[key] ?? now, repairAfterSeconds) <= now);
  return [...Map.groupBy(lasting, ({ pool }) => pool)].flatMap(([pool, of]): PoolOperation[] => {
    const last = repairedAt[pool];
    const [first] = of;
    if (first === undefined || (last !== undefined && now < after(last, betweenRepairsSeconds))) return [];
    const machines = of.flatMap(({ machine }) => machine ?? []).sort();
    return [{ kind: 'repair', pool, ...first.record, since: since[first.key] ?? now, machines }];
  });
}

/** When each pool was last repaired, as far as that still matters. */
export function noteRepairs(
  repairedAt: Readonly<Record<string, string>>,
  operations: readonly PoolOperation[],
  now: string,
): Record<string, string> {
  const lately = Object.entries(repairedAt).filter(([, at]) => now < after(at, betweenRepairsSeconds));
  const fresh = operations
    .filter(({ kind }) => kind === 'repair')
    .map(({ pool }): [string, string] => [pool, now]);
  return Object.fromEntries([...lately, ...fresh]);
}
