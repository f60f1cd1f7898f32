import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { OutcomeRule } from '../../infra/local/azure/fault-rules.ts';
import { askFor, askForDelete, isRecord, poolWrites, startPlatform, untilPhase } from '../harness/lives.ts';
import type { PlatformHarness } from '../harness/platform.ts';
import { readState, workspaceDocument } from '../harness/workspaces.ts';

const a100 = 'Standard_NC24ads_A100_v4';
const h100 = 'Standard_NC40ads_H100_v5';
const a10 = 'Standard_NV36ads_A10_v5';
const hour = 3600;

const noCapacity: OutcomeRule['outcome'] = {
  type: 'fail',
  afterSeconds: 300,
  code: 'ReconcileVMSSAgentPoolFailed',
  message: 'The operation failed.',
  details: [{ code: 'AllocationFailed', message: 'We do not have sufficient capacity in this region.' }],
};

/** A synchronous refusal. */
const refuse = (code: string, message: string): OutcomeRule['outcome'] => ({
  type: 'refuse',
  status: 400,
  code,
  message,
});

describe('the fallback ladder', () => {
  let platform: PlatformHarness;
  let made = 0;
  const names: string[] = [];
  before(async () => void (platform = await startPlatform()));
  after(() => platform.stop());
  beforeEach(() => {
    platform.azure.faults.clear();
    forgetRefusals(platform);
  });
  afterEach(async () => {
    for (const name of names.splice(0)) {
      await askForDelete(platform, 'http', name);
      await platform.until(`${name} is gone`, () => readState(platform, name) === undefined);
    }
  });

  const faults = (...rules: OutcomeRule[]): void =>
    platform.azure.faults.set({
      outcomes: rules.map((rule) => ({ ...rule, match: { ...rule.match, operation: 'create' } })),
    });
  const ask = async (annotations: Record<string, string>, instanceType = a100): Promise<string> => {
    made += 1;
    const name = `ladder-${made}`;
    names.push(name);
    const slipway = Object.entries(annotations).map(([key, value]): [string, string] => [
      `slipway.dev/${key}`,
      value,
    ]);
    await askFor(
      platform,
      'http',
      workspaceDocument(name, { instanceType, annotations: Object.fromEntries(slipway) }),
    );
    return name;
  };
  /** Asks and waits. */
  const end = async (phase: string, annotations: Record<string, string>): Promise<string> => {
    const name = await ask(annotations);
    await untilPhase(platform, name, phase);
    return name;
  };
  /** Size, terms and rung of the pool that a workspace holds, as Azure has it. */
  const held = async (name: string): Promise<Record<string, unknown>> => {
    const [pool, ...more] = await poolsOf(platform, name);
    assert.ok(pool && more.length === 0, `${name} holds one pool`);
    return pool;
  };

  it('leads to the next size when Azure has no machines of the first, and the failed pool goes', async () => {
    faults({ match: { vmSize: a100 }, outcome: noCapacity });
    const name = await end('Ready', { 'fallback-instance-types': h100 });
    await platform.until('one pool is left', async () => (await poolsOf(platform, name)).length === 1);
    assert.equal((await held(name))['vmSize'], h100);
    const [allocation] = allocationsOf(platform, name);
    assert.deepEqual([allocation?.['rung'], allocation?.['instanceType']], [1, h100]);
    const trail = await trailOf(platform, name);
    assert.match(trail, /NodesRefused: 1 x Standard_NC24ads_A100_v4: AllocationFailed: We do not have/);
    assert.match(trail, /FallbackChosen: rung 1: 1 x Standard_NC40ads_H100_v5, in agent pool ws/);
  });

  it('is not climbed twice for a refusal that is known: the next workspace asks for the second size at once', async () => {
    faults({ match: { vmSize: a100 }, outcome: noCapacity });
    await end('Ready', { 'fallback-instance-types': h100 });
    const writes = poolWrites(platform);
    const asked = platform.clock.now();
    const second = await end('Ready', { 'fallback-instance-types': h100 });
    assert.equal(poolWrites(platform) - writes, 1, 'Azure is asked for one pool');
    assert.equal((await held(second))['vmSize'], h100);
    assert.match(
      await trailOf(platform, second),
      /OffersSkipped: Standard_NC24ads_A100_v4: AllocationFailed/,
    );
    const waited = (platform.clock.now() - asked) / 1000;
    const alone = await end('Failed', {});
    assert.equal(poolWrites(platform) - writes, 1, 'nobody is asked for what is known to be refused');
    assert.match(readState(platform, alone)?.failure?.message ?? '', /not asked again before/);

    faults();
    await platform.pass(hour);
    const third = await ask({ 'fallback-instance-types': h100 });
    const before = platform.clock.now();
    await untilPhase(platform, third, 'Ready');
    assert.equal((await held(third))['vmSize'], a100, 'after its time the size is tried again');
    assert.ok(waited <= (platform.clock.now() - before) / 1000 + 60, 'no time was lost to the known refusal');
  });

  it('asks for what its user wants to be tried again, known or not', async () => {
    faults({ match: { vmSize: a100 }, outcome: noCapacity });
    const name = await end('Failed', {});
    faults();
    const document = workspaceDocument(name, { annotations: { 'slipway.dev/retry': '1' } });
    assert.equal((await platform.request('PUT', `/workspaces/default/${name}`, document)).status, 202);
    await untilPhase(platform, name, 'Ready');
    assert.equal((await held(name))['vmSize'], a100);
  });

  it('keeps no operation URL of Azure: not in the history, the record or the log', async () => {
    faults({ match: { vmSize: a100 }, outcome: noCapacity });
    const name = await ask({ 'fallback-instance-types': h100 });
    const told = new Set<string>();
    await platform.until(`${name} is Ready`, async () => {
      for (const text of await historiesOf(platform)) told.add(text);
      return readState(platform, name)?.phase === 'Ready';
    });
    const texts = [...told, JSON.stringify(allocationsOf(platform, name)), ...platform.logLines];
    assert.ok(
      [...told].some((text) => text.includes('operatePool') && text.includes('"started"')),
      'histories hold what pool operations answered',
    );
    // Azure signs these URLs: who holds one may look at the operation.
    const operation = /\/operation(?:s|results)\/[0-9a-f-]{36}|azure-asyncoperation/i;
    assert.deepEqual(
      texts.filter((text) => operation.test(text)),
      [],
    );
  });

  it('leads from spot to on-demand', async () => {
    faults({
      match: { vmSize: a100, priority: 'Spot' },
      outcome: refuse('SkuNotAvailable', 'The requested size for Spot is currently not available.'),
    });
    const name = await end('Ready', { priority: 'spot-then-on-demand', 'spot-max-price': '1.5' });
    const pool = await held(name);
    assert.deepEqual([pool['vmSize'], pool['scaleSetPriority'] ?? 'Regular'], [a100, 'Regular']);
    assert.match(await trailOf(platform, name), /NodesRefused: 1 x \S+, spot: SkuNotAvailable/);
  });

  it('asks for spot nodes at no more than the price given, and the model runs on them', async () => {
    const name = await end('Ready', { priority: 'spot', 'spot-max-price': '1.5' });
    const pool = await held(name);
    assert.deepEqual(
      [pool['scaleSetPriority'], pool['scaleSetEvictionPolicy'], pool['spotMaxPrice']],
      ['Spot', 'Delete', 1.5],
    );
    assert.ok(
      JSON.stringify(pool['nodeTaints']).includes('kubernetes.azure.com/scalesetpriority=spot:NoSchedule'),
    );
  });

  it('leads on from spot nodes that were taken away and cannot be had again', async () => {
    const name = await end('Ready', { priority: 'spot-then-on-demand' });
    const [spot] = allocationsOf(platform, name);
    const gone = refuse('SkuNotAvailable', 'The requested size for Spot is currently not available.');
    const match = { vmSize: a100, priority: 'Spot' as const };
    platform.azure.faults.set({
      outcomes: [
        { match: { ...match, operation: 'create' }, outcome: gone },
        { match: { ...match, operation: 'update' }, outcome: gone },
      ],
      nodes: [{ match: { pool: String(spot?.['pool']) }, effect: 'lost', afterSeconds: 60 }],
    });
    await platform.until(`${name} is asked for on demand`, () =>
      allocationsOf(platform, name).some(({ rung, wish }) => rung === 1 && wish === 'present'),
    );
    await untilPhase(platform, name, 'Ready');
    await platform.until('one pool is left', async () => (await poolsOf(platform, name)).length === 1);
    assert.equal((await held(name))['scaleSetPriority'] ?? 'Regular', 'Regular');
    assert.match(await trailOf(platform, name), /NodesRefused: 1 x \S+, spot: SkuNotAvailable/);
  });

  it('leads from the region through its zones', async () => {
    faults(
      { match: { vmSize: a100, zone: '' }, outcome: noCapacity },
      {
        match: { vmSize: a100, zone: '1' },
        outcome: {
          ...noCapacity,
          details: [{ code: 'ZonalAllocationFailed', message: 'No capacity in this zone.' }],
        },
      },
    );
    const name = await end('Ready', { 'fallback-zones': '1,2' });
    await platform.until('one pool is left', async () => (await poolsOf(platform, name)).length === 1);
    assert.deepEqual((await held(name))['availabilityZones'], ['2']);
    assert.equal(allocationsOf(platform, name)[0]?.['rung'], 2);
  });

  it('begins with the capacity reservation', async () => {
    const group =
      '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/slipway/providers/Microsoft.Compute/capacityReservationGroups/gpus';
    const reserved = await end('Ready', { 'capacity-reservation-group': group });
    assert.equal((await held(reserved))['capacityReservationGroupID'], group);
    faults({
      match: { vmSize: a100 },
      times: 1,
      outcome: refuse('AllocationFailed', 'The reservation has no machine left.'),
    });
    const name = await end('Ready', { 'capacity-reservation-group': group });
    assert.equal((await held(name))['capacityReservationGroupID'], undefined);
  });

  it('passes over a size that the model does not fit, and says why', async () => {
    faults({ match: { vmSize: a100 }, outcome: refuse('AllocationFailed', 'No capacity.') });
    const name = 'too-large';
    names.push(name);
    await askFor(
      platform,
      'http',
      workspaceDocument(name, {
        instanceType: a100,
        preset: 'gpt-oss-20b',
        annotations: { 'slipway.dev/fallback-instance-types': `Standard_NC4as_T4_v3,${h100}` },
      }),
    );
    await untilPhase(platform, name, 'Ready');
    assert.equal((await held(name))['vmSize'], h100);
    assert.match(await trailOf(platform, name), /OffersSkipped: Standard_NC4as_T4_v3: ModelDoesNotFit/);
  });

  it('ends by telling of every rung why it cannot be had, and what would help most', async () => {
    faults(
      { match: { vmSize: h100 }, outcome: refuse('VMSizeNotSupported', 'The size is not supported.') },
      { match: { vmSize: a100 }, outcome: noCapacity },
    );
    platform.azure.faults.add({ limits: { quota: { StandardNVADSA10v5Family: 0 } } });
    const name = await end('Failed', { 'fallback-instance-types': `${h100},${a10}` });
    const failure = readState(platform, name)?.failure;
    assert.equal(failure?.code, 'InsufficientQuota');
    for (const part of [
      /none of 3 offers/,
      /NC24ads_A100_v4: AllocationFailed/,
      /NC40ads_H100_v5: SizeNotOffered/,
      /NV36ads_A10_v5: InsufficientQuota/,
    ]) {
      assert.match(failure.message, part);
    }
    assert.match(failure.remedy ?? '', /StandardNVADSA10v5Family/);
    await platform.until('nothing is held', async () => (await poolsOf(platform, name)).length === 0);
  });
});

/** The histories of every orchestration, with inputs and outputs. */
async function historiesOf(platform: PlatformHarness): Promise<string[]> {
  const root = `${platform.host.url}/runtime/webhooks/durabletask/instances`;
  const instances: unknown = await (await fetch(root)).json();
  const ids = Array.isArray(instances)
    ? instances.filter(isRecord).map((one) => String(one['instanceId']))
    : [];
  return Promise.all(
    ids.map(async (id) =>
      (await fetch(`${root}/${id}?showHistory=true&showHistoryOutput=true&showInput=true`)).text(),
    ),
  );
}

/** Each test begins with an app that knows of no refusal. */
function forgetRefusals(platform: PlatformHarness): void {
  const configMaps = { group: '', version: 'v1', plural: 'configmaps' };
  const key = { namespace: 'slipway-system', name: 'slipway-refusals' };
  if (platform.store.get(configMaps, key) !== undefined) platform.store.remove(configMaps, key);
}

/** Properties of the pools with this workspace's uid in their tags. */
async function poolsOf(platform: PlatformHarness, name: string): Promise<Record<string, unknown>[]> {
  const uid = readState(platform, name)?.uid;
  const state: unknown = await (await fetch(`${platform.azure.armUrl}/simulator/state`)).json();
  const pools = isRecord(state) && Array.isArray(state['pools']) ? state['pools'].filter(isRecord) : [];
  return pools.flatMap(({ properties }) => {
    if (!isRecord(properties) || !isRecord(properties['tags'])) return [];
    return properties['tags']['slipway-workspace-uid'] === uid ? [properties] : [];
  });
}

function allocationsOf(platform: PlatformHarness, name: string): Record<string, unknown>[] {
  const workspaces = { group: 'kaito.sh', version: 'v1beta1', plural: 'workspaces' };
  const status = platform.store.get(workspaces, { namespace: 'default', name })?.['status'];
  const slipway = isRecord(status) ? status['slipway'] : undefined;
  const allocations = isRecord(slipway) ? slipway['allocations'] : undefined;
  return Array.isArray(allocations) ? allocations.filter(isRecord) : [];
}

/** The story of a workspace, one line an entry. */
async function trailOf(platform: PlatformHarness, name: string): Promise<string> {
  const { json } = await platform.request('GET', `/workspaces/default/${name}/events`);
  const items = isRecord(json) && Array.isArray(json['items']) ? json['items'].filter(isRecord) : [];
  return items.map(({ what, why }) => `${String(what)}: ${String(why)}`).join('\n');
}
