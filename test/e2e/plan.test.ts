import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { z } from 'zod';
import type { FaultRulesInput } from '../../infra/local/azure/fault-rules.ts';
import type { ApiAnswer } from '../harness/platform.ts';
import { PlatformHarness } from '../harness/platform.ts';
import { phaseOf, workspaceDocument } from '../harness/workspaces.ts';
import { untilPrepared } from '../integration/api/support/answers.ts';

const cost = z.object({
  nodes: z.number(),
  perNodeHour: z.number(),
  hourly: z.number(),
  source: z.string(),
});
const refusal = z.object({ code: z.string(), message: z.string(), remedy: z.string() });
const preview = z.object({
  feasible: z.boolean(),
  region: z.string().nullable(),
  rung: z.number().nullable(),
  plan: z.object({ instanceType: z.string(), nodeCount: z.number(), contextTokens: z.number() }).nullable(),
  explanation: z.array(z.string()),
  faults: z.array(z.object({ field: z.string(), message: z.string() })),
  ladder: z.array(
    z.object({
      description: z.string(),
      verdict: z.enum(['open', 'refused', 'unfit']),
      cost: cost.nullable(),
      refusal: refusal.extend({ source: z.string() }).optional(),
    }),
  ),
  instanceTypes: z.array(
    z.object({
      instanceType: z.string(),
      nodes: z.number(),
      vcpus: z.number().nullable(),
      familyQuota: z.object({ left: z.number() }).nullable(),
      cost: cost.nullable(),
      offered: z.boolean().nullable(),
      restriction: z.string().nullable(),
      refusal: refusal.nullable(),
    }),
  ),
  quota: z.object({ region: z.object({ left: z.number() }).nullable(), families: z.array(z.unknown()) }),
  cost: cost.nullable(),
  costUntilExpiry: z.object({ expiresAt: z.string(), hours: z.number(), total: z.number() }).nullable(),
  timeToReady: z.object({ seconds: z.object({ from: z.number(), to: z.number() }) }).nullable(),
  warnings: z.array(z.string()),
  notes: z.array(z.string()),
  manifests: z.union([z.string(), z.array(z.looseObject({ kind: z.string() }))]).optional(),
});

const a100 = 'Standard_NC24ads_A100_v4';
const h100 = 'Standard_NC40ads_H100_v5';
let platform: PlatformHarness;

before(async () => {
  platform = await PlatformHarness.start({ disabledTriggers: ['timerTrigger'] });
  await platform.host.runFunction('startClusters');
  await untilPrepared(platform);
  await platform.quiet();
});
after(() => platform.stop());
afterEach(() => {
  platform.azure.faults.clear();
});

function ask(document: unknown, query = ''): Promise<ApiAnswer> {
  return platform.request('POST', `/plan${query}`, document);
}

async function planOf(document: unknown, query = ''): Promise<z.infer<typeof preview>> {
  const answer = await ask(document, query);
  assert.equal(answer.status, 200, answer.text);
  return preview.parse(answer.json);
}

/** What is remembered of quota is a minute old at most. */
async function withAzure(faults: FaultRulesInput): Promise<void> {
  platform.azure.faults.set(faults);
  await platform.pass(61);
}

describe('POST /api/plan answers all the same', () => {
  const annotations = { 'slipway.dev/ttl': '2h' };

  it('when Azure tells nothing: from the built-in table, saying so', async () => {
    const down = { type: 'status', status: 500 } as const;
    // The first question of all: nothing is remembered yet.
    platform.azure.faults.set({
      http: ['Usage_List', 'ResourceSkus_List', 'RetailPrices_List'].map((operation) => ({
        match: { operation },
        action: down,
      })),
    });
    const found = await planOf(workspaceDocument('blind', { annotations }));
    assert.equal(found.notes.length, 3, found.notes.join('\n'));
    assert.deepEqual([found.feasible, found.cost?.source], [true, 'built-in-table']);
    assert.equal(found.costUntilExpiry?.total, 7.346);
    assert.deepEqual([found.instanceTypes[0]?.offered, found.instanceTypes[0]?.familyQuota], [null, null]);
  });

  it('when the cluster does not answer: without ConfigMaps, saying so', async () => {
    platform.azure.faults.set({
      kubernetes: [{ action: 'status', code: 503 }],
    });
    const found = await planOf(workspaceDocument('apart', { inference: { config: 'my-config' } }));
    assert.match(found.notes.join('\n'), /cluster demo does not answer .*ConfigMaps/);
    assert.ok(found.feasible);
    // Silent sources of Azure are left alone for half a minute.
    platform.azure.faults.clear();
    await platform.pass(31);
  });
});

describe('POST /api/plan', () => {
  it('tells nodes, arithmetic, price, quota and time of a workspace', async () => {
    const found = await planOf(workspaceDocument('fresh'));
    assert.deepEqual([found.feasible, found.rung, found.region, found.notes], [true, 0, 'eastus', []]);
    assert.deepEqual([found.plan?.instanceType, found.plan?.nodeCount], [a100, 1]);
    assert.match(found.explanation.join('\n'), /1 GPU\(s\) of 80 GiB on each node/);
    assert.deepEqual(
      [found.cost?.hourly, found.cost?.source, found.costUntilExpiry],
      [3.673, 'azure-retail-prices', null],
    );
    assert.ok((found.quota.region?.left ?? 0) > 0 && found.quota.families.length > 3);
    const { from, to } = found.timeToReady?.seconds ?? { from: 0, to: 0 };
    assert.ok(from > 180 && to > from && to < 3600, `${from} to ${to}`);
    assert.equal(found.manifests, undefined);
  });

  it('lists the instance types that fit, cheapest first', async () => {
    const { instanceTypes } = await planOf(workspaceDocument('fresh', { preset: 'llama-3.3-70b-instruct' }));
    const prices = instanceTypes.map((one) => one.cost?.hourly ?? Infinity);
    assert.deepEqual(
      prices,
      prices.toSorted((one, other) => one - other),
    );
    assert.ok(
      instanceTypes.some(({ nodes }) => nodes > 1),
      'sizes of which more than one node is needed',
    );
    const option = instanceTypes.find(({ instanceType }) => instanceType === 'Standard_NC96ads_A100_v4');
    assert.deepEqual([option?.cost?.hourly, option?.vcpus, option?.refusal], [14.692, 96, null]);
    assert.ok((option?.familyQuota?.left ?? 0) > 0);
  });

  it('tells the price until the workspace expires', async () => {
    const annotations = { 'slipway.dev/ttl': '10h', 'slipway.dev/expires-at': '2027-01-01T00:00:00Z' };
    const { costUntilExpiry } = await planOf(workspaceDocument('brief', { annotations }));
    assert.deepEqual([costUntilExpiry?.hours, costUntilExpiry?.total], [10, 36.73]);
    const now = platform.clock.now();
    assert.ok(
      Math.abs(Date.parse(costUntilExpiry?.expiresAt ?? '') - now - 36_000_000) < 2000,
      "the cluster's clock",
    );
  });

  it('walks the ladder: refused for quota, then open, each rung with its own price', async () => {
    await withAzure({ limits: { quota: { StandardNCADSA100v4Family: 0, lowPriorityCores: 0 } } });
    const annotations = {
      'slipway.dev/fallback-instance-types': h100,
      'slipway.dev/priority': 'spot-then-on-demand',
    };
    const found = await planOf(workspaceDocument('ladder', { annotations }));
    assert.deepEqual(
      found.ladder.map(({ verdict, refusal }) => [verdict, refusal?.code]),
      [
        ['refused', 'InsufficientSpotQuota'],
        ['refused', 'InsufficientQuota'],
        ['refused', 'InsufficientSpotQuota'],
        ['open', undefined],
      ],
    );
    assert.deepEqual([found.rung, found.plan?.instanceType, found.cost?.hourly], [3, h100, 6.98]);
    assert.match(
      found.ladder[1]?.refusal?.remedy ?? '',
      /az quota update --resource-name "StandardNCADSA100v4Family"/,
    );
    assert.equal(found.ladder[0]?.cost?.hourly, 0.7346, 'spot has its own price');
  });

  it('shows what is restricted for the subscription', async () => {
    platform.azure.faults.set({ limits: { restrictedSizes: [{ vmSize: 'Standard_ND96isr_H200_v5' }] } });
    // Sizes are remembered for six hours; who asks then gets the old answer, and the next one the new.
    await platform.pass(6.1 * 3600);
    await planOf(workspaceDocument('fresh'));
    await platform.quiet();
    const { instanceTypes } = await planOf(workspaceDocument('fresh'));
    const closed = instanceTypes.find(({ instanceType }) => instanceType === 'Standard_ND96isr_H200_v5');
    assert.deepEqual(
      [closed?.offered, closed?.restriction, closed?.refusal?.code],
      [false, 'NotAvailableForSubscription', 'SizeNotOffered'],
    );
  });

  it('says why nothing fits, and what would', async () => {
    const document = workspaceDocument('small', {
      instanceType: 'Standard_NC999ads_X1_v9',
      preset: 'llama-3.3-70b-instruct',
    });
    const found = await planOf(document);
    assert.deepEqual([found.feasible, found.plan, found.cost], [false, null, null]);
    assert.equal(found.ladder[0]?.verdict, 'unfit');
    assert.equal(found.faults[0]?.field, 'resource.instanceType');
    assert.ok(found.instanceTypes.length > 3);
  });

  it('renders the manifests on request, as JSON or YAML', async () => {
    const json = await planOf(workspaceDocument('rendered'), '?manifests=true');
    assert.ok(Array.isArray(json.manifests));
    assert.deepEqual(json.manifests.map(({ kind }) => kind).toSorted(), [
      'Service',
      'Service',
      'StatefulSet',
    ]);
    const yaml = await planOf(workspaceDocument('rendered'), '?manifests=yaml');
    assert.match(typeof yaml.manifests === 'string' ? yaml.manifests : '', /^kind: StatefulSet$/m);
  });

  it('reads the ConfigMap that the workspace names', async () => {
    const document = workspaceDocument('configured', { inference: { config: 'my-config' } });
    const missing = await planOf(document);
    assert.match(missing.faults[0]?.message ?? '', /my-config.*not found/);
    platform.store.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'my-config', namespace: 'default' },
      data: { 'inference_config.yaml': 'vllm:\n  max-model-len: 3000\n' },
    });
    assert.equal((await planOf(document)).plan?.contextTokens, 3000);
  });

  it('has no effect: no record, no event, no pool, nothing written anywhere', async () => {
    await platform.quiet();
    const writes = (): unknown => {
      const { methods } = platform.azure.counts();
      const pools = Object.entries(methods).filter(([method]) => method !== 'GET');
      const kubernetes = Object.entries(platform.cluster.api.requestCounts()).filter(
        ([key]) => !/^(get|list|watch) /.test(key),
      );
      return { pools, kubernetes, queues: platform.broker.queueDepths() };
    };
    const records = (): unknown =>
      platform.store.list({ group: 'kaito.sh', version: 'v1beta1', plural: 'workspaces' });
    const [writesBefore, recordsBefore] = [JSON.stringify(writes()), JSON.stringify(records())];
    for (const name of ['one', 'two', 'one']) await planOf(workspaceDocument(name), '?manifests=true');
    await platform.quiet();
    assert.equal(JSON.stringify(writes()), writesBefore);
    assert.equal(JSON.stringify(records()), recordsBefore);
    // The same look sees what a create does.
    await platform.request('POST', '/workspaces', workspaceDocument('existing'));
    assert.notEqual(JSON.stringify(writes()), writesBefore);
    assert.notEqual(JSON.stringify(records()), recordsBefore);
  });

  it('says that a workspace of the name exists', async () => {
    await platform.until('Ready', () => phaseOf(platform, 'existing') === 'Ready');
    const same = await planOf(workspaceDocument('existing'));
    assert.match(same.warnings.join(), /exists already/);
    assert.doesNotMatch(same.warnings.join(), /would be refused/);
    const other = await planOf(workspaceDocument('existing', { preset: 'phi-3-mini-128k-instruct' }));
    assert.match(other.warnings.join(), /POST would be refused, PUT would change it/);
  });
});

describe('POST /api/plan refuses', () => {
  it('what POST /api/workspaces refuses, in the same words', async () => {
    const bodies: [unknown, string?][] = [
      [workspaceDocument('bad', { preset: 'no-such-model' })],
      [workspaceDocument('bad', { annotations: { 'slipway.dev/ttl': 'soon', 'slipway.dev/colour': 'red' } })],
      [workspaceDocument('bad', { annotations: { 'slipway.dev/zones': '77' } })],
      [{ kind: 'Workspace' }],
      ['{"apiVersion": '],
      [''],
      ['a,b', 'text/csv'],
    ];
    for (const [body, type] of bodies) {
      const [plan, create] = [
        await platform.request('POST', '/plan', body, type),
        await platform.request('POST', '/workspaces', body, type),
      ];
      assert.ok(plan.status >= 400 && plan.status < 500, plan.text);
      assert.deepEqual([plan.status, plan.json], [create.status, create.json]);
    }
  });

  it('unknown clusters and forms', async () => {
    assert.equal((await ask(workspaceDocument('x'), '?cluster=elsewhere')).status, 404);
    assert.equal((await ask(workspaceDocument('x'), '?manifests=xml')).status, 400);
  });
});
