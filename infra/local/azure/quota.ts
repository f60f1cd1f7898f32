import type { AzureState } from './azure-state.ts';
import { usedUpQuotas } from './scripted-lists.ts';
import { propertiesOf, vmSizeOf, wantedMachines } from './pool-properties.ts';
import { vmSizes } from './vm-sizes.ts';
import type { VmSize } from './vm-sizes.ts';

/** vCPUs in use and allowed, by quota name. */
export interface Usage {
  name: string;
  localizedName: string;
  currentValue: number;
  limit: number;
}

/** Default limits of the simulated subscription: plenty, so that scarcity is always somebody's wish. */
const defaultLimits = { family: 100_000, cores: 1_000_000, lowPriorityCores: 100_000 };

/** Usages of a region as Microsoft.Compute lists them: regional cores, spot cores, then one entry per family. */
export function regionUsages(state: AzureState, location: string): Usage[] {
  const used = vCPUsInUse(state, location);
  const limits = state.faults.rules().limits.quota ?? {};
  const limitOf = (name: string, fallback: number): number => lookUp(limits, name) ?? fallback;
  const families = [...new Set(vmSizes.map((size) => size.family))];
  const usedUp = usedUpQuotas(state);
  const usage = (name: string, localizedName: string, usual: number): Usage => {
    const currentValue = used.get(name) ?? 0;
    return {
      name,
      localizedName,
      currentValue,
      limit: usedUp.has(name) ? currentValue : limitOf(name, usual),
    };
  };
  return [
    usage('cores', 'Total Regional vCPUs', defaultLimits.cores),
    usage('lowPriorityCores', 'Total Regional Low-priority vCPUs', defaultLimits.lowPriorityCores),
    ...families.map((family) => usage(family, `${family} vCPUs`, defaultLimits.family)),
  ];
}

/** The first usage that `machines` more of `size` would exceed. */
export function exceededUsage(
  state: AzureState,
  request: { location: string; size: VmSize; machines: number; spot: boolean },
): { usage: Usage; needed: number } | undefined {
  const needed = request.size.vCPUs * request.machines;
  if (needed <= 0) return undefined;
  const counted = request.spot ? ['lowPriorityCores'] : ['cores', request.size.family];
  const usage = regionUsages(state, request.location).find(
    ({ name, currentValue, limit }) => counted.includes(name) && currentValue + needed > limit,
  );
  return usage && { usage, needed };
}

function vCPUsInUse(state: AzureState, location: string): Map<string, number> {
  const used = new Map<string, number>();
  const add = (name: string, amount: number): void => void used.set(name, (used.get(name) ?? 0) + amount);
  for (const pool of state.pools.values()) {
    if (state.clusters.get(pool.cluster)?.location !== location || pool.provisioningState === 'Failed')
      continue;
    const size = vmSizeOf(pool);
    const properties = propertiesOf(pool);
    const machines = Math.max(wantedMachines(properties), pool.machines.length);
    const names = properties.scaleSetPriority === 'Spot' ? ['lowPriorityCores'] : ['cores', size.family];
    for (const name of names) add(name, machines * size.vCPUs);
  }
  return used;
}

function lookUp(limits: Record<string, number>, name: string): number | undefined {
  return Object.entries(limits).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}
