import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { z } from 'zod';
import type { FaultRulesInput, OutcomeRule } from '../../../infra/local/azure/fault-rules.ts';
import type { AzureSimulator } from '../../../infra/local/azure/simulator.ts';
import type { SimulatedAzure } from '../adapters/simulated-azure.ts';
import { startSimulatedAzure } from '../adapters/simulated-azure.ts';
import { rawRequest } from './raw-request.ts';

const size = 'Standard_NC24ads_A100_v4';
const page = z.object({
  Items: z.array(
    z.object({
      armSkuName: z.string(),
      productName: z.string(),
      skuName: z.string(),
      type: z.string(),
      effectiveStartDate: z.string(),
    }),
  ),
  NextPageLink: z.string().nullable(),
  Count: z.number(),
});
const usages = z.object({
  value: z.array(
    z.object({ name: z.object({ value: z.string() }), currentValue: z.number(), limit: z.number() }),
  ),
});
const skus = z.object({ value: z.array(z.object({ name: z.string(), restrictions: z.array(z.unknown()) })) });

let simulated: SimulatedAzure;
let azure: AzureSimulator;
before(async () => {
  simulated = await startSimulatedAzure();
  ({ azure } = simulated);
});
after(() => simulated.stop());
beforeEach(() => {
  azure.faults.clear();
});

async function ask(path: string, authorization?: string): Promise<{ status: number; json: unknown }> {
  const target = { url: azure.armUrl, caFile: azure.caFile };
  const { status, text } = await rawRequest(
    target,
    'GET',
    path,
    authorization === undefined ? {} : { authorization },
  );
  return { status, json: JSON.parse(text) };
}

function compute(path: string): Promise<{ json: unknown }> {
  return ask(`/subscriptions/${simulated.clusterId.subscriptionId}/providers/Microsoft.Compute/${path}`);
}

/** Which of these have nothing left. */
async function usedUp(...names: string[]): Promise<string[]> {
  const { value } = usages.parse((await compute('locations/eastus/usages?api-version=2024-07-01')).json);
  const full = value.filter(({ currentValue, limit }) => currentValue >= limit).map(({ name }) => name.value);
  return names.filter((name) => full.includes(name));
}

async function restricted(name: string): Promise<boolean> {
  const path = `skus?api-version=2021-07-01&$filter=${encodeURIComponent("location eq 'eastus'")}`;
  const found = skus.parse((await compute(path)).json).value.find((one) => one.name === name);
  assert.ok(found, name);
  return found.restrictions.length > 0;
}

describe('quotas and sizes agree with what is refused', () => {
  const families = ['StandardNCADSA100v4Family', 'StandardNCadsH100v5Family'];
  const all = ['cores', 'lowPriorityCores', ...families];
  const refuse = (code: string, message: string, match: OutcomeRule['match'] = {}): FaultRulesInput => ({
    outcomes: [{ match, outcome: { type: 'refuse', status: 400, code, message } }],
  });
  const family = 'Insufficient vcpu quota requested 24, remaining 0';

  const cases: [string, FaultRulesInput, string[]][] = [
    [
      'a family, by its size',
      refuse('ErrCode_InsufficientVCPUQuota', family, { vmSize: size }),
      [families[0] ?? ''],
    ],
    ['families, by a pattern', refuse('QuotaExceeded', family, { vmSize: 'Standard_NC*' }), families],
    ['the region', refuse('OperationNotAllowed', 'exceeding approved Total Regional Cores quota'), ['cores']],
    [
      'spot',
      refuse('OperationNotAllowed', 'exceeding approved LowPriorityCores quota'),
      ['lowPriorityCores'],
    ],
    ['no quota', refuse('AllocationFailed', 'no capacity', { vmSize: size }), []],
    ['one pool alone', refuse('QuotaExceeded', family, { vmSize: size, pool: 'ws1' }), []],
  ];
  for (const [name, rules, expected] of cases) {
    it(`where the script refuses ${name}`, async () => {
      assert.deepEqual(await usedUp(...all), []);
      azure.faults.set(rules);
      assert.deepEqual(await usedUp(...all), expected);
    });
  }

  it('but not with a refusal of a limited number of times: that is a surprise', async () => {
    const [rule] = refuse('QuotaExceeded', family, { vmSize: size }).outcomes ?? [];
    assert.ok(rule);
    azure.faults.set({ outcomes: [{ ...rule, times: 1 }] });
    assert.deepEqual(await usedUp(...all), []);
    const [closed] = refuse('SkuNotAvailable', 'restricted', { vmSize: size }).outcomes ?? [];
    assert.ok(closed);
    azure.faults.set({ outcomes: [{ ...closed, times: 1 }] });
    assert.equal(await restricted(size), false);
    azure.faults.set({ outcomes: [closed] });
    assert.equal(await restricted(size), true);
  });
});

describe('the price list', () => {
  const list = (filter: string): Promise<{ status: number; json: unknown }> =>
    ask(`/api/retail/prices?$filter=${encodeURIComponent(filter)}`, '');
  const ofSize = `serviceName eq 'Virtual Machines' and armRegionName eq 'eastus' and armSkuName eq '${size}'`;

  it('asks for no credential, and has beside the price every other that could be taken for it', async () => {
    const { status, json } = await list(ofSize);
    assert.equal(status, 200);
    const { Items, Count } = page.parse(json);
    assert.equal(Items.length, Count);
    const has = (test: (item: (typeof Items)[number]) => boolean): void => assert.ok(Items.some(test));
    has(({ productName }) => productName.includes('Windows'));
    has(({ skuName }) => skuName.endsWith(' Spot'));
    has(({ skuName }) => skuName.endsWith(' Low Priority'));
    has(({ productName }) => productName.includes('CloudServices'));
    has(({ type }) => type === 'Reservation');
    has(({ effectiveStartDate }) => effectiveStartDate < '2022');
    has(({ effectiveStartDate }) => effectiveStartDate > '2090');
    assert.ok(Items.every(({ armSkuName }) => armSkuName === size));
  });

  it('comes in pages without loss or repetition', async () => {
    let path: string | undefined =
      `/api/retail/prices?$filter=${encodeURIComponent("armRegionName eq 'eastus'")}`;
    const seen: string[] = [];
    let pages = 0;
    while (path !== undefined) {
      const { Items, NextPageLink } = page.parse((await ask(path, '')).json);
      seen.push(...Items.map((item) => JSON.stringify(item)));
      pages += 1;
      const next: URL | undefined = NextPageLink === null ? undefined : new URL(NextPageLink);
      path = next === undefined ? undefined : `${next.pathname}${next.search}`;
    }
    assert.ok(pages > 1);
    assert.equal(new Set(seen).size, seen.length);
  });

  it('compares values by case, and says so of filters that it does not understand', async () => {
    const { json } = await list(ofSize.replace('eastus', 'EastUS'));
    assert.equal(page.parse(json).Items.length, 0);
    assert.equal((await list("colour eq 'red'")).status, 400);
    assert.equal((await list('serviceName')).status, 400);
  });
});
