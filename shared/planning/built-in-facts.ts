import { assembleRegionFacts } from './assemble-region-facts.ts';
import type { RegionFacts } from './region-facts.ts';

/** What can be said without asking Azure at all: sizes and list prices of the built-in table. */
export function builtInFacts(subscriptionId: string, instanceTypes: readonly string[]): RegionFacts {
  return assembleRegionFacts(
    { region: null, subscriptionId, usages: null, sizes: null, prices: null, notes: [] },
    instanceTypes,
  );
}
