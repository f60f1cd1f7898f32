import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import {
  askForDelete,
  makeReady,
  startPlatform,
  uidOf,
  untilNothingLeft,
  untilPhase,
} from '../harness/lives.ts';
import type { PlatformHarness } from '../harness/platform.ts';
import { phaseOf, pools, readState, workspaceDocument } from '../harness/workspaces.ts';

/** Virtual seconds: a machine is given ten minutes to come back, and a new one takes as long at most. */
const soon = 1800;

describe('machines that a workspace loses', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await startPlatform();
  });
  afterEach(() => platform.azure.faults.clear());
  after(() => platform.stop());

  const poolsOf = async (name: string): Promise<string[]> =>
    (await pools(platform)).filter(({ uid }) => uid === uidOf(platform, name)).map((pool) => pool.name);
  const nodesOf = (name: string): string[] => readState(platform, name)?.workerNodes ?? [];
  const operations = (name: string): number => platform.azure.counts().operations[name] ?? 0;
  /** The cloud takes these machines for good. */
  const lose = async (name: string): Promise<void> => {
    const lost = nodesOf(name);
    platform.azure.faults.set({ nodes: lost.map((node) => ({ match: { node }, effect: 'lost' as const })) });
    await platform.until('the nodes are gone', () => {
      const there = platform.store.list({ group: '', version: 'v1', plural: 'nodes' });
      return !there.some(({ metadata }) => lost.includes(metadata.name));
    });
    platform.azure.faults.clear();
  };
  const secondsUntilReady = async (name: string): Promise<number> => {
    const from = platform.clock.now();
    await untilPhase(platform, name, 'Ready');
    return (platform.clock.now() - from) / 1000;
  };
  const finish = async (name: string): Promise<void> => {
    const uid = uidOf(platform, name);
    await askForDelete(platform, 'http', name);
    await untilNothingLeft(platform, name, uid);
  };

  it('taken by Azure, as spot machines are, come again in the same pool', async () => {
    await makeReady(platform, workspaceDocument('spot', { annotations: { 'slipway.dev/priority': 'spot' } }));
    const held = await poolsOf('spot');
    const before = nodesOf('spot');
    await lose('spot');
    await untilPhase(platform, 'spot', 'Degraded');
    const seconds = await secondsUntilReady('spot');
    assert.ok(seconds <= soon, `${seconds} s`);
    assert.deepEqual(await poolsOf('spot'), held);
    assert.notDeepEqual(nodesOf('spot'), before);
    await finish('spot');
  });

  it('that fall silent for good are replaced by others of the same pool, and nothing else is touched', async () => {
    await makeReady(platform, workspaceDocument('bystander'));
    const untouched = nodesOf('bystander');
    await makeReady(platform, workspaceDocument('silent'));
    const held = await poolsOf('silent');
    const before = nodesOf('silent');
    const removals = operations('AgentPools_DeleteMachines');
    platform.azure.faults.set({
      nodes: before.map((node) => ({ match: { node }, effect: 'notReady' as const })),
    });
    await untilPhase(platform, 'silent', 'Degraded');
    const seconds = await secondsUntilReady('silent');
    assert.ok(seconds <= soon, `${seconds} s`);
    assert.equal(operations('AgentPools_DeleteMachines') - removals, 1);
    assert.deepEqual(await poolsOf('silent'), held);
    assert.ok(!nodesOf('silent').includes(before[0] ?? ''));
    assert.deepEqual(nodesOf('bystander'), untouched);
    assert.equal(phaseOf(platform, 'bystander'), 'Ready');
    await finish('silent');
    await finish('bystander');
  });

  it('and that Azure refuses to make again are had on other terms', async () => {
    const annotations = { 'slipway.dev/priority': 'spot-then-on-demand' };
    await makeReady(platform, workspaceDocument('evicted', { annotations }));
    const held = await poolsOf('evicted');
    await lose('evicted');
    platform.azure.faults.set({
      outcomes: (['create', 'update'] as const).map((operation) => ({
        match: { priority: 'Spot' as const, operation },
        outcome: {
          type: 'refuse' as const,
          status: 409,
          code: 'SkuNotAvailable',
          message: 'Following SKUs have failed for Capacity Restrictions: Standard_NC24ads_A100_v4',
        },
      })),
    });
    await untilPhase(platform, 'evicted', 'Degraded');
    const seconds = await secondsUntilReady('evicted');
    assert.ok(seconds <= soon, `${seconds} s`);
    await platform.until('the empty pool is gone', async () => (await poolsOf('evicted')).length === 1);
    assert.notDeepEqual(await poolsOf('evicted'), held);
    await finish('evicted');
  });

  it('and that Azure refuses for a reason of its own make it say so, and come when that has passed', async () => {
    await makeReady(platform, workspaceDocument('short'));
    const held = await poolsOf('short');
    await lose('short');
    platform.azure.faults.set({
      outcomes: [
        {
          match: { operation: 'update' },
          outcome: {
            type: 'refuse',
            status: 403,
            code: 'RequestDisallowedByPolicy',
            message: "Resource was disallowed by policy 'no GPU at night'.",
          },
        },
      ],
    });
    await platform.until('it says why', () =>
      /no GPU at night/.test(readState(platform, 'short')?.waitingFor ?? ''),
    );
    assert.equal(phaseOf(platform, 'short'), 'Degraded');
    assert.deepEqual(await poolsOf('short'), held, 'the pool is kept');
    platform.azure.faults.clear();
    await untilPhase(platform, 'short', 'Ready');
    assert.deepEqual(await poolsOf('short'), held);
    await finish('short');
  });
});
