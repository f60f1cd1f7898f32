import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Retryable } from '../../../shared/errors/slipway-error.ts';
import { describeWishes } from '../../../shared/lifecycle/slipway-status.ts';
import { observeCluster } from '../../../shared/reconcile/observe-cluster.ts';
import { operatePool } from '../../../shared/reconcile/operate-pool.ts';
import { sweepRecords } from '../../../shared/reconcile/sweep.ts';
import { addFinalizer, finish, observe, writeStatus } from '../../../shared/reconcile/workspace-turn.ts';
import type { Seen } from '../../../shared/reconcile/workspace-turn.ts';
import { submit } from '../../../shared/intake/submission.ts';
import { requestDeletion } from '../../../shared/intake/deletion.ts';
import { decide, settlePlanned } from '../../../shared/lifecycle/decide.ts';
import { chosen, written } from '../lifecycle/support/snapshots.ts';
import { document } from '../planning/workspaces.ts';
import { FakeWorld } from './support/fake-services.ts';

/** A world with one accepted workspace. */
async function accepted(): Promise<{ world: FakeWorld; seen: () => Seen }> {
  const world = new FakeWorld();
  await submit(world.services, { document: document({ name: 'phi' }), cluster: 'main', mode: 'create' });
  const seen = (): Seen => {
    const [record] = world.records.all();
    assert.ok(record);
    const { namespace, name, uid, resourceVersion } = record.metadata;
    return { cluster: 'main', namespace, name, uid, resourceVersion };
  };
  return { world, seen };
}

/** As {@link accepted}, planned: its pool is wished for. Returns the pool's name. */
async function planned(): Promise<{ world: FakeWorld; seen: () => Seen; pool: string }> {
  const { world, seen } = await accepted();
  await addFinalizer(world.services, seen());
  const snapshot = await observe(world.services, seen());
  assert.ok(snapshot);
  const turn = { now: world.time(), logicVersion: 1 };
  assert.equal(decide(snapshot, turn).act, 'plan');
  const write = written(settlePlanned(snapshot, chosen(), turn));
  assert.equal(await writeStatus(world.services, seen(), write), true);
  return { world, seen, pool: write.slipway.allocations[0]?.pool ?? '' };
}

const tick = (world: FakeWorld) =>
  observeCluster(world.services, { cluster: 'main', now: world.time(), runningSince: {}, orphanSince: {} });

describe('a guarded write', () => {
  it('does nothing when the record changed since it was seen', async () => {
    const { world, seen } = await accepted();
    const before = seen();
    assert.equal(await addFinalizer(world.services, before), true);
    assert.equal(await addFinalizer(world.services, before), false);
    assert.equal(await finish(world.services, before), false);
  });

  it('never meets a recreated record of the same name', async () => {
    const { world, seen } = await accepted();
    const other = { ...seen(), uid: 'another' };
    assert.equal(await observe(world.services, other), null);
    assert.equal(await addFinalizer(world.services, other), false);
  });
});

describe('a tick', () => {
  it('asks for a wished pool once, adopts it when asked again, and tells the record', async () => {
    const { world, seen, pool } = await planned();
    const { wanted } = await tick(world);
    assert.deepEqual(
      wanted.map(({ kind }) => kind),
      ['create'],
    );
    for (const operation of [...wanted, ...wanted]) await operatePool(world.services, 'main', operation);
    assert.deepEqual(world.azure.created, [pool]);
    world.azure.advance();
    await tick(world);
    const snapshot = await observe(world.services, seen());
    assert.equal(snapshot?.observed?.pools[0]?.state, 'succeeded');
    assert.equal(snapshot.observed.wishes, describeWishes(snapshot.slipway?.allocations ?? []));
    assert.ok(world.sent.some(({ queue }) => queue === 'node-provisioned'));
  });

  it('without change writes nothing and sends no fact', async () => {
    const { world } = await planned();
    await tick(world);
    const [version, facts] = [world.records.version, world.sent.length];
    await tick(world);
    assert.deepEqual([world.records.version, world.sent.length], [version, facts]);
  });

  it('tells that a problem of the pods is over', async () => {
    const { world, seen } = await planned();
    const metadata = {
      name: 'phi',
      namespace: 'default',
      ownerReferences: [{ kind: 'Workspace', uid: seen().uid }],
    };
    await world.workloads.apply([{ kind: 'StatefulSet', metadata }]);
    world.workloads.crash('ContainerCrashLoopBackOff');
    await tick(world);
    world.workloads.advance();
    await tick(world);
    assert.equal((await observe(world.services, seen()))?.observed?.workload?.problem, undefined);
    const { version } = world.records;
    await tick(world);
    assert.equal(world.records.version, version);
  });

  it('writes Azure’s refusal into the record, with its reason', async () => {
    const { world, seen } = await planned();
    world.azure.mood = { class: 'operator', code: 'InsufficientQuota', message: 'no vCPUs left' };
    const { wanted } = await tick(world);
    const [operation] = wanted;
    assert.ok(operation);
    assert.equal((await operatePool(world.services, 'main', operation)).result, 'operator');
    const refused = (await observe(world.services, seen()))?.observed?.pools[0];
    assert.deepEqual([refused?.state, refused?.failure?.code], ['refused', 'InsufficientQuota']);
    assert.deepEqual((await tick(world)).wanted, []);
  });

  it('hands over what is wished for although no fact can be sent, and says what was not', async () => {
    const { world, pool } = await planned();
    const messages = {
      ...world.services.messages,
      send: () => Promise.reject(new Retryable('ServiceBusUnavailable', { message: 'no broker' })),
    };
    const services = { ...world.services, messages };
    const input = { cluster: 'main', now: world.time(), runningSince: {}, orphanSince: {} };
    const seen = await observeCluster(services, input);
    assert.deepEqual(
      seen.wanted.map((operation) => operation.pool),
      [pool],
    );
    assert.match(seen.trouble, /ServiceBusUnavailable: no broker/);
  });

  it('obeys no order that the record has taken back', async () => {
    const { world, pool } = await planned();
    const [create] = (await tick(world)).wanted;
    assert.ok(create?.kind === 'create');
    await operatePool(world.services, 'main', create);
    const stale = { ...create, kind: 'release' as const };
    assert.equal((await operatePool(world.services, 'main', stale)).result, 'nothing-to-do');
    assert.equal(world.azure.pools.get(pool)?.state, 'creating');
  });
});

describe('the sweep', () => {
  it('finds a record whose promised turn has not come, by the cluster’s own clock', async () => {
    const { world } = await planned();
    assert.equal((await sweepRecords(world.services, 'main'))[0]?.overdue, false);
    world.pass(60);
    assert.equal((await sweepRecords(world.services, 'main'))[0]?.overdue, true);
  });
});

describe('requests in any order', () => {
  it('a create asked for before a delete does not bring the workspace back', async () => {
    const world = new FakeWorld();
    const requestedAt = world.time();
    world.pass(1);
    await requestDeletion(world.services, 'main', { namespace: 'default', name: 'phi' });
    const submission = { document: document({ name: 'phi' }), cluster: 'main', mode: 'apply' as const };
    assert.equal((await submit(world.services, { ...submission, requestedAt })).outcome, 'superseded');
    world.pass(1);
    assert.equal(
      (await submit(world.services, { ...submission, requestedAt: world.time() })).outcome,
      'created',
    );
  });

  it('the same request twice is one workspace (I6)', async () => {
    const { world } = await accepted();
    const again = { document: document({ name: 'phi' }), cluster: 'main', mode: 'create' as const };
    assert.equal((await submit(world.services, again)).outcome, 'unchanged');
    assert.equal(world.records.all().length, 1);
  });
});
