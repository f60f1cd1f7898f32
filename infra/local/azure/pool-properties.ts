import { z } from 'zod';
import { aksError } from './arm-error.ts';
import type { PoolRecord } from './records.ts';
import { findVmSize } from './vm-sizes.ts';
import type { VmSize } from './vm-sizes.ts';

const poolPropertiesSchema = z.looseObject({
  count: z.number().int().min(0).max(1000).optional(),
  vmSize: z.string(),
  mode: z.enum(['System', 'User', 'Gateway']).optional(),
  type: z.enum(['VirtualMachineScaleSets', 'VirtualMachines', 'AvailabilitySet']).optional(),
  osType: z.enum(['Linux', 'Windows']).optional(),
  osSKU: z.string().optional(),
  osDiskSizeGB: z.number().int().min(0).max(2048).optional(),
  osDiskType: z.enum(['Ephemeral', 'Managed']).optional(),
  maxPods: z.number().int().min(10).max(250).optional(),
  availabilityZones: z.array(z.string()).nullish(),
  scaleSetPriority: z.enum(['Spot', 'Regular']).optional(),
  nodeLabels: z.record(z.string(), z.string()).nullish(),
  nodeTaints: z.array(z.string()).nullish(),
  tags: z.record(z.string(), z.string()).nullish(),
  powerState: z.object({ code: z.enum(['Running', 'Stopped']).optional() }).optional(),
  gpuProfile: z.object({ driver: z.enum(['Install', 'None']).optional() }).optional(),
});
export type PoolProperties = z.infer<typeof poolPropertiesSchema>;

const bodySchema = z.looseObject({ properties: z.looseObject({}) });

/** Fields that only the service writes: a client that puts back what it read is not refused for them. */
const readOnly = ['eTag', 'provisioningState', 'status', 'nodeImageVersion', 'currentOrchestratorVersion'];

/** Reads the body of an agent pool PUT. Refuses with 400 InvalidParameter, naming the field. */
export function parsePoolBody(body: unknown): PoolProperties {
  const outer = bodySchema.safeParse(body);
  if (!outer.success)
    throw aksError(400, 'BadRequest', 'The request body must be an agent pool with "properties".');
  const properties = { ...outer.data.properties };
  for (const field of readOnly) Reflect.deleteProperty(properties, field);
  const parsed = poolPropertiesSchema.safeParse(properties);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = (issue?.path ?? []).join('.');
  throw aksError(
    400,
    'InvalidParameter',
    `The value of parameter agentPoolProfile.${field} is invalid. ${issue?.message ?? ''}`,
    {
      target: `agentPoolProfile.${field}`,
    },
  );
}

/** A stored pool's properties, typed. */
export function propertiesOf(pool: PoolRecord): PoolProperties {
  return poolPropertiesSchema.parse(pool.properties);
}

/** The defaults AKS fills in; what the client left out of an update keeps nothing of the old pool, as PUT replaces. */
export function withDefaults(properties: PoolProperties): PoolProperties {
  const priority = properties.scaleSetPriority;
  return {
    count: 1,
    type: 'VirtualMachineScaleSets',
    mode: 'User',
    osType: 'Linux',
    osSKU: 'Ubuntu',
    osDiskType: 'Managed',
    kubeletDiskType: 'OS',
    maxPods: 110,
    scaleDownMode: 'Delete',
    enableFIPS: false,
    ...properties,
    osDiskSizeGB:
      properties.osDiskSizeGB === undefined || properties.osDiskSizeGB === 0 ? 128 : properties.osDiskSizeGB,
    powerState: { code: properties.powerState?.code ?? 'Running' },
    ...(priority === 'Spot' && {
      scaleSetPriority: 'Spot',
      scaleSetEvictionPolicy: properties['scaleSetEvictionPolicy'] ?? 'Delete',
      spotMaxPrice: properties['spotMaxPrice'] ?? -1,
      nodeLabels: { ...properties.nodeLabels, 'kubernetes.azure.com/scalesetpriority': 'spot' },
      nodeTaints: withSpotTaint(properties.nodeTaints ?? []),
    }),
  };
}

const spotTaint = 'kubernetes.azure.com/scalesetpriority=spot:NoSchedule';

function withSpotTaint(taints: string[]): string[] {
  return taints.includes(spotTaint) ? taints : [...taints, spotTaint];
}

export function isStopped({ powerState }: PoolProperties): boolean {
  return powerState?.code === 'Stopped';
}

/** Machines that shall run: none while the pool is stopped. */
export function wantedMachines(properties: PoolProperties): number {
  return isStopped(properties) ? 0 : (properties.count ?? 1);
}

/** The VM size, which create has checked. */
export function vmSizeOf(pool: PoolRecord): VmSize {
  const name = propertiesOf(pool).vmSize;
  const size = findVmSize(name);
  if (size === undefined) throw new Error(`pool ${pool.name} has an unknown VM size ${name}`);
  return size;
}

/** Fields a PUT may not change once the pool exists (400). vmSize, osDiskType and MIG are documented, the rest is common knowledge. */
export const immutableFields = [
  'vmSize',
  'osDiskType',
  'osDiskSizeGB',
  'type',
  'osType',
  'gpuInstanceProfile',
  'maxPods',
  'scaleSetPriority',
  'vnetSubnetID',
  'proximityPlacementGroupID',
  'capacityReservationGroupID',
] as const;
