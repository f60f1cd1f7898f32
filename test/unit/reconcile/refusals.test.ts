import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Retryable } from '../../../shared/errors/slipway-error.ts';
import { settlePlanned } from '../../../shared/lifecycle/decide.ts';
import { builtInFacts } from '../../../shared/planning/built-in-facts.ts';
import type { ProvisioningFailure } from '../../../shared/provisioning/node-provisioner.ts';
import { observeCluster } from '../../../shared/reconcile/observe-cluster.ts';
import { operatePool } from '../../../shared/reconcile/operate-pool.ts';
import type { RungAnswer } from '../../../shared/reconcile/plan-rung.ts';
import { planRung } from '../../../shared/reconcile/plan-rung.ts';
import type { ClusterServices, Services } from '../../../shared/reconcile/services.ts';
import { addFinalizer, observe, writeStatus } from '../../../shared/reconcile/workspace-turn.ts';
import type { Seen } from '../../../shared/reconcile/workspace-turn.ts';
import { createLogger } from '../../../shared/telemetry/logger.ts';
import { submit } from '../../../shared/intake/submission.ts';
import { turn, written } from '../lifecycle/support/snapshots.ts';
import { document } from '../planning/workspaces.ts';
import { FakeRefusals } from './support/fake-refusals.ts';
import { FakeWorld } from './support/fake-services.ts';

const a100 = 'Standard_NC24ads_A100_v4';
const h100 = 'Standard_NC40ads_H100_v5';
const noCapacity: ProvisioningFailure = {
  class: 'next-rung',
  code: 'AllocationFailed',
  message: 'no machine is left',
};

/** A world whose log is kept. */
class TalkingWorld extends FakeWorld {
  readonly lines: string[] = [];

  moment() {
    const log = createLogger(({ message, fields }) =>
      this.lines.push(`${message} ${JSON.stringify(fields)}`),
    );
    return { now: this.time(), log };
  }

  /** Posts a workspace with this ladder and makes its first plan; answers how to see it. */
  async planned(name: string, fallbacks = ''): Promise<{ seen: () => Seen; answer: RungAnswer }> {
    const draft = document({ name, instanceType: a100 });
    const annotations = fallbacks === '' ? {} : { 'slipway.dev/fallback-instance-types': fallbacks };
    const metadata = { name, namespace: 'default', annotations };
    await submit(this.services, { document: { ...draft, metadata }, cluster: 'main', mode: 'create' });
    const seen = (): Seen => {
      const record = this.records.all().find((one) => one.metadata.name === name) ?? assert.fail(name);
      const { uid, resourceVersion } = record.metadata;
      return { cluster: 'main', namespace: 'default', name, uid, resourceVersion };
    };
    await addFinalizer(this.services, seen());
    const answer = await planRung(this.services, { ...seen(), now: this.time() });
    const snapshot = (await observe(this.services, seen())) ?? assert.fail();
    if (answer.plan !== null) {
      const write = written(settlePlanned(snapshot, answer, { ...turn(0), now: this.time() }));
      assert.ok(await writeStatus(this.services, seen(), write));
    }
    return { seen, answer };
  }

  async tick(): Promise<void> {
    const input = { cluster: 'main', now: this.time(), runningSince: {}, orphanSince: {} };
    const { wanted } = await observeCluster(this.services, input, this.moment().log);
    for (const operation of wanted) await operatePool(this.services, 'main', operation, this.moment());
  }

  known(): Promise<string[]> {
    return this.refusals
      .list(this.time())
      .then((all) => all.map(({ instanceType, code }) => `${instanceType} ${code}`));
  }
}

describe('a refusal of Azure', () => {
  it('is remembered when it comes at once, and the next workspace plans past it', async () => {
    const world = new TalkingWorld();
    await world.planned('first');
    world.azure.mood = noCapacity;
    await world.tick();
    assert.deepEqual(await world.known(), [`${a100} AllocationFailed`]);
    const { answer } = await world.planned('second', h100);
    assert.ok(answer.plan !== null);
    assert.deepEqual([answer.rung, answer.plan.instanceType], [1, h100]);
    assert.deepEqual(
      answer.skipped.map(({ rung, code }) => [rung, code]),
      [[0, 'AllocationFailed']],
    );
  });

  it('is remembered when it comes late, once', async () => {
    const world = new TalkingWorld();
    await world.planned('first');
    await world.tick();
    world.azure.fail(noCapacity);
    await world.tick();
    const [first] = await world.refusals.list(world.time());
    world.pass(5);
    await world.tick();
    assert.deepEqual(await world.refusals.list(world.time()), [first]);
  });

  it('that is known is told to whoever was about to ask, without a call to Azure', async () => {
    const world = new TalkingWorld();
    const { seen } = await world.planned('late');
    let asked = 0;
    const create = world.azure.create.bind(world.azure);
    world.azure.create = (request) => {
      asked += 1;
      return create(request);
    };
    const offer = {
      instanceType: a100,
      placement: {
        priority: 'on-demand' as const,
        zones: [],
        spotMaxPrice: null,
        capacityReservationGroup: null,
      },
    };
    await world.refusals.remember(
      [
        {
          ...offer,
          priority: 'on-demand',
          count: 1,
          class: 'next-rung',
          code: 'AllocationFailed',
          message: 'no machine is left',
          since: world.time(),
          until: new Date(world.now + 3_600_000).toISOString(),
        },
      ],
      world.time(),
    );
    const before = await world.refusals.list(world.time());
    await world.tick();
    assert.equal(asked, 0);
    const [pool] = (await observe(world.services, seen()))?.observed?.pools ?? [];
    assert.deepEqual([pool?.state, pool?.failure?.code], ['refused', 'AllocationFailed']);
    assert.deepEqual(
      await world.refusals.list(world.time()),
      before,
      'what is only repeated is not prolonged',
    );
    world.pass(61);
    const { answer } = await world.planned('later');
    assert.equal(answer.plan !== null && answer.rung, 0, 'after its time the size is asked for again');
  });

  it('is written to the other clusters of the region and subscription, and to no others', async () => {
    const world = new TalkingWorld();
    await world.planned('first');
    const places: Record<string, [subscription: string, region: string | null]> = {
      main: ['s', 'eastus'],
      near: ['s', 'eastus'],
      far: ['s', 'westus'],
      foreign: ['other', 'eastus'],
      silent: ['s', null],
    };
    const memories = new Map(Object.keys(places).map((name) => [name, new FakeRefusals()]));
    const services = manyClusters(world, places, memories);
    world.azure.mood = noCapacity;
    const input = { cluster: 'main', now: world.time(), runningSince: {}, orphanSince: {} };
    const { wanted } = await observeCluster(services, input);
    for (const operation of wanted) await operatePool(services, 'main', operation, world.moment());
    const knowing = await Promise.all(
      [...memories].map(async ([name, memory]) => ((await memory.list(world.time())).length > 0 ? name : '')),
    );
    assert.deepEqual(
      knowing.filter((name) => name !== ''),
      ['main', 'near'],
    );
  });

  it('that cannot be remembered is logged, and still told to the record', async () => {
    const world = new TalkingWorld();
    const { seen } = await world.planned('first');
    world.refusals.fault = new Retryable('Conflict', { message: 'changed again and again' });
    world.azure.mood = noCapacity;
    await world.tick();
    const [pool] = (await observe(world.services, seen()))?.observed?.pools ?? [];
    assert.equal(pool?.state, 'refused');
    assert.ok(
      world.lines.some(
        (line) => line.startsWith('a refusal could not be remembered') && line.includes('Conflict'),
      ),
    );
  });

  it('for want of a quota that the workspace’s own old pool still takes up is waited out', async () => {
    const world = new TalkingWorld();
    const { seen } = await world.planned('phi');
    await world.tick();
    world.azure.advance();
    await world.tick();
    world.records.edit({ namespace: 'default', name: 'phi' }, (record) => ({
      ...record,
      resource: { instanceType: h100, labelSelector: { matchLabels: { apps: 'phi' } } },
    }));
    const answer = await planRung(world.services, { ...seen(), now: world.time() });
    assert.ok(answer.plan !== null);
    const snapshot = (await observe(world.services, seen())) ?? assert.fail();
    const write = written(settlePlanned(snapshot, answer, { ...turn(0), now: world.time() }));
    assert.ok(await writeStatus(world.services, seen(), write));
    world.azure.mood = { class: 'next-rung', code: 'InsufficientQuota', message: 'no vCPUs' };
    await world.tick();
    const fresh = (await observe(world.services, seen()))?.observed?.pools.find(
      ({ state }) => state === 'waiting',
    );
    assert.equal(fresh?.failure?.class, 'retry');
    assert.deepEqual(await world.known(), [], 'and held against nobody');
  });
});

describe('a plan', () => {
  it('passes over what Azure’s lists exclude, unless they are silent', async () => {
    const world = new TalkingWorld();
    assert.equal((await world.planned('open', h100)).answer.plan?.instanceType, a100);
    exclude(world, 'listing');
    const { answer } = await world.planned('listed', h100);
    assert.deepEqual([answer.plan?.instanceType, answer.skipped[0]?.code], [h100, 'SizeNotOffered']);
  });

  it('asks Azure itself when nothing but a list of quotas stands against the only rung', async () => {
    const world = new TalkingWorld();
    exclude(world, 'quota');
    assert.equal((await world.planned('alone')).answer.plan?.instanceType, a100);
    assert.equal((await world.planned('choosing', h100)).answer.plan?.instanceType, h100);
  });

  it('has no rung left when each is known to be refused, and says why for each', async () => {
    const world = new TalkingWorld();
    await world.planned('first');
    world.azure.mood = noCapacity;
    await world.tick();
    const { answer } = await world.planned('second');
    assert.equal(answer.plan, null);
    assert.match(answer.skipped[0]?.message ?? '', /no machine is left \(refused .* not asked again before/);
  });

  it('without a moment, as older code orders it, walks the ladder unhindered', async () => {
    const world = new TalkingWorld();
    const { seen } = await world.planned('phi', h100);
    exclude(world, 'listing');
    const answer = await planRung(world.services, { ...seen(), rung: 0 });
    assert.deepEqual([answer.plan?.instanceType, answer.skipped], [a100, []]);
  });

  it('reads the memory and Azure’s lists once, whatever the length of the ladder', async () => {
    const world = new TalkingWorld();
    let [lists, lookups] = [0, 0];
    const [list, offers] = [world.refusals.list.bind(world.refusals), world.offers];
    world.refusals.list = (now) => {
      lists += 1;
      return list(now);
    };
    world.offers = {
      lookUp: (question) => {
        lookups += 1;
        return offers.lookUp(question);
      },
    };
    await world.planned('phi', `${h100},Standard_NV36ads_A10_v5`);
    assert.deepEqual([lists, lookups], [1, 1]);
  });
});

/** Azure's lists speak against the A100 size. */
function exclude(world: FakeWorld, how: 'listing' | 'quota'): void {
  world.offers = {
    lookUp: ({ instanceTypes }) => {
      const facts = builtInFacts('s', instanceTypes);
      const key = a100.toLowerCase();
      const size = facts.sizes[key];
      if (size === undefined) return Promise.resolve(facts);
      const full = { name: 'StandardNCADSA100v4Family', limit: 0, used: 0, left: 0 };
      const closed = { offered: false, restriction: null, zones: [], restrictedZones: [], spot: false };
      const changed =
        how === 'quota' ? { ...size, quota: { ...size.quota, family: full } } : { ...size, listing: closed };
      return Promise.resolve({ ...facts, region: 'eastus', sizes: { ...facts.sizes, [key]: changed } });
    },
  };
}

function manyClusters(
  world: FakeWorld,
  places: Readonly<Record<string, [subscription: string, region: string | null]>>,
  memories: ReadonlyMap<string, FakeRefusals>,
): Services {
  const { services } = world;
  return {
    ...services,
    clusterNames: Object.keys(places),
    async cluster(name): Promise<ClusterServices> {
      const cluster = await services.cluster('main');
      const refusals = memories.get(name) ?? assert.fail(name);
      return { ...cluster, name, connection: { ...cluster.connection, refusals } };
    },
    offers: {
      lookUp: ({ cluster, instanceTypes }) => {
        const [subscriptionId, region] = places[cluster] ?? assert.fail(cluster);
        return Promise.resolve({ ...builtInFacts(subscriptionId, instanceTypes), region });
      },
    },
  };
}
