import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { PlatformHarness } from '../harness/platform.ts';
import { deletePool, poolExists } from '../harness/azure-portal.ts';
import {
  askFor,
  askForDelete,
  makeReady,
  startPlatform,
  untilNothingLeft,
  untilPhase,
  uidOf,
  workspaceType,
} from '../harness/lives.ts';
import type { PoolState } from '../harness/workspaces.ts';
import { allPools, objectsOf, phaseOf, readState, workspaceDocument } from '../harness/workspaces.ts';

const shared = { 'slipway.dev/node-allocation': 'shared' };
const maps = { group: '', version: 'v1', plural: 'configmaps' };
const names = ['one', 'two', 'three'];

function sharing(name: string, annotations: Record<string, string> = {}): Record<string, unknown> {
  return workspaceDocument(name, { annotations: { ...shared, ...annotations } });
}

describe('workspaces that share a pool', () => {
  let platform: PlatformHarness;
  before(async () => void (platform = await startPlatform()));
  afterEach(() => {
    platform.azure.faults.clear();
    platform.store.remove(maps, { namespace: 'slipway-system', name: 'slipway-refusals' });
  });
  after(() => platform.stop());

  const gpuPools = async (): Promise<PoolState[]> =>
    (await allPools(platform)).filter(({ name }) => /^(sh|ws)/.test(name));
  const claims = (): string[] =>
    platform.store
      .list(maps, { namespace: 'slipway-system', labels: { 'slipway.dev/kind': 'node-claim' } })
      .map(({ metadata }) => metadata.name);
  const nodesOf = (name: string): string[] => readState(platform, name)?.workerNodes ?? [];
  const calls = (operation: string): number => platform.azure.counts().operations[operation] ?? 0;
  const nothingLeft = async (uids: Record<string, string>): Promise<void> => {
    for (const [name, uid] of Object.entries(uids)) await untilNothingLeft(platform, name, uid);
    await platform.until('no pool is left', async () => (await gpuPools()).length === 0);
    assert.deepEqual(claims(), []);
  };
  const uids = (...of: string[]): Record<string, string> =>
    Object.fromEntries(of.map((name) => [name, uidOf(platform, name)]));

  it('asked for at once become Ready on one pool, a node each', async () => {
    await Promise.all(names.map((name) => askFor(platform, 'http', sharing(name))));
    for (const name of names) await untilPhase(platform, name, 'Ready');
    const [pool, ...others] = await gpuPools();
    assert.deepEqual(others, []);
    assert.equal(pool?.count, 3);
    assert.equal(new Set(names.flatMap(nodesOf)).size, 3);
  });

  it('go one by one: the machine of the one that is deleted goes, and the others serve on', async () => {
    const kept = ['one', 'three'].map(nodesOf);
    const [machine = ''] = nodesOf('two');
    const { two = '' } = uids('two');
    const before = calls('AgentPools_DeleteMachines');
    await askForDelete(platform, 'http', 'two');
    await untilNothingLeft(platform, 'two', two);
    assert.equal(calls('AgentPools_DeleteMachines') - before, 1);
    const [pool] = await gpuPools();
    assert.equal(pool?.count, 2);
    assert.ok(!pool.machines.includes(machine));
    assert.deepEqual(['one', 'three'].map(nodesOf), kept);
    for (const name of ['one', 'three']) assert.equal(phaseOf(platform, name), 'Ready');
  });

  it('climb the ladder when the pool may not grow, and those that are served keep their nodes', async () => {
    const kept = ['one', 'three'].map(nodesOf);
    platform.azure.faults.set({ limits: { quota: { StandardNCADSA100v4Family: 2 * 24 } } });
    await makeReady(
      platform,
      sharing('four', { 'slipway.dev/fallback-instance-types': 'Standard_NC40ads_H100_v5' }),
    );
    assert.deepEqual((await gpuPools()).map(({ count }) => count).sort(), [1, 2]);
    assert.deepEqual(['one', 'three'].map(nodesOf), kept);
    const { four = '' } = uids('four');
    await askForDelete(platform, 'http', 'four');
    await untilNothingLeft(platform, 'four', four);
  });

  it('fail with Azure’s reason where no rung is left, holding nothing', async () => {
    platform.azure.faults.set({ limits: { quota: { StandardNCADSA100v4Family: 2 * 24 } } });
    await askFor(platform, 'http', sharing('five'));
    await untilPhase(platform, 'five', 'Failed');
    assert.equal(readState(platform, 'five')?.failure?.code, 'InsufficientQuota');
    await platform.until('its claim is gone', () => claims().length === 2);
    const { five = '' } = uids('five');
    await askForDelete(platform, 'http', 'five');
    await untilNothingLeft(platform, 'five', five);
  });

  it('get their nodes though the host crashes between a claim and its nodes', async () => {
    await askFor(platform, 'http', sharing('six'));
    await platform.until('the claim is written', () => claims().length === 3);
    await platform.restartHost();
    await untilPhase(platform, 'six', 'Ready');
    assert.equal(claims().length, 3);
    assert.equal((await gpuPools()).length, 1);
    assert.equal((await gpuPools())[0]?.count, 3);
  });

  it('get their nodes though the host and its memory are lost while the pool grows', async () => {
    await askFor(platform, 'http', sharing('seven'));
    await platform.until('the pool grows', async () =>
      (await allPools(platform)).some(({ state }) => state === 'Scaling'),
    );
    await platform.restartHost({ forget: true });
    await untilPhase(platform, 'seven', 'Ready');
    assert.equal((await gpuPools())[0]?.count, 4);
    const gone = uids('six', 'seven');
    for (const name of ['six', 'seven']) await askForDelete(platform, 'queue', name);
    for (const [name, uid] of Object.entries(gone)) await untilNothingLeft(platform, name, uid);
    assert.equal((await gpuPools())[0]?.count, 2);
  });

  it('heal when a machine is lost', async () => {
    const [node = ''] = nodesOf('one');
    platform.azure.faults.add({ nodes: [{ match: { node }, times: 1, effect: 'lost' }] });
    await platform.until('another node serves', () => {
      return (
        nodesOf('one').length === 1 && !nodesOf('one').includes(node) && phaseOf(platform, 'one') === 'Ready'
      );
    });
  });

  it('heal when somebody removes the pool', async () => {
    const [pool] = await gpuPools();
    await deletePool(platform, pool?.name ?? '');
    await platform.until('it is gone', async () => !(await poolExists(platform, pool?.name ?? '')));
    await platform.until('both serve again', async () => {
      const ready = ['one', 'three'].every((name) => phaseOf(platform, name) === 'Ready');
      return (
        ready && (await gpuPools())[0]?.count === 2 && new Set(['one', 'three'].flatMap(nodesOf)).size === 2
      );
    });
  });

  it('give their nodes back while suspended, and get others', async () => {
    for (const mode of ['scale-to-zero', 'stop']) {
      await platform.request('POST', '/workspaces/default/three/suspend', { mode });
      await untilPhase(platform, 'three', 'Suspended');
      await platform.until('one machine', async () => (await gpuPools())[0]?.count === 1);
      const before = calls('AgentPools_CreateOrUpdate') + calls('AgentPools_DeleteMachines');
      await platform.pass(1800);
      assert.equal(calls('AgentPools_CreateOrUpdate') + calls('AgentPools_DeleteMachines'), before, mode);
      await platform.request('POST', '/workspaces/default/three/resume');
      await untilPhase(platform, 'three', 'Ready');
      assert.equal((await gpuPools())[0]?.count, 2);
    }
  });

  it('leave nothing behind when the record of one vanishes', async () => {
    const { three = '' } = uids('three');
    platform.store.mutate(workspaceType, { namespace: 'default', name: 'three' }, ({ metadata }) => {
      metadata.finalizers = [];
    });
    await askForDelete(platform, 'kubectl', 'three');
    await untilNothingLeft(platform, 'three', three);
    await platform.until('its claim is gone', () => claims().length === 1);
    await platform.until('its machine is gone', async () => (await gpuPools())[0]?.count === 1);
    assert.equal(phaseOf(platform, 'one'), 'Ready');
  });

  it('leave nothing at all when the last one goes', async () => {
    const last = uids('one');
    await askForDelete(platform, 'http', 'one');
    await nothingLeft(last);
    assert.deepEqual(objectsOf(platform, 'one'), []);
  });

  it('leave nothing when they are deleted while the pool is made', async () => {
    await Promise.all(names.map((name) => askFor(platform, 'http', sharing(name))));
    await platform.until('the pool is made', async () => (await gpuPools()).length === 1);
    const going = uids(...names);
    await Promise.all(names.map((name) => askForDelete(platform, 'http', name)));
    await nothingLeft(going);
  });
});
