import { assembleRegionFacts } from '../planning/assemble-region-facts.ts';
import type { ListedSize, SizePrices } from '../planning/assemble-region-facts.ts';
import type { Quota } from '../planning/region-facts.ts';
import type { OfferQuestion, RegionOffers } from '../reconcile/services.ts';
import { Terminal } from '../errors/slipway-error.ts';
import { isRecord } from '../workspace/json-object.ts';
import type { ArmReader } from './arm-reader.ts';
import { readComputeSkus } from './compute-skus.ts';
import type { Told } from './remembered-source.ts';
import { RememberedSource } from './remembered-source.ts';
import { readRetailPrices } from './retail-prices.ts';
import { readUsages } from './usages.ts';

/** What is needed of a cluster's settings. */
export interface OfferedCluster {
  name: string;
  resourceId: string;
  subscriptionId: string;
  /** Azure's name of its region, where the settings tell it. */
  location?: string;
}

export interface RegionOffersOptions {
  clusters: readonly OfferedCluster[];
  arm: ArmReader;
  prices: { endpoint: string; send: typeof fetch };
  /** Real milliseconds that a caller waits for one source at most. */
  patience?: number;
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const usualPatience = 3000;
/** Subscription and region in one key; neither holds a blank. */
const separator = ' ';

/** {@link RegionOffers} over Azure's own lists. See the port for ages and faults. */
export function createRegionOffers(options: RegionOffersOptions): RegionOffers {
  const sources = openSources(options);
  return {
    async lookUp({ cluster: name, instanceTypes, now }: OfferQuestion) {
      const cluster = options.clusters.find((one) => one.name === name);
      if (cluster === undefined) throw unknownCluster(name);
      const { subscriptionId } = cluster;
      const region: Told<string> =
        cluster.location === undefined
          ? await sources.regions.ask(cluster.resourceId, now)
          : { value: cluster.location.toLowerCase() };
      if (region.value === undefined) {
        const silent = { region: null, usages: null, sizes: null, prices: null };
        return assembleRegionFacts({ ...silent, subscriptionId, notes: [region.note] }, instanceTypes);
      }
      const key = [subscriptionId, region.value].join(separator);
      const [usages, sizes, prices] = await Promise.all([
        sources.usages.ask(key, now),
        sources.sizes.ask(key, now),
        sources.prices.ask(region.value, now),
      ]);
      const notes = [region, usages, sizes, prices].flatMap(({ note }) => (note === undefined ? [] : [note]));
      return assembleRegionFacts(
        {
          region: region.value,
          subscriptionId,
          usages: usages.value ?? null,
          sizes: sizes.value ?? null,
          prices: prices.value ?? null,
          notes,
        },
        instanceTypes,
      );
    },
  };
}

interface Sources {
  regions: RememberedSource<string>;
  usages: RememberedSource<ReadonlyMap<string, Quota>>;
  sizes: RememberedSource<ReadonlyMap<string, ListedSize>>;
  prices: RememberedSource<ReadonlyMap<string, SizePrices>>;
}

function openSources({ arm, prices, patience = usualPatience }: RegionOffersOptions): Sources {
  return {
    regions: new RememberedSource({
      describe: (resourceId) => `region of ${resourceId.split('/').at(-1) ?? resourceId}`,
      read: (resourceId) => readRegion(arm, resourceId),
      freshFor: day,
      usableFor: 30 * day,
      whenStale: 'revalidate',
      patience,
    }),
    // Quota moves with every pool: an old figure misleads, so who needs it waits for a new one.
    usages: new RememberedSource({
      describe: (key) => `vCPU quota in ${regionOf(key)}`,
      read: async (key) => nonEmpty(await readUsages(arm, placeOf(key))),
      freshFor: minute,
      usableFor: 10 * minute,
      whenStale: 'wait',
      patience,
    }),
    sizes: new RememberedSource({
      describe: (key) => `sizes offered in ${regionOf(key)}`,
      read: async (key) => nonEmpty(await readComputeSkus(arm, placeOf(key))),
      freshFor: 6 * hour,
      usableFor: 2 * day,
      whenStale: 'revalidate',
      patience,
    }),
    prices: new RememberedSource({
      describe: (region) => `retail prices in ${region}`,
      read: async (region, now) => nonEmpty(await readRetailPrices(prices, region, now)),
      freshFor: day,
      usableFor: 14 * day,
      whenStale: 'revalidate',
      patience,
    }),
  };
}

async function readRegion(arm: ArmReader, resourceId: string): Promise<string> {
  const cluster = await arm.get(resourceId, { 'api-version': '2026-04-01' });
  const location = isRecord(cluster) ? cluster['location'] : undefined;
  if (typeof location !== 'string' || !/^[a-z0-9 ]+$/i.test(location))
    throw new Error('the cluster names no region');
  // ARM also takes and tells display names, such as "East US".
  return location.replaceAll(' ', '').toLowerCase();
}

/** No region is without sizes, quotas and prices: an empty list is an answer that says nothing. */
function nonEmpty<T>(list: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  if (list.size === 0) throw new Error('the list is empty');
  return list;
}

function placeOf(key: string): { subscriptionId: string; region: string } {
  const [subscriptionId = '', region = ''] = key.split(separator);
  return { subscriptionId, region };
}

function regionOf(key: string): string {
  return placeOf(key).region;
}

function unknownCluster(name: string): Terminal {
  return new Terminal('UnknownCluster', { message: `cluster "${name}" is not configured` });
}
