import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RegionSources, SizePrices } from '../../../shared/planning/assemble-region-facts.ts';
import { assembleRegionFacts } from '../../../shared/planning/assemble-region-facts.ts';
import { builtInFacts } from '../../../shared/planning/built-in-facts.ts';
import { regionalOnDemand } from '../../../shared/planning/placement.ts';
import type { PlanPreview } from '../../../shared/planning/plan-preview.ts';
import { previewPlan, sizesOfInterest } from '../../../shared/planning/plan-preview.ts';
import type { Refusal } from '../../../shared/planning/refusal.ts';
import { refusalFrom } from '../../../shared/planning/refusal.ts';
import { priceRemarks } from '../../../shared/planning/rung-preview.ts';
import type { Quota, RegionFacts } from '../../../shared/planning/region-facts.ts';
import { validateCreate } from '../../../shared/workspace/validate.ts';
import type { Workspace } from '../../../shared/workspace/workspace.ts';
import { document } from './workspaces.ts';

const now = '2026-11-01T00:00:00.000Z';
const a100 = 'Standard_NC24ads_A100_v4';
const h100 = 'Standard_NC40ads_H100_v5';

function workspaceOf(draft: Parameters<typeof document>[0] = {}): Workspace {
  const validated = validateCreate(document(draft));
  assert.ok(validated.ok, JSON.stringify(validated));
  return validated.value;
}

function preview(
  workspace: Workspace,
  { facts, refusals = [] }: { facts?: RegionFacts; refusals?: Refusal[] } = {},
): PlanPreview {
  return previewPlan(workspace, {
    context: {},
    facts: facts ?? builtInFacts('sub', sizesOfInterest(workspace)),
    refusals,
    now,
  });
}

/** A region with these quotas and prices that lists no sizes. */
function region(workspace: Workspace, more: Partial<RegionSources>): RegionFacts {
  const silent = { usages: null, sizes: null, prices: null, notes: [] };
  const sources = { region: 'eastus', subscriptionId: 'sub', ...silent, ...more };
  return assembleRegionFacts(sources, sizesOfInterest(workspace));
}

function full(name: string): ReadonlyMap<string, Quota> {
  return new Map([[name.toLowerCase(), { name, limit: 10, used: 10, left: 0 }]]);
}

function listPrice(onDemand: number): SizePrices {
  return { onDemand: { hourly: onDemand, source: 'azure-retail-prices', basis: now }, spot: null };
}

describe('a preview of a plan', () => {
  it('takes the first rung that nothing is known against, with the plan for its size', () => {
    const workspace = workspaceOf({ annotations: { 'slipway.dev/fallback-instance-types': h100 } });
    const facts = region(workspace, { usages: full('StandardNCADSA100v4Family') });
    const found = preview(workspace, { facts });
    assert.deepEqual([found.feasible, found.rung, found.plan?.instanceType], [true, 1, h100]);
    assert.equal(found.ladder[0]?.refusal?.source, 'lists');
    assert.match(found.explanation[0] ?? '', /on Standard_NC40ads_H100_v5/);
  });

  it('still shows the plan when every rung is refused, and says that it cannot be now', () => {
    const workspace = workspaceOf();
    const found = preview(workspace, { facts: region(workspace, { usages: full('cores') }) });
    assert.deepEqual([found.feasible, found.rung, found.plan?.instanceType], [false, null, a100]);
    assert.deepEqual(found.faults, []);
    assert.equal(found.ladder[0]?.refusal?.code, 'InsufficientRegionalQuota');
    assert.equal(found.cost?.hourly, 3.673);
  });

  it('knows what Azure refused to somebody else a moment ago', () => {
    const offer = { instanceType: a100, placement: regionalOnDemand };
    const failure = { class: 'next-rung', code: 'AllocationFailed', message: 'no capacity' } as const;
    const refusal = refusalFrom(failure, { offer, count: 1 }, '2026-10-31T23:50:00.000Z');
    assert.ok(refusal);
    const [rung] = preview(workspaceOf(), { refusals: [refusal] }).ladder;
    assert.deepEqual(
      [rung?.verdict, rung?.refusal?.source, rung?.refusal?.code],
      ['refused', 'remembered', 'AllocationFailed'],
    );
    assert.match(rung?.refusal?.message ?? '', /not asked again before 2026-11-01T00:50/);
    const forgotten = { ...refusal, until: now };
    assert.ok(preview(workspaceOf(), { refusals: [forgotten] }).feasible);
  });

  it('orders what fits by the price of all nodes in this region', () => {
    const workspace = workspaceOf({ preset: 'llama-3.3-70b-instruct' });
    const cheap = 'Standard_ND96amsr_A100_v4';
    const facts = region(workspace, { prices: new Map([[cheap.toLowerCase(), listPrice(0.01)]]) });
    const before = preview(workspace).instanceTypes;
    const { instanceTypes } = preview(workspace, { facts });
    assert.equal(instanceTypes[0]?.instanceType, cheap);
    assert.notEqual(before[0]?.instanceType, cheap);
    const prices = instanceTypes.map(({ cost }) => cost?.hourly ?? Infinity);
    assert.deepEqual(
      prices,
      prices.toSorted((one, other) => one - other),
    );
    assert.deepEqual(
      [instanceTypes[0].cost?.source, instanceTypes[1]?.cost?.source],
      ['azure-retail-prices', 'built-in-table'],
    );
  });

  it('offers no size that Azure has retired, nor one under two names', () => {
    const names = preview(workspaceOf()).instanceTypes.map(({ instanceType }) => instanceType);
    assert.equal(new Set(names).size, names.length);
    assert.ok(!names.some((name) => name.startsWith('Standard_NC6s_v3')));
    assert.ok(names.length > 10);
  });

  it('warns once of a spot price that is above what may be paid', () => {
    const annotations = {
      'slipway.dev/priority': 'spot',
      'slipway.dev/spot-max-price': '0.5',
      'slipway.dev/fallback-zones': '1,2',
    };
    const workspace = workspaceOf({ annotations });
    const spot = (hourly: number): SizePrices => ({ ...listPrice(3), spot: { ...price, hourly } });
    const price = { hourly: 0, source: 'azure-retail-prices', basis: now } as const;
    const remarks = (hourly: number): string[] => {
      const facts = region(workspace, { prices: new Map([[a100.toLowerCase(), spot(hourly)]]) });
      return priceRemarks(preview(workspace, { facts }).ladder);
    };
    assert.equal(remarks(0.51).length, 1);
    assert.match(
      remarks(0.51).join(),
      /is 0\.51 US dollars an hour, above slipway\.dev\/spot-max-price 0\.5/,
    );
    assert.deepEqual(remarks(0.5), []);
    assert.deepEqual(priceRemarks(preview(workspace).ladder), [], 'no price is known');
  });

  it('tells each fault of a ladder that nothing fits once', () => {
    const annotations = { 'slipway.dev/fallback-zones': '1,2' };
    const found = preview(workspaceOf({ instanceType: 'Standard_NC999ads_X_v9', annotations }));
    assert.deepEqual(
      [found.plan, found.timeToReady, found.ladder.length, found.faults.length],
      [null, null, 3, 1],
    );
    assert.ok(found.ladder.every(({ verdict }) => verdict === 'unfit'));
  });

  it('counts the price to the earlier of two ends', () => {
    const ends = { 'slipway.dev/ttl': '48h', 'slipway.dev/expires-at': '2026-11-01T12:30:00Z' };
    const { costUntilExpiry } = preview(workspaceOf({ annotations: ends }));
    assert.deepEqual(costUntilExpiry, { expiresAt: '2026-11-01T12:30:00.000Z', hours: 12.5, total: 45.9125 });
    const past = { 'slipway.dev/expires-at': '2026-10-01T00:00:00Z' };
    assert.equal(preview(workspaceOf({ annotations: past })).costUntilExpiry?.total, 0);
  });

  it('names the parts of the wait, which add up', () => {
    const { timeToReady } = preview(workspaceOf());
    assert.ok(timeToReady);
    const { parts, seconds } = timeToReady;
    for (const end of ['from', 'to'] as const)
      assert.equal(
        parts.reduce((sum, part) => sum + part.seconds[end], 0),
        seconds[end],
      );
    assert.ok(parts.every((part) => part.basis !== '' && part.seconds.from <= part.seconds.to));
    const quiet = preview(workspaceOf({ annotations: { 'kaito.sh/disable-benchmark': 'true' } }));
    assert.equal(quiet.timeToReady?.parts.length, parts.length - 1);
    const larger = preview(workspaceOf({ preset: 'llama-3.3-70b-instruct' })).timeToReady;
    assert.ok((larger?.seconds.to ?? 0) > seconds.to, 'more weights take longer');
  });

  it('of nodes that are there buys nothing: no alternatives, no price, no wait for Azure', () => {
    const validated = validateCreate(document({ instanceType: '' }), { provisioning: 'byo' });
    assert.ok(validated.ok, JSON.stringify(validated));
    const workspace = validated.value;
    assert.ok(!sizesOfInterest(workspace).includes(''));
    const labels = {
      apps: 'my-model',
      'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-80GB',
      'nvidia.com/gpu.count': '1',
      'nvidia.com/gpu.memory': '81920',
    };
    const found = previewPlan(workspace, {
      context: { provisioning: 'byo', nodes: [{ name: 'mine', labels, ready: true }] },
      // A list of sizes that answers knows no size without a name.
      facts: region(workspace, { sizes: new Map() }),
      refusals: [],
      now,
    });
    assert.deepEqual(
      [found.feasible, found.ladder.length, found.instanceTypes, found.cost],
      [true, 1, [], null],
    );
    assert.equal(found.ladder[0]?.description, '1 x a node of yours');
    assert.ok(!found.timeToReady?.parts.some(({ what }) => what.includes('agent pool')));
  });
});
