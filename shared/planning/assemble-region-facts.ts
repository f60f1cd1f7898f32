import { factSources } from './gpu-size.ts';
import { findGpuSize } from './gpu-sizes.ts';
import type { Price, Quota, RegionFacts, SizeFacts, SizeListing } from './region-facts.ts';
import { PriceSource, quotaKey, sizeKey } from './region-facts.ts';

/** Names under which Microsoft.Compute counts the region's and the spot vCPUs. Source: reference, quota and prices. */
export const regionQuotaName = 'cores';
export const spotQuotaName = 'lowPriorityCores';

/** A size as Azure's list tells it. */
export interface ListedSize {
  name: string;
  vcpus: number | null;
  gpus: number | null;
  family: string | null;
  listing: SizeListing;
}

export type SizePrices = SizeFacts['price'];

/** What the sources answered; null for a silent one. Sizes by {@link sizeKey}, usages by {@link quotaKey}. */
export interface RegionSources {
  region: string | null;
  subscriptionId: string;
  usages: ReadonlyMap<string, Quota> | null;
  sizes: ReadonlyMap<string, ListedSize> | null;
  prices: ReadonlyMap<string, SizePrices> | null;
  notes: string[];
}

/** Joins the lists: the family that a size names is the usage that counts it. */
export function assembleRegionFacts(sources: RegionSources, instanceTypes: readonly string[]): RegionFacts {
  const { region, subscriptionId, notes } = sources;
  const sizes = Object.fromEntries(
    instanceTypes.map((instanceType) => [sizeKey(instanceType), factsOf(sources, instanceType)]),
  );
  return { region, subscriptionId, sizes, notes };
}

function factsOf({ sizes, usages, prices }: RegionSources, asked: string): SizeFacts {
  const known = findGpuSize(asked);
  const name = known?.azureName ?? known?.name ?? asked;
  const listed = sizes?.get(sizeKey(name));
  const family = listed?.family ?? known?.quotaFamily ?? null;
  const usage = (quota: string | null): Quota | null =>
    (quota === null ? undefined : usages?.get(quotaKey(quota))) ?? null;
  const found = prices?.get(sizeKey(name));
  return {
    instanceType: listed?.name ?? name,
    vcpus: listed?.vcpus ?? known?.vcpus ?? null,
    gpus: listed?.gpus ?? known?.gpuCount ?? null,
    family,
    listing: listed?.listing ?? (sizes === null ? null : absent),
    quota: { family: usage(family), region: usage(regionQuotaName), spot: usage(spotQuotaName) },
    price: { onDemand: found?.onDemand ?? builtInPrice(asked), spot: found?.spot ?? null },
  };
}

/** A list that answered and does not have the size: the region does not offer it. */
const absent: SizeListing = {
  offered: false,
  restriction: null,
  zones: [],
  restrictedZones: [],
  spot: false,
};

function builtInPrice(instanceType: string): Price | null {
  const size = findGpuSize(instanceType);
  if (size === undefined) return null;
  return {
    hourly: size.hourlyPrice,
    source: PriceSource.builtInTable,
    basis: factSources[size.sources.price],
  };
}
