/** Which shared pools are to be tended in this tick. Pure; the cluster orchestration has it done. */
import type { PoolView } from '../provisioning/node-provisioner.ts';
import type { PoolOperation, WishfulRecord } from './pool-operations.ts';
import { slotDeadlineSeconds } from './pool-operations.ts';
import { secondsBetween } from './timing.ts';

/** What a pool is at while machines come or go. Upgrades take as long as they take, and are never ended. */
const resizing: ReadonlySet<string> = new Set(['creating', 'updating', 'scaling', 'deletingmachines']);

/** One operation for each pool whose views ask for it, or whose own operation has taken too long. */
export function wantedTending(
  records: readonly WishfulRecord[],
  pools: readonly PoolView[],
  { runningSince, now }: { runningSince: Readonly<Record<string, string>>; now: string },
): PoolOperation[] {
  const byPool = Map.groupBy(pools, ({ name, sharedPool }) => sharedPool ?? name);
  const since = new Map(
    records.flatMap(({ allocations }) =>
      allocations.map((allocation) => [allocation.pool, allocation.since]),
    ),
  );
  return [...byPool].flatMap(([pool, views]): PoolOperation[] => {
    const stuck = views.some((view) => view.name === pool && isStuck(view, runningSince[pool], now));
    const shared = views.some(({ sharedPool }) => sharedPool !== undefined);
    if (!views.some(({ tend }) => tend === true) && !(stuck && shared)) return [];
    const [oldest = ''] = views.flatMap(({ name }) => since.get(name) ?? []).sort();
    return [{ kind: 'tend', pool, since: oldest, ...(stuck ? { stuck } : {}) }];
  });
}

function isStuck({ provisioningState }: PoolView, since: string | undefined, now: string): boolean {
  const resizes = resizing.has(provisioningState.toLowerCase());
  return resizes && since !== undefined && secondsBetween(since, now) >= slotDeadlineSeconds;
}
