import type { AzureState } from './azure-state.ts';
import { matchesPattern } from '../cluster/faults.ts';
import { standingRefusals } from './scripted-lists.ts';
import { vmSizes } from './vm-sizes.ts';
import type { VmSize } from './vm-sizes.ts';

/** A restriction as the Resource SKUs API lists it. */
interface Restriction {
  type: 'Location' | 'Zone';
  values: string[];
  restrictionInfo: { locations: string[]; zones?: string[] };
  reasonCode: 'NotAvailableForSubscription';
}

/** Codes by which Azure says that a size is not to be had in this subscription and region. */
const unavailableCodes = /SkuNotAvailable|VMSizeNotSupported|NotAvailableForSubscription/i;

/** The restrictions on a size: from the limits, and from scripted errors that say it is not offered. */
export function sizeRestrictions(state: AzureState, size: VmSize, location: string): Restriction[] {
  const { limits } = state.faults.rules();
  const fromLimits = (limits.restrictedSizes ?? []).filter(({ vmSize }) => matchesPattern(vmSize, size.name));
  const fromOutcomes = standingRefusals(state).flatMap(({ match, text }) => {
    if (match.vmSize === undefined || match.priority === 'Spot' || !unavailableCodes.test(text)) return [];
    if (!matchesPattern(match.vmSize, size.name)) return [];
    return [match.zone === undefined ? {} : { zones: [match.zone] }];
  });
  return [...fromLimits, ...fromOutcomes].map(({ zones }) => ({
    type: zones === undefined ? 'Location' : 'Zone',
    values: [location],
    restrictionInfo: { locations: [location], ...(zones && { zones }) },
    reasonCode: 'NotAvailableForSubscription',
  }));
}

/** `value` of GET .../Microsoft.Compute/skus for one region. */
export function regionSkus(state: AzureState, location: string): Record<string, unknown>[] {
  return vmSizes
    .filter((size) => size.retired !== true)
    .map((size) => ({
      resourceType: 'virtualMachines',
      name: size.name,
      tier: 'Standard',
      size: size.name.replace(/^Standard_/, ''),
      family: size.family,
      locations: [location],
      locationInfo: [{ location, zones: size.zones, zoneDetails: [] }],
      capabilities: [
        { name: 'vCPUs', value: String(size.vCPUs) },
        { name: 'MemoryGB', value: String(size.memoryGiB) },
        { name: 'MaxResourceVolumeMB', value: String(size.diskGiB * 1024) },
        { name: 'LowPriorityCapable', value: 'True' },
        ...(size.gpus > 0 ? [{ name: 'GPUs', value: String(size.gpus) }] : []),
      ],
      restrictions: sizeRestrictions(state, size, location),
    }));
}
