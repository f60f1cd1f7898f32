/** Where and on what terms Azure is asked for nodes. */
export interface Placement {
  priority: 'on-demand' | 'spot';
  /** Zones the nodes must be in; none: regional placement, which Azure can satisfy more often. */
  zones: string[];
  /** US dollars an hour and node; null: up to the on-demand price. Spot only. */
  spotMaxPrice: number | null;
  /** ARM id of the reservation to draw from; null: none. */
  capacityReservationGroup: string | null;
}

/** What AKS does when nothing is said. */
export const regionalOnDemand: Placement = {
  priority: 'on-demand',
  zones: [],
  spotMaxPrice: null,
  capacityReservationGroup: null,
};

/** A size on certain terms: one rung of the fallback ladder. */
export interface Offer {
  instanceType: string;
  placement: Placement;
}

/** For messages: `2 x Standard_NC24ads_A100_v4, spot, zone 1`. */
export function describeOffer({ instanceType, placement }: Offer, count?: number): string {
  const { priority, zones, capacityReservationGroup } = placement;
  return [
    count === undefined ? instanceType : `${count} x ${instanceType}`,
    ...(priority === 'spot' ? ['spot'] : []),
    ...(zones.length === 0 ? [] : [`zone ${zones.join(' or ')}`]),
    ...(capacityReservationGroup === null ? [] : ['from the capacity reservation']),
  ].join(', ');
}
