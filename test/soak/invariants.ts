import { listWorkspaces } from '../faults/kill/support/requests.ts';
import type { ListedWorkspace } from '../faults/kill/support/requests.ts';
import { leftObjects } from '../faults/kill/support/cluster-objects.ts';
import { azureState, operationsByPool } from '../faults/kill/support/simulated-azure.ts';
import type { AzureState } from '../faults/kill/support/simulated-azure.ts';
import type { Slipway } from '../faults/kill/support/slipway.ts';
import { isReady } from '../faults/kill/support/expectations.ts';

/** An invariant of the design does not hold. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

const uidTag = 'slipway-workspace-uid';

/**
 * What holds at every moment, also in the middle of trouble. I1: a workspace wants at most one pool. I6 and I5: no pool is ever
 * made twice, however often a request or an order is repeated.
 */
export function checkAlways(workspaces: readonly ListedWorkspace[], azure: AzureState): void {
  for (const { metadata, status } of workspaces) {
    const wished = status.slipway?.allocations.filter(({ wish }) => wish === 'present') ?? [];
    if (wished.length > 1) throw new Violation(`I1: ${metadata.name} wants ${wished.length} pools`);
  }
  const twice = [...operationsByPool(azure, 'createPool')].filter(([, times]) => times > 1);
  if (twice.length > 0) throw new Violation(`I5, I6: created more than once: ${JSON.stringify(twice)}`);
}

/**
 * I3: of a workspace that lives, every pool that was ever deleted is one that it does not want any more. `owners` maps pools
 * that were seen to the uid in their tags.
 */
export function checkReleases(
  workspaces: readonly ListedWorkspace[],
  azure: AzureState,
  owners: ReadonlyMap<string, string>,
): void {
  const deleted = operationsByPool(azure, 'deletePool');
  for (const { metadata, status } of workspaces) {
    if (metadata.deletionTimestamp !== undefined) continue;
    for (const { pool, wish } of status.slipway?.allocations ?? []) {
      if (wish === 'present' && deleted.has(pool) && owners.get(pool) === metadata.uid)
        throw new Violation(`I3: pool ${pool} was released although ${metadata.name} wants it`);
    }
  }
}

/** Remembers whose pools are whose; tags go with their pool. */
export function learnOwners(azure: AzureState, owners: Map<string, string>): void {
  for (const { name, properties } of azure.pools) {
    const uid = properties.tags?.[uidTag];
    if (uid !== undefined) owners.set(name, uid);
  }
}

/**
 * What must come once trouble ends; answers what is still missing. I4: what was accepted is Ready, or Failed with a reason; I2:
 * what was deleted has left nothing; I6: and nothing else is there.
 */
export async function findUnsettled(
  slipway: Slipway,
  wanted: ReadonlySet<string>,
): Promise<string | undefined> {
  const workspaces = await listWorkspaces(slipway);
  const missing: string[] = [];
  for (const name of wanted) {
    const one = workspaces.find(({ metadata }) => metadata.name === name);
    if (one === undefined) missing.push(`${name} is not there`);
    else if (!isReady(one) && !isExplained(one))
      missing.push(`${name} is ${one.status.slipway?.phase ?? 'unseen'}`);
  }
  for (const { metadata } of workspaces)
    if (!wanted.has(metadata.name)) missing.push(`${metadata.name} is still there`);
  const azure = await azureState(slipway.platform.endpoints);
  const uids = new Set(workspaces.map(({ metadata }) => metadata.uid));
  for (const { name, properties } of azure.pools) {
    const uid = properties.tags?.[uidTag] ?? '';
    if (!uids.has(uid)) missing.push(`pool ${name} belongs to nobody`);
  }
  for (const object of await leftObjects(slipway.platform.endpoints)) {
    // StatefulSets and Services are named after their workspace, what controllers make begins with that name.
    if (![...wanted].some((name) => (object.split('/')[1] ?? '').startsWith(name)))
      missing.push(`${object} belongs to nobody`);
  }
  return missing.length === 0 ? undefined : missing.join('; ');
}

function isExplained({ status }: ListedWorkspace): boolean {
  return status.slipway?.phase === 'Failed' && (status.slipway.failure?.code ?? '') !== '';
}
