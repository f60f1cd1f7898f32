/** What Azure offers a subscription in a region, as plain data. Null always means: not known (the source was silent), never "none". */

/** A vCPU quota as Microsoft.Compute counts it. */
export interface Quota {
  /** `usages[].name.value`: a family, `cores` (the region), or `lowPriorityCores` (spot). */
  name: string;
  limit: number;
  used: number;
  /** Never below zero. */
  left: number;
}

/** Where a price comes from; every price names it. */
export const PriceSource = {
  /** Azure's retail price list: https://prices.azure.com. */
  retailPrices: 'azure-retail-prices',
  /** `gpu-size-table.ts`: list prices of East US, only good as an indication. */
  builtInTable: 'built-in-table',
} as const;
export type PriceSource = (typeof PriceSource)[keyof typeof PriceSource];

/** US dollars an hour for one node, Linux. */
export interface Price {
  hourly: number;
  source: PriceSource;
  /** The price list's `effectiveStartDate` (ISO 8601), or what the built-in figure was copied from. */
  basis: string;
}

/** What Azure's list of sizes (Resource SKUs API) says about a size. */
export interface SizeListing {
  /** False: the region does not have it, or not for this subscription. */
  offered: boolean;
  /** Azure's reason code of a restriction on the whole region: `NotAvailableForSubscription`, `QuotaId`; null when there is none. */
  restriction: string | null;
  /** Zones in which it can be had. */
  zones: string[];
  /** Zones that are closed to this subscription. */
  restrictedZones: string[];
  /** It can be had as spot. */
  spot: boolean;
}

/** One size in one region. */
export interface SizeFacts {
  /** In Azure's spelling where it is known, else as it was asked for. */
  instanceType: string;
  vcpus: number | null;
  gpus: number | null;
  /** Quota family. */
  family: string | null;
  listing: SizeListing | null;
  quota: { family: Quota | null; region: Quota | null; spot: Quota | null };
  price: { onDemand: Price | null; spot: Price | null };
}

export interface RegionFacts {
  /** Azure's name of the region, such as `eastus`. */
  region: string | null;
  subscriptionId: string;
  /** By {@link sizeKey}: every size that was asked about. */
  sizes: Readonly<Record<string, SizeFacts>>;
  /** One sentence for each source that was silent, slow or stale; what hangs on it was answered without. */
  notes: string[];
}

/** Sizes compare without case. */
export function sizeKey(instanceType: string): string {
  return instanceType.toLowerCase();
}

/** Quota families compare without case and without blanks: Azure's lists of sizes and of usages spell them differently. */
export function quotaKey(name: string): string {
  return name.toLowerCase().replaceAll(' ', '');
}

export function sizeFactsOf({ sizes }: RegionFacts, instanceType: string): SizeFacts | undefined {
  return sizes[sizeKey(instanceType)];
}

/** Price of one node on these terms; undefined when nobody knows it. A reservation costs what its machines cost on demand. */
export function priceFor(facts: SizeFacts | undefined, priority: 'on-demand' | 'spot'): Price | undefined {
  return (priority === 'spot' ? facts?.price.spot : facts?.price.onDemand) ?? undefined;
}
