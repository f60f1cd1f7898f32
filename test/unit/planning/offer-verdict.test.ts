import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { OfferRefusal } from '../../../shared/planning/offer-verdict.ts';
import { offerVerdict } from '../../../shared/planning/offer-verdict.ts';
import { assembleRegionFacts } from '../../../shared/planning/assemble-region-facts.ts';
import type { ListedSize, RegionSources } from '../../../shared/planning/assemble-region-facts.ts';
import { builtInFacts } from '../../../shared/planning/built-in-facts.ts';
import type { Placement } from '../../../shared/planning/placement.ts';
import { regionalOnDemand } from '../../../shared/planning/placement.ts';
import type { Quota } from '../../../shared/planning/region-facts.ts';
import { quotaKey, priceFor, sizeFactsOf } from '../../../shared/planning/region-facts.ts';

const size = 'Standard_NC24ads_A100_v4';
const family = 'StandardNCADSA100v4Family';

interface World {
  quotas?: Record<string, [used: number, limit: number]>;
  listing?: Partial<ListedSize['listing']>;
}

function factsOf({ quotas = {}, listing = {} }: World) {
  const usages = new Map(
    Object.entries(quotas).map(([name, [used, limit]]): [string, Quota] => [
      quotaKey(name),
      { name, used, limit, left: Math.max(0, limit - used) },
    ]),
  );
  const whole = {
    offered: true,
    restriction: null,
    zones: ['1', '2'],
    restrictedZones: ['3'],
    spot: true,
    ...listing,
  };
  const listed: ListedSize = {
    name: size,
    vcpus: 24,
    gpus: 1,
    family: ` ${family.toUpperCase()} `,
    listing: whole,
  };
  const sources: RegionSources = {
    region: 'eastus',
    subscriptionId: 'sub',
    usages,
    sizes: new Map([[size.toLowerCase(), listed]]),
    prices: null,
    notes: [],
  };
  return assembleRegionFacts(sources, [size, 'Standard_NC40ads_H100_v5']);
}

function refusal(world: World, count: number, placement: Partial<Placement> = {}): OfferRefusal | undefined {
  const offer = { instanceType: size, placement: { ...regionalOnDemand, ...placement } };
  const verdict = offerVerdict(offer, count, factsOf(world));
  return verdict.ok ? undefined : verdict.refusal;
}

describe('what a full quota says', () => {
  const world: World = { quotas: { [family]: [24, 48], cores: [100, 1000], lowPriorityCores: [0, 0] } };

  it('names the family, what is needed, the limit and what is used, and how to ask for more', () => {
    const found = refusal(world, 2);
    assert.equal(found?.code, 'InsufficientQuota');
    assert.equal(found.class, 'next-rung');
    assert.equal(
      found.message,
      `${family} vCPU quota in eastus: 2 x ${size} needs 48 vCPUs, 24 of 48 are left (24 in use)`,
    );
    assert.match(found.remedy, /limit of 72 vCPUs for StandardNCADSA100v4Family: az quota update/);
    assert.match(found.remedy, /subscriptions\/sub\/providers\/Microsoft\.Compute\/locations\/eastus/);
    assert.match(found.remedy, /fallback-instance-types/);
    assert.deepEqual(found.quota, { name: family, used: 24, limit: 48, left: 24, needed: 48 });
    assert.equal(found.retryAfterSeconds, 600);
  });

  it('lets pass what just fits', () => {
    assert.equal(refusal(world, 1), undefined);
  });

  it("is the region's where the family has room: then no other size of the region helps", () => {
    const found = refusal({ quotas: { [family]: [0, 480], cores: [990, 1000] } }, 1);
    assert.deepEqual([found?.code, found?.class], ['InsufficientRegionalQuota', 'operator']);
    assert.match(found?.remedy ?? '', /for cores: .*another region/);
  });

  it('counts spot nodes against the spot quota alone', () => {
    const spot = refusal(world, 1, { priority: 'spot' });
    assert.equal(spot?.code, 'InsufficientSpotQuota');
    assert.equal(spot.retryAfterSeconds, 3600, 'a limit of zero is a decision');
    assert.match(spot.remedy, /spot-then-on-demand/);
    const quotas: World['quotas'] = { [family]: [0, 0], cores: [10, 10], lowPriorityCores: [0, 24] };
    assert.equal(refusal({ quotas }, 1, { priority: 'spot' }), undefined);
  });

  it('says nothing against a capacity reservation, which has its quota already', () => {
    assert.equal(refusal(world, 2, { capacityReservationGroup: '/subscriptions/s/group' }), undefined);
  });
});

describe('what the list of sizes says', () => {
  it('refuses a size that the subscription may not have, with the reason', () => {
    const found = refusal({ listing: { offered: false, restriction: 'NotAvailableForSubscription' } }, 1);
    assert.equal(found?.code, 'SizeNotOffered');
    assert.match(found.message, /not offered to the subscription in eastus \(NotAvailableForSubscription\)/);
    assert.match(found.remedy, /az vm list-skus --location eastus/);
  });

  it('refuses a size that the list does not have at all', () => {
    const offer = { instanceType: 'standard_nc40ads_h100_v5', placement: regionalOnDemand };
    const verdict = offerVerdict(offer, 1, factsOf({}));
    assert.equal(!verdict.ok && verdict.refusal.code, 'SizeNotOffered');
  });

  it('refuses zones that are closed to the subscription, naming those that are not', () => {
    const found = refusal({}, 1, { zones: ['2', '3'] });
    assert.equal(found?.code, 'ZoneNotSupported');
    assert.match(found.message, /zone 3 of eastus: it is offered in 1, 2/);
    assert.equal(refusal({}, 1, { zones: ['1', '2'] }), undefined);
    assert.match(
      refusal({ listing: { zones: [] } }, 1, { zones: ['1'] })?.message ?? '',
      /without zones only/,
    );
  });

  it('refuses spot where the size has none', () => {
    const world = { listing: { spot: false } };
    assert.equal(refusal(world, 1, { priority: 'spot' })?.code, 'SizeNotOffered');
    assert.equal(refusal(world, 1), undefined);
  });
});

describe('when Azure told nothing', () => {
  const everything = {
    priority: 'spot',
    zones: ['9'],
    spotMaxPrice: 1,
    capacityReservationGroup: null,
  } as const;

  it('nothing is refused', () => {
    const offer = { instanceType: size, placement: { ...everything, zones: [...everything.zones] } };
    assert.ok(offerVerdict(offer, 100, builtInFacts('sub', [size])).ok);
    assert.ok(offerVerdict({ ...offer, instanceType: 'Standard_NC1' }, 1, builtInFacts('sub', [])).ok);
  });

  it('a price still has a source, and spot has none', () => {
    const known = sizeFactsOf(builtInFacts('sub', [size]), size.toUpperCase());
    assert.equal(priceFor(known, 'on-demand')?.source, 'built-in-table');
    assert.match(priceFor(known, 'on-demand')?.basis ?? '', /list prices in East US/);
    assert.equal(priceFor(known, 'spot'), undefined);
    assert.equal(known?.vcpus, 24);
    assert.equal(priceFor(sizeFactsOf(builtInFacts('sub', ['Other']), 'Other'), 'on-demand'), undefined);
  });

  it("finds Azure's entry of a size that KAITO spells otherwise", () => {
    const facts = builtInFacts('sub', ['Standard_ND96asr_A100_v4']);
    assert.equal(sizeFactsOf(facts, 'Standard_ND96asr_A100_v4')?.instanceType, 'Standard_ND96asr_v4');
  });
});
