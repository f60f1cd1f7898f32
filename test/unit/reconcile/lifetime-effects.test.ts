import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { submit } from '../../../shared/intake/submission.ts';
import { requestSuspension } from '../../../shared/intake/suspension.ts';
import type { SuspensionRequest } from '../../../shared/intake/suspension-request.ts';
import { decide, settlePlanned } from '../../../shared/lifecycle/decide.ts';
import { expire, addFinalizer, observe, writeStatus } from '../../../shared/reconcile/workspace-turn.ts';
import type { Seen } from '../../../shared/reconcile/workspace-turn.ts';
import { nodePrice } from '../../../shared/reconcile/node-price.ts';
import { observeCluster } from '../../../shared/reconcile/observe-cluster.ts';
import { operatePool } from '../../../shared/reconcile/operate-pool.ts';
import { regionalOnDemand } from '../../../shared/planning/placement.ts';
import { createLogger } from '../../../shared/telemetry/logger.ts';
import { chosen, written } from '../lifecycle/support/snapshots.ts';
import { document } from '../planning/workspaces.ts';
import { FakeWorld } from './support/fake-services.ts';

const phi = { namespace: 'default', name: 'phi' };
const now: SuspensionRequest = { suspended: true, mode: null, until: null };
const resume: SuspensionRequest = { ...now, suspended: false };

async function accepted(
  annotations: Record<string, string> = {},
): Promise<{ world: FakeWorld; seen: () => Seen }> {
  const world = new FakeWorld();
  const given = document({ name: 'phi', annotations });
  const result = await submit(world.services, { document: given, cluster: 'main', mode: 'create' });
  assert.equal(result.outcome, 'created', JSON.stringify(result));
  const seen = (): Seen => {
    const [record] = world.records.all();
    assert.ok(record);
    const { namespace, name, uid, resourceVersion } = record.metadata;
    return { cluster: 'main', namespace, name, uid, resourceVersion };
  };
  return { world, seen };
}

function annotationsOf(world: FakeWorld): Record<string, string> {
  const {
    'slipway.dev/accepted-at': _,
    'slipway.dev/steered-at': steered,
    ...rest
  } = world.records.all()[0]?.metadata.annotations ?? {};
  return rest;
}

describe('a suspend or a resume by HTTP', () => {
  it('sets what a user could set by hand, once, and nudges', async () => {
    const { world } = await accepted();
    const sent = world.sent.length;
    const until = '2026-03-02T08:00:00.000Z';
    const asked = { ...now, mode: 'stop' as const, until };
    const first = await requestSuspension(world.services, 'main', phi, asked);
    assert.equal(first.outcome, 'updated');
    assert.deepEqual(annotationsOf(world), {
      'slipway.dev/suspended': 'true',
      'slipway.dev/suspended-until': until,
      'slipway.dev/suspend-mode': 'stop',
    });
    const { version } = world.records;
    const again = await requestSuspension(world.services, 'main', phi, asked);
    assert.deepEqual([again.outcome, world.records.version], ['unchanged', version]);
    assert.equal(world.sent.length, sent + 2);
    assert.equal((await requestSuspension(world.services, 'main', phi, resume)).outcome, 'updated');
    assert.deepEqual(annotationsOf(world), { 'slipway.dev/suspend-mode': 'stop' });
    const ids = world.sent.slice(sent).map(({ messageId }) => messageId);
    assert.deepEqual([ids[0] === ids[1], ids[1] === ids[2]], [true, false]);
  });

  it('counts until the next turn of a schedule', async () => {
    const { world } = await accepted({
      'slipway.dev/suspend-schedule': '0 17 * * *',
      'slipway.dev/resume-schedule': '0 9 * * *',
    });
    await requestSuspension(world.services, 'main', phi, resume);
    assert.deepEqual(
      [annotationsOf(world)['slipway.dev/suspended'], annotationsOf(world)['slipway.dev/suspended-until']],
      ['false', '2026-03-01T09:00:00.000Z'],
    );
    world.pass(120);
    await requestSuspension(world.services, 'main', phi, now);
    assert.deepEqual(
      [annotationsOf(world)['slipway.dev/suspended'], annotationsOf(world)['slipway.dev/suspended-until']],
      ['true', '2026-03-01T17:00:00.000Z'],
    );
  });

  it('writes again when somebody else was faster, and gives up on a record that never rests', async () => {
    const { world } = await accepted();
    const replace = world.records.replace.bind(world.records);
    let races = 1;
    world.records.replace = (record) => {
      if (races > 0) {
        races -= 1;
        world.records.edit(phi, (stored) => ({
          ...stored,
          metadata: { ...stored.metadata, labels: { race: String(races) } },
        }));
      }
      return replace(record);
    };
    assert.equal((await requestSuspension(world.services, 'main', phi, now)).outcome, 'updated');
    races = 100;
    await assert.rejects(requestSuspension(world.services, 'main', phi, resume), /being written by others/);
  });

  it('is not undone by an older request that comes again', async () => {
    const { world } = await accepted();
    const before = world.time();
    world.pass(1);
    await requestSuspension(world.services, 'main', phi, now);
    world.pass(1);
    const repeated = { document: document({ name: 'phi' }), cluster: 'main', mode: 'apply' as const };
    const result = await submit(world.services, { ...repeated, requestedAt: before });
    assert.equal(result.outcome, 'superseded');
    const newer = await submit(world.services, { ...repeated, requestedAt: world.time() });
    assert.equal(newer.outcome, 'updated');
    assert.deepEqual(annotationsOf(world), {});
  });

  it('says what is not there, on its way out, past, or expired', async () => {
    const { world } = await accepted({ 'slipway.dev/ttl': '1h' });
    const stranger = { namespace: 'default', name: 'other' };
    assert.equal((await requestSuspension(world.services, 'main', stranger, now)).outcome, 'absent');
    const past = { ...now, until: world.time() };
    assert.equal((await requestSuspension(world.services, 'main', phi, past)).outcome, 'invalid');
    world.pass(60);
    for (const request of [now, resume])
      assert.equal((await requestSuspension(world.services, 'main', phi, request)).outcome, 'refused');
    world.records.edit(phi, (record) => ({
      ...record,
      metadata: { ...record.metadata, finalizers: ['slipway.dev/finalizer'] },
    }));
    await world.records.delete(phi);
    assert.equal((await requestSuspension(world.services, 'main', phi, now)).outcome, 'terminating');
  });
});

describe('an expired workspace', () => {
  it('is deleted as it was seen, and remembered so that an old create does not bring it back', async () => {
    const { world, seen } = await accepted({ 'slipway.dev/ttl': '1h' });
    const requestedAt = world.time();
    world.pass(60);
    const before = seen();
    world.records.edit(phi, (record) => ({
      ...record,
      metadata: { ...record.metadata, annotations: { 'slipway.dev/ttl': '9h' } },
    }));
    assert.equal(await expire(world.services, before), false);
    assert.deepEqual(world.tombstones, []);
    assert.equal(await expire(world.services, { ...seen(), uid: 'another' }), false);
    assert.equal(await expire(world.services, seen()), true);
    assert.deepEqual(world.records.all(), []);
    const old = { document: document({ name: 'phi' }), cluster: 'main', mode: 'apply' as const, requestedAt };
    assert.equal((await submit(world.services, old)).outcome, 'superseded');
  });

  it('gets no pool, though one is wished for; a pool of one that lives carries the time', async () => {
    const { world, seen } = await accepted({ 'slipway.dev/ttl': '1h' });
    await addFinalizer(world.services, seen());
    const snapshot = await observe(world.services, seen());
    assert.ok(snapshot);
    const turn = { now: world.time(), logicVersion: 2 };
    assert.equal(decide(snapshot, turn).act, 'plan');
    await writeStatus(world.services, seen(), written(settlePlanned(snapshot, chosen(), turn)));
    const input = { cluster: 'main', now: world.time(), runningSince: {}, orphanSince: {} };
    const [create] = (await observeCluster(world.services, input)).wanted;
    assert.ok(create?.kind === 'create');
    const log = createLogger(() => undefined);
    const late = { now: new Date(world.now + 3_600_000).toISOString(), log };
    assert.equal((await operatePool(world.services, 'main', create, late)).result, 'nothing-to-do');
    assert.deepEqual(world.azure.created, []);
    const inTime = { now: world.time(), log };
    assert.equal((await operatePool(world.services, 'main', create, inTime)).result, 'started');
    assert.equal(world.azure.pools.get(create.pool)?.tags['slipway-expires'], '2026-03-01T09:00:00.000Z');
  });
});

describe('the price of an allocation', () => {
  const size = 'Standard_NC24ads_A100_v4';

  it('is Azure’s, with its source', async () => {
    const world = new FakeWorld();
    const builtIn = world.offers;
    world.offers = {
      lookUp: async (question) => {
        const facts = await builtIn.lookUp(question);
        const known = facts.sizes[size.toLowerCase()];
        assert.ok(known);
        const onDemand = { hourly: 2.5, source: 'azure-retail-prices' as const, basis: '2026-01-01' };
        const spot = { ...onDemand, hourly: 0.9 };
        return { ...facts, sizes: { [size.toLowerCase()]: { ...known, price: { onDemand, spot } } } };
      },
    };
    const price = (placement: typeof regionalOnDemand) =>
      nodePrice(world.services, 'main', { instanceType: size, placement }, world.time());
    assert.deepEqual(await price(regionalOnDemand), {
      hourlyPrice: 2.5,
      priceSource: 'azure-retail-prices',
    });
    const spot = { ...regionalOnDemand, priority: 'spot' as const };
    assert.equal((await price(spot)).hourlyPrice, 0.9);
    assert.equal((await price({ ...spot, spotMaxPrice: 0.5 })).hourlyPrice, 0.5);
  });

  it('is the built-in one when nobody tells', async () => {
    const world = new FakeWorld();
    const offer = { instanceType: size, placement: { ...regionalOnDemand, priority: 'spot' as const } };
    assert.deepEqual(await nodePrice(world.services, 'main', offer, world.time()), {
      hourlyPrice: 3.673,
      priceSource: 'built-in-table, upper limit of spot',
    });
  });
});
