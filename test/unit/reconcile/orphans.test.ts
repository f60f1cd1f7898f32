import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { submit } from '../../../shared/intake/submission.ts';
import { decide, settlePlanned } from '../../../shared/lifecycle/decide.ts';
import type { PoolOperation } from '../../../shared/lifecycle/pool-operations.ts';
import { PoolTag } from '../../../shared/lifecycle/pool-tag.ts';
import { observeCluster } from '../../../shared/reconcile/observe-cluster.ts';
import { operatePool } from '../../../shared/reconcile/operate-pool.ts';
import type { Services } from '../../../shared/reconcile/services.ts';
import { listOrphans, sweepOrphans } from '../../../shared/reconcile/sweep-orphans.ts';
import { addFinalizer, observe, writeStatus } from '../../../shared/reconcile/workspace-turn.ts';
import { silentLogger } from '../../../shared/telemetry/logger.ts';
import type { OwnedObject } from '../../../shared/kubernetes/cluster.ts';
import { chosen, written } from '../lifecycle/support/snapshots.ts';
import { document } from '../planning/workspaces.ts';
import { FakeWorld } from './support/fake-services.ts';

/** A world with one planned workspace, `main/default/phi`, whose pool is not there yet. */
async function planned(): Promise<{ world: FakeWorld; uid: string; pool: string }> {
  const world = new FakeWorld();
  await submit(world.services, { document: document({ name: 'phi' }), cluster: 'main', mode: 'create' });
  const seen = (): {
    cluster: string;
    namespace: string;
    name: string;
    uid: string;
    resourceVersion: string;
  } => {
    const [record] = world.records.all();
    assert.ok(record);
    const { namespace, name, uid, resourceVersion } = record.metadata;
    return { cluster: 'main', namespace, name, uid, resourceVersion };
  };
  await addFinalizer(world.services, seen());
  const snapshot = await observe(world.services, seen());
  assert.ok(snapshot);
  const turn = { now: world.time(), logicVersion: 1 };
  assert.equal(decide(snapshot, turn).act, 'plan');
  const write = written(settlePlanned(snapshot, chosen(), turn));
  assert.equal(await writeStatus(world.services, seen(), write), true);
  return { world, uid: seen().uid, pool: write.slipway.allocations[0]?.pool ?? '' };
}

function addPool(world: FakeWorld, name: string, uid: string): void {
  world.azure.pools.set(name, {
    name,
    instanceType: 'Standard_NC24ads_A100_v4',
    count: 2,
    state: 'succeeded',
    provisioningState: 'Succeeded',
    tags: {
      [PoolTag.workspace]: 'main/default/phi',
      [PoolTag.uid]: uid,
      [PoolTag.owner]: world.services.owner,
    },
  });
}

const reporting = (world: FakeWorld): Services => ({ ...world.services, orphanSweep: 'report' });
const tick = (services: Services, world: FakeWorld, since: Record<string, string> = {}) =>
  observeCluster(services, { cluster: 'main', now: world.time(), runningSince: {}, orphanSince: since });

describe('the removal of an orphan pool', () => {
  const order = (pool: string, uid: string): PoolOperation => ({
    kind: 'remove-orphan',
    pool,
    since: '2026-03-01T08:00:00.000Z',
    workspace: 'main/default/phi',
    uid,
  });
  const isThere = (world: FakeWorld, pool: string): boolean =>
    world.azure.pools.get(pool)?.state === 'succeeded';

  it('does nothing when the record lists the pool by now', async () => {
    const { world, uid, pool } = await planned();
    addPool(world, pool, uid);
    const outcome = await operatePool(world.services, 'main', order(pool, uid));
    assert.deepEqual(outcome, { pool, result: 'nothing-to-do' });
    assert.ok(isThere(world, pool));
  });

  it('does nothing by an order that does not say whose it was, or where orphans are only reported', async () => {
    const { world } = await planned();
    addPool(world, 'wsother', 'gone');
    const { workspace, ...unsaid } = { workspace: '', ...order('wsother', 'gone') };
    assert.equal((await operatePool(world.services, 'main', unsaid)).result, 'nothing-to-do');
    const nameless = { ...order('wsother', 'gone'), workspace: 'phi' };
    assert.equal((await operatePool(world.services, 'main', nameless)).result, 'nothing-to-do');
    const reported = await operatePool(reporting(world), 'main', order('wsother', 'gone'));
    assert.equal(reported.result, 'nothing-to-do');
    assert.ok(isThere(world, 'wsother'));
  });

  it('is carried out when the record is gone, is another life’s, or does not list it', async () => {
    const { world, uid } = await planned();
    for (const [pool, of] of [
      ['wsgone', 'gone'],
      ['wsunlisted', uid],
    ] as const) {
      addPool(world, pool, of);
      assert.equal((await operatePool(world.services, 'main', order(pool, of))).result, 'started');
      assert.equal(isThere(world, pool), false);
    }
  });

  it('is not asked for where orphans are only reported, though they are seen', async () => {
    const { world } = await planned();
    addPool(world, 'wsgone', 'gone');
    const removing = await tick(world.services, world);
    assert.deepEqual(removing.removable, [{ pool: 'wsgone', workspace: 'main/default/phi', uid: 'gone' }]);
    const told = await tick(reporting(world), world, removing.orphanSince);
    assert.deepEqual(told.removable, []);
    assert.deepEqual(told.orphanSince, removing.orphanSince);
  });
});

describe('the sweep of objects', () => {
  const owned = (name: string, change: Partial<OwnedObject> = {}): OwnedObject => ({
    kind: 'StatefulSet',
    namespace: 'default',
    name,
    uid: `uid-of-${name}`,
    deleting: false,
    workspace: name,
    ownerUid: 'gone',
    ...change,
  });
  const sweep = (world: FakeWorld, services = world.services) =>
    sweepOrphans(services, 'main', { poolsSince: {}, log: silentLogger });
  const left = (world: FakeWorld): string[] => world.belongings.objects.map(({ name }) => name);

  it('removes after the grace what belongs to a workspace that is gone, and nothing else', async () => {
    const { world, uid } = await planned();
    world.belongings.objects = [
      owned('former'),
      owned('phi', { ownerUid: uid }),
      owned('going', { deleting: true }),
      owned('unsaid', { ownerUid: undefined, workspace: undefined }),
    ];
    assert.deepEqual(await sweep(world), { orphans: 2, removed: 0 });
    world.pass(9);
    assert.deepEqual(await sweep(world), { orphans: 2, removed: 0 });
    world.pass(1);
    assert.deepEqual(await sweep(world, reporting(world)), { orphans: 2, removed: 0 });
    assert.deepEqual(await sweep(world), { orphans: 2, removed: 1 });
    assert.deepEqual(left(world), ['phi', 'going', 'unsaid']);
  });

  it('lets a workspace of that name take over what lost its owner', async () => {
    const { world } = await planned();
    world.belongings.objects = [owned('phi', { ownerUid: undefined })];
    assert.deepEqual(await sweep(world), { orphans: 0, removed: 0 });
  });

  it('begins a new grace for what was no orphan in between', async () => {
    const { world } = await planned();
    world.belongings.objects = [owned('former')];
    await sweep(world);
    const kept = world.belongings.objects;
    world.belongings.objects = [];
    await sweep(world);
    assert.deepEqual(world.belongings.notes, {});
    world.belongings.objects = kept;
    world.pass(30);
    assert.equal((await sweep(world)).removed, 0);
  });

  it('is reported with pools, by what all their nodes cost', async () => {
    const { world } = await planned();
    addPool(world, 'wsgone', 'gone');
    world.belongings.objects = [owned('former')];
    const since = '2026-03-01T07:58:00.000Z';
    const [pool, object] = await listOrphans(world.services, 'main', { wsgone: since });
    assert.equal(pool?.hourlyPrice, 2 * 3.673);
    assert.deepEqual([pool.since, pool.removedAt], [since, '2026-03-01T08:08:00.000Z']);
    assert.deepEqual(
      [object?.kind, object?.workspace, object?.uid],
      ['StatefulSet', 'default/former', 'gone'],
    );
    assert.deepEqual(world.belongings.notes, {}, 'a report has no effect');
    assert.deepEqual(left(world), ['former']);
  });
});
