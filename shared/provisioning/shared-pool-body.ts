import { createHash } from 'node:crypto';
import type { AgentPool } from '@azure/arm-containerservice';
import { Label } from '../workspace/annotations.ts';
import { canonicalJson } from '../workspace/canonical.ts';
import type { PoolRequest } from './node-provisioner.ts';
import { PoolTag } from './node-provisioner.ts';
import { toAgentPool } from './pool-body.ts';
import type { PoolOrder } from './pool-notes.ts';

/** Tag of pools that claims share; they carry no workspace's tags. */
export const sharedTag = 'slipway-shared';

/** Azure takes no larger count. Source: reference, limits. */
export const mostNodes = 1000;

/** The agent pool of all nodes of one size on the same terms: what cannot be changed once a pool is made. */
export function sharedPoolName({
  instanceType,
  placement,
  diskGiB,
  osSku,
  taints,
}: Omit<PoolOrder, 'count'>): string {
  const terms = { instanceType: instanceType.toLowerCase(), placement, diskGiB, osSku, taints };
  return `sh${createHash('sha256').update(canonicalJson(terms)).digest('hex').slice(0, 10)}`;
}

/** The PUT body of a shared pool: labels that tell one workspace from another come with the claim of a node, not with the pool. */
export function toSharedPool(order: PoolOrder, count: number, owner: string): AgentPool {
  const name = sharedPoolName(order);
  const own = new Set<string>([Label.workspace, Label.workspaceNamespace, ...Object.keys(order.userLabels)]);
  const labels = Object.fromEntries(Object.entries(order.labels).filter(([key]) => !own.has(key)));
  const request: PoolRequest = {
    ...order,
    name,
    count,
    labels,
    tags: { [PoolTag.owner]: owner, [sharedTag]: 'true' },
  };
  return toAgentPool(request);
}

/** Whether Slipway made it, for claims to share. */
export function isShared({ tags }: { tags?: Readonly<Record<string, string>> }): boolean {
  return tags?.[sharedTag] === 'true' && (tags[PoolTag.owner] ?? '') !== '';
}
