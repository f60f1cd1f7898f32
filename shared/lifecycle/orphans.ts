/** Agent pools that Slipway made and that belong to nothing: who they are, and what may be done about them. Pure. */
import type { PoolView } from '../provisioning/node-provisioner.ts';
import { areOurs, PoolTag } from './pool-tag.ts';
import type { PoolOperation, WishfulRecord } from './pool-operations.ts';
import { after, orphanGraceSeconds } from './timing.ts';

/** What the sweep does about orphans when their grace is over. */
export type SweepMode = 'remove' | 'report';

/** A pool with all of our tags that no record lists. */
export interface OrphanPool {
  pool: string;
  /** Its tags: key, uid and deployment. */
  workspace: string;
  uid: string;
  owner: string;
  /** Whether it is for this deployment to remove it. */
  removable: boolean;
  why: string;
}

/**
 * Pools that carry every tag of ours, are not going already, and are listed by no record. One made by another deployment is removable only
 * when its record is gone: while that is there, the deployment that made the pool may still be about to say so.
 */
export function findOrphans(
  records: readonly WishfulRecord[],
  pools: readonly PoolView[],
  owner: string,
): OrphanPool[] {
  const listed = new Set(records.flatMap(({ allocations }) => allocations.map(({ pool }) => pool)));
  const uids = new Set(records.map(({ uid }) => uid));
  return pools
    .filter(({ name, tags, state }) => areOurs(tags) && state !== 'deleting' && !listed.has(name))
    .map(({ name, tags }) => {
      const { [PoolTag.workspace]: workspace = '', [PoolTag.uid]: uid = '' } = tags;
      const maker = tags[PoolTag.owner] ?? '';
      const facts = { pool: name, workspace, uid, owner: maker };
      if (recordNameOf(workspace) === undefined)
        return { ...facts, removable: false, why: 'its workspace tag names no workspace' };
      if (!uids.has(uid)) return { ...facts, removable: true, why: 'its workspace is gone' };
      return maker === owner
        ? { ...facts, removable: true, why: 'its workspace does not list it any more' }
        : { ...facts, removable: false, why: `its workspace is there, and deployment ${maker} made it` };
    });
}

/** Namespace and name in the tag `cluster/namespace/name`; what the cluster is called may have changed since. */
export function recordNameOf(workspace: string): { namespace: string; name: string } | undefined {
  const [, namespace, name, ...rest] = workspace.split('/');
  if (namespace === undefined || namespace === '' || name === undefined || name === '') return undefined;
  return rest.length === 0 ? { namespace, name } : undefined;
}

/** Since when each has been seen, by pool. */
export function sinceWhen(
  orphans: readonly Pick<OrphanPool, 'pool'>[],
  before: Readonly<Record<string, string>>,
  now: string,
): Record<string, string> {
  return Object.fromEntries(orphans.map(({ pool }) => [pool, before[pool] ?? now]));
}

/** Removals of orphans whose grace is over. */
export function overdueOrphans(
  orphans: readonly Pick<OrphanPool, 'pool' | 'workspace' | 'uid'>[],
  orphanSince: Readonly<Record<string, string>>,
  now: string,
): PoolOperation[] {
  return orphans.flatMap(({ pool, workspace, uid }): PoolOperation[] => {
    const since = orphanSince[pool];
    if (since === undefined || after(since, orphanGraceSeconds) > now) return [];
    return [{ kind: 'remove-orphan', pool, since, workspace, uid }];
  });
}
