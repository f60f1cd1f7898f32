import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { FaultRulesInput } from '../../../infra/local/azure/fault-rules.ts';
import { createArmReader } from '../../../shared/azure/arm-reader.ts';
import { createRegionOffers } from '../../../shared/azure/region-offers.ts';
import { offerVerdict } from '../../../shared/planning/offer-verdict.ts';
import { regionalOnDemand } from '../../../shared/planning/placement.ts';
import { sizeFactsOf } from '../../../shared/planning/region-facts.ts';
import type { RegionFacts, SizeFacts } from '../../../shared/planning/region-facts.ts';
import type { RegionOffers } from '../../../shared/reconcile/services.ts';
import type { SimulatedAzure } from './simulated-azure.ts';
import { startSimulatedAzure } from './simulated-azure.ts';

const size = 'Standard_NC24ads_A100_v4';
let simulated: SimulatedAzure;

before(async () => {
  simulated = await startSimulatedAzure();
});
after(() => simulated.stop());
beforeEach(() => {
  simulated.azure.faults.clear();
});

/** A process that knows nothing yet. */
function fresh(more: { patience?: number; location?: string } = {}): RegionOffers {
  const { azure, cluster, clusterId, credential } = simulated;
  const { patience, location } = more;
  return createRegionOffers({
    clusters: [
      {
        name: 'main',
        resourceId: cluster.resourceId,
        subscriptionId: clusterId.subscriptionId,
        ...(location === undefined ? {} : { location }),
      },
    ],
    arm: createArmReader({ credential: () => Promise.resolve(credential), armEndpoint: azure.armUrl }),
    prices: { endpoint: azure.pricesUrl, send: fetch },
    ...(patience === undefined ? {} : { patience }),
  });
}

function ask(offers: RegionOffers, ...instanceTypes: string[]): Promise<RegionFacts> {
  return offers.lookUp({ cluster: 'main', instanceTypes, now: simulated.clock.now() });
}

function factsOf(facts: RegionFacts, name = size): SizeFacts {
  const found = sizeFactsOf(facts, name);
  assert.ok(found);
  return found;
}

const times = (operation: string): number => simulated.azure.counts().operations[operation] ?? 0;
const onDemand = { instanceType: size, placement: regionalOnDemand };

describe("a region's offers", () => {
  it('tell size, family, quota and the right one of many prices', async () => {
    simulated.azure.faults.set({ limits: { quota: { StandardNCADSA100v4Family: 48 } } });
    const facts = await ask(fresh(), size, 'standard_nc40ads_h100_V5');
    assert.deepEqual([facts.region, facts.notes], ['eastus', []]);
    const found = factsOf(facts);
    assert.deepEqual([found.vcpus, found.gpus, found.family], [24, 1, 'StandardNCADSA100v4Family']);
    assert.deepEqual(found.quota.family, {
      name: 'StandardNCADSA100v4Family',
      limit: 48,
      used: 0,
      left: 48,
    });
    assert.equal(found.quota.region?.name, 'cores');
    assert.equal(found.quota.spot?.name, 'lowPriorityCores');
    assert.equal(found.price.onDemand?.hourly, 3.673);
    assert.equal(found.price.onDemand.source, 'azure-retail-prices');
    assert.equal(found.price.spot?.hourly, 0.7346);
    const other = factsOf(facts, 'Standard_NC40ads_H100_v5');
    assert.deepEqual([other.price.onDemand?.hourly, other.listing?.zones], [6.98, ['1', '2', '3']]);
    assert.ok(simulated.azure.priceCounts().total >= 2, 'the list has more than one page');
  });

  it('are asked for once by all who come together, and again when they are old', async () => {
    const offers = fresh();
    const before = { usages: times('Usage_List'), skus: times('ResourceSkus_List') };
    await Promise.all(Array.from({ length: 20 }, () => ask(offers, size)));
    await ask(offers, 'Standard_NC96ads_A100_v4');
    assert.deepEqual([times('Usage_List') - before.usages, times('ResourceSkus_List') - before.skus], [1, 1]);
    await offers.lookUp({ cluster: 'main', instanceTypes: [size], now: simulated.clock.now() + 61_000 });
    assert.deepEqual([times('Usage_List') - before.usages, times('ResourceSkus_List') - before.skus], [2, 1]);
  });

  it('need not ask ARM for a region that the settings tell', async () => {
    const before = times('ManagedClusters_Get');
    const facts = await ask(fresh({ location: 'westeurope' }), size);
    assert.deepEqual([facts.region, times('ManagedClusters_Get') - before], ['westeurope', 0]);
    assert.equal(factsOf(facts).price.onDemand?.hourly, 3.673);
  });

  it('agree with what Azure then refuses: quota, region, spot, size and zone', async () => {
    const spot = { ...regionalOnDemand, priority: 'spot' } as const;
    const cases: [FaultRulesInput, typeof onDemand.placement, string][] = [
      [{ limits: { quota: { StandardNCADSA100v4Family: 23 } } }, regionalOnDemand, 'InsufficientQuota'],
      [{ limits: { quota: { cores: 10 } } }, regionalOnDemand, 'InsufficientRegionalQuota'],
      [{ limits: { quota: { lowPriorityCores: 23 } } }, spot, 'InsufficientSpotQuota'],
      [{ limits: { restrictedSizes: [{ vmSize: size }] } }, regionalOnDemand, 'SizeNotOffered'],
      [
        { limits: { restrictedSizes: [{ vmSize: size, zones: ['2'] }] } },
        { ...regionalOnDemand, zones: ['2'] },
        'ZoneNotSupported',
      ],
    ];
    for (const [faults, placement, code] of cases) {
      simulated.azure.faults.set(faults);
      const verdict = offerVerdict({ instanceType: size, placement }, 1, await ask(fresh(), size));
      assert.equal(!verdict.ok && verdict.refusal.code, code);
    }
  });
});

describe('when a source fails', () => {
  const sources = [
    { operation: 'Usage_List', note: /vCPU quota in eastus/, lost: (one: SizeFacts) => one.quota.family },
    {
      operation: 'ResourceSkus_List',
      note: /sizes offered in eastus/,
      lost: (one: SizeFacts) => one.listing,
    },
    {
      operation: 'RetailPrices_List',
      note: /retail prices in eastus/,
      lost: (one: SizeFacts) => one.price.spot,
    },
  ];
  const ways: Record<string, NonNullable<FaultRulesInput['http']>[number]['action']> = {
    'answers with an error': { type: 'status', status: 500 },
    'may not be read': { type: 'status', status: 403, code: 'AuthorizationFailed', message: 'no' },
    'breaks off': { type: 'reset' },
    'is silent': { type: 'delay', seconds: 3600 },
  };
  for (const { operation, note, lost } of sources) {
    for (const [way, action] of Object.entries(ways)) {
      it(`${operation} ${way}: the rest is told, and nothing refused`, async () => {
        simulated.azure.faults.set({ http: [{ match: { operation }, action }] });
        const facts = await ask(fresh({ patience: action.type === 'delay' ? 200 : 3000 }), size);
        assert.equal(facts.notes.length, 1, facts.notes.join('\n'));
        assert.match(facts.notes[0] ?? '', note);
        const found = factsOf(facts);
        assert.equal(lost(found), null);
        assert.equal(sources.filter((one) => one.lost(found) === null).length, 1, 'only one is lost');
        assert.equal(found.price.onDemand?.hourly, 3.673);
        const source = operation === 'RetailPrices_List' ? 'built-in-table' : 'azure-retail-prices';
        assert.equal(found.price.onDemand.source, source);
        assert.ok(offerVerdict(onDemand, 1, facts).ok);
        simulated.clock.advanceTo(simulated.clock.now() + 3_700_000);
      });
    }
  }

  it('without a region only the built-in table is left', async () => {
    simulated.azure.faults.set({
      http: [{ match: { operation: 'ManagedClusters_Get' }, action: { type: 'status', status: 500 } }],
    });
    const facts = await ask(fresh(), size);
    assert.equal(facts.region, null);
    assert.match(facts.notes.join(), /region of main: not known/);
    assert.equal(factsOf(facts).price.onDemand?.source, 'built-in-table');
    assert.ok(offerVerdict(onDemand, 9, facts).ok);
  });

  it('one that was slow serves the next question', async () => {
    simulated.azure.faults.set({
      http: [{ match: { operation: 'Usage_List' }, times: 1, action: { type: 'delay', seconds: 10 } }],
    });
    const offers = fresh({ patience: 100 });
    const first = await ask(offers, size);
    assert.match(first.notes.join(), /no answer within 0\.1 s/);
    simulated.clock.advanceTo(simulated.clock.now() + 10_000);
    await simulated.until('the answer arrived', async () => {
      const again = await ask(offers, size);
      return again.notes.length === 0 && factsOf(again).quota.family !== null;
    });
  });
});
