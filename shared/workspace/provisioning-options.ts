/** How nodes may be got: `slipway.dev/*` annotations, read. */
import type { Annotations } from './annotations.ts';
import { SlipwayAnnotation } from './annotations.ts';
import { OptionReader } from './option-reader.ts';
import type { Findings } from './fault.ts';
import { CauseReason, shown } from './fault.ts';
import { findGpuSize, looksLikeAzureSize, nearestGpuSize } from '../planning/gpu-sizes.ts';

export const priorities = ['on-demand', 'spot', 'spot-then-on-demand'] as const;
export const nodeAllocations = ['dedicated', 'shared'] as const;

export interface ProvisioningOptions {
  fallbackInstanceTypes: string[];
  priority: (typeof priorities)[number];
  /** US dollars an hour and node; null: up to the on-demand price. */
  spotMaxPrice: number | null;
  zones: string[];
  fallbackZones: string[];
  /** ARM id; null: none. */
  capacityReservationGroup: string | null;
  /** null: as the cluster's settings say. */
  nodeAllocation: (typeof nodeAllocations)[number] | null;
}

/** Sizes beyond the one asked for; more would make a ladder nobody can foresee. */
const mostFallbacks = 8;
const instanceType = /^[A-Za-z][\w-]{1,79}$/;
const zone = /^[1-9]$/;
const reservation =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Compute\/capacityReservationGroups\/[^/]+$/i;

/** Reads the options; what is wrong is added to `findings` and read as not given. */
export function readProvisioningOptions(annotations: Annotations, findings: Findings): ProvisioningOptions {
  const read = new OptionReader(annotations, findings);
  const options: ProvisioningOptions = {
    fallbackInstanceTypes: read.list(SlipwayAnnotation.fallbackInstanceTypes, {
      item: instanceType,
      most: mostFallbacks,
      remedy: 'write VM sizes, comma-separated, such as Standard_NC40ads_H100_v5,Standard_NV36ads_A10_v5',
    }),
    priority: read.word(SlipwayAnnotation.priority, priorities) ?? 'on-demand',
    spotMaxPrice: read.price(SlipwayAnnotation.spotMaxPrice),
    zones: read.list(SlipwayAnnotation.zones, { item: zone, most: 3, remedy: 'write zones such as 1,2' }),
    fallbackZones: read.list(SlipwayAnnotation.fallbackZones, {
      item: zone,
      most: 3,
      remedy: 'write zones such as 1,2',
    }),
    capacityReservationGroup: read.text(SlipwayAnnotation.capacityReservationGroup, {
      matches: reservation,
      remedy: 'write the ARM id: az capacity reservation group show --query id --output tsv',
    }),
    nodeAllocation: read.word(SlipwayAnnotation.nodeAllocation, nodeAllocations),
  };
  refuseUnknownSizes(options, read);
  refuseContradictions(options, read);
  return options;
}

/** The same rule as for `resource.instanceType`: a rung that Azure cannot have is a slip of the pen. Source: reference, R5. */
function refuseUnknownSizes({ fallbackInstanceTypes }: ProvisioningOptions, read: OptionReader): void {
  for (const size of fallbackInstanceTypes) {
    if (findGpuSize(size) !== undefined || looksLikeAzureSize(size)) continue;
    const nearest = nearestGpuSize(size);
    read.refuse(
      SlipwayAnnotation.fallbackInstanceTypes,
      `names ${shown(size)}, which is no GPU size of Azure`,
      nearest === undefined
        ? 'az vm list-skus --location REGION --size Standard_N lists them'
        : `did you mean ${nearest}?`,
      CauseReason.NotSupported,
    );
  }
}

function refuseContradictions(options: ProvisioningOptions, read: OptionReader): void {
  const { priority, spotMaxPrice, zones, fallbackZones, capacityReservationGroup } = options;
  if (spotMaxPrice !== null && priority === 'on-demand') {
    read.refuse(
      SlipwayAnnotation.spotMaxPrice,
      'is given although no spot node is asked for',
      `set ${SlipwayAnnotation.priority} to spot or spot-then-on-demand, or remove it`,
    );
  }
  if (zones.length > 0 && fallbackZones.length > 0) {
    read.refuse(
      SlipwayAnnotation.fallbackZones,
      `cannot be combined with ${SlipwayAnnotation.zones}`,
      'zones are where nodes must be, fallback zones where they may be: keep one of the two',
    );
  }
  if (capacityReservationGroup !== null && priority === 'spot') {
    read.refuse(
      SlipwayAnnotation.capacityReservationGroup,
      'cannot be drawn from by spot nodes',
      `set ${SlipwayAnnotation.priority} to on-demand or spot-then-on-demand`,
    );
  }
}
