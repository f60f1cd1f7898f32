import type { ProvisioningOptions } from '../workspace/provisioning-options.ts';
import type { Offer, Placement } from './placement.ts';
import { regionalOnDemand } from './placement.ts';

/**
 * What to ask Azure for, best first. For each size: the reservation, spot, on-demand; each of the latter two as a region (or in the zones
 * that must be), then zone by zone. A reservation is for the size asked for: Azure reserves capacity by size.
 */
export function ladderOf(instanceType: string, options: ProvisioningOptions): Offer[] {
  const sizes = [
    instanceType,
    ...options.fallbackInstanceTypes.filter((size) => !isSame(size, instanceType)),
  ];
  return sizes.flatMap((size, index) => [
    ...(index === 0 ? reserved(size, options) : []),
    ...placements(options).map((placement) => ({ instanceType: size, placement })),
  ]);
}

function reserved(instanceType: string, { capacityReservationGroup, zones }: ProvisioningOptions): Offer[] {
  if (capacityReservationGroup === null) return [];
  return [{ instanceType, placement: { ...regionalOnDemand, zones, capacityReservationGroup } }];
}

function placements({ priority, spotMaxPrice, zones, fallbackZones }: ProvisioningOptions): Placement[] {
  const priorities: Placement['priority'][] =
    priority === 'spot-then-on-demand' ? ['spot', 'on-demand'] : [priority];
  return priorities.flatMap((one) => {
    const terms: Placement = {
      ...regionalOnDemand,
      priority: one,
      spotMaxPrice: one === 'spot' ? spotMaxPrice : null,
    };
    return [{ ...terms, zones }, ...fallbackZones.map((zone) => ({ ...terms, zones: [zone] }))];
  });
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
