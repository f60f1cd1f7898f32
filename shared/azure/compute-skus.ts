import * as z from 'zod/mini';
import type { ListedSize } from '../planning/assemble-region-facts.ts';
import type { ArmReader } from './arm-reader.ts';

const sku = z.object({
  resourceType: z.literal('virtualMachines'),
  name: z.string(),
  family: z.nullish(z.string()),
  locationInfo: z.nullish(z.array(z.object({ location: z.string(), zones: z.nullish(z.array(z.string())) }))),
  capabilities: z.nullish(z.array(z.object({ name: z.string(), value: z.string() }))),
  restrictions: z.nullish(
    z.array(
      z.object({
        type: z.string(),
        values: z.nullish(z.array(z.string())),
        reasonCode: z.nullish(z.string()),
        restrictionInfo: z.nullish(
          z.object({ locations: z.nullish(z.array(z.string())), zones: z.nullish(z.array(z.string())) }),
        ),
      }),
    ),
  ),
});
type Sku = z.infer<typeof sku>;

/** VM sizes of a region as a subscription may have them, by lower-case name. REST operation: ResourceSkus_List of Microsoft.Compute. */
export async function readComputeSkus(
  arm: ArmReader,
  { subscriptionId, region }: { subscriptionId: string; region: string },
): Promise<Map<string, ListedSize>> {
  const items = await arm.list(`/subscriptions/${subscriptionId}/providers/Microsoft.Compute/skus`, {
    'api-version': '2021-07-01',
    $filter: `location eq '${region}'`,
  });
  return new Map(
    items.flatMap((item) => {
      const read = sku.safeParse(item);
      return read.success ? [[read.data.name.toLowerCase(), toListedSize(read.data, region)] as const] : [];
    }),
  );
}

function toListedSize(
  { name, family, locationInfo, capabilities, restrictions }: Sku,
  region: string,
): ListedSize {
  const capability = (wanted: string): string | undefined =>
    capabilities?.find((one) => one.name === wanted)?.value;
  const here = restrictions?.filter((one) => isHere(one, region)) ?? [];
  const closed = here.find(({ type }) => type === 'Location');
  const restrictedZones = here
    .filter(({ type }) => type === 'Zone')
    .flatMap(({ restrictionInfo }) => restrictionInfo?.zones ?? []);
  const zones = locationInfo?.find(({ location }) => isSame(location, region))?.zones ?? [];
  return {
    name,
    family: family ?? null,
    vcpus: numberOf(capability('vCPUs')),
    gpus: numberOf(capability('GPUs') ?? '0'),
    listing: {
      offered: closed === undefined,
      restriction: closed === undefined ? null : (closed.reasonCode ?? 'Restricted'),
      zones: zones.filter((zone) => !restrictedZones.includes(zone)).sort(),
      restrictedZones: [...new Set(restrictedZones)].sort(),
      // Absent from old entries of the list, and then it says nothing against spot.
      spot: capability('LowPriorityCapable') !== 'False',
    },
  };
}

function isHere(
  { values, restrictionInfo }: NonNullable<Sku['restrictions']>[number],
  region: string,
): boolean {
  const locations = restrictionInfo?.locations ?? values ?? [];
  return locations.some((location) => isSame(location, region));
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function numberOf(text: string | undefined): number | null {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : null;
}
