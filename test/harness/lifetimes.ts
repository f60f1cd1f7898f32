/** What tests say about workspaces that sleep: their nodes, their pool, their bill. */
import type { PlatformHarness } from './platform.ts';
import type { PoolState } from './workspaces.ts';
import { pools, readState } from './workspaces.ts';

/** Names of the nodes in the cluster that stand in pools of this workspace, sorted. */
export function nodesOf(harness: PlatformHarness, name: string): string[] {
  const held = new Set(readState(harness, name)?.pools.map(({ pool }) => pool));
  return harness.store
    .list({ group: '', version: 'v1', plural: 'nodes' }, {})
    .filter(({ metadata }) => held.has(metadata.labels?.['agentpool'] ?? ''))
    .map(({ metadata }) => metadata.name)
    .sort();
}

/** The one agent pool of a workspace as Azure has it. */
export async function poolOf(harness: PlatformHarness, name: string): Promise<PoolState | undefined> {
  const uid = readState(harness, name)?.uid;
  return (await pools(harness)).find((pool) => pool.uid === uid);
}

export function waitingFor(harness: PlatformHarness, name: string): string {
  return readState(harness, name)?.waitingFor ?? '';
}

/** Suspended, and Azure has taken the nodes away. */
export function untilSuspended(harness: PlatformHarness, name: string): Promise<void> {
  return harness.until(
    `${name} suspended without nodes`,
    () =>
      readState(harness, name)?.phase === 'Suspended' &&
      /^(to be resumed|to expire|a resume|a later)/.test(waitingFor(harness, name)),
  );
}

/** US dollars, as `GET` tells them now; 0 before the first node. */
export async function costSoFar(harness: PlatformHarness, name: string): Promise<number> {
  const { text } = await harness.request('GET', `/workspaces/default/${name}`);
  return Number(/"costSoFar":\{"amount":([\d.]+)/.exec(text)?.[1] ?? 0);
}
