import type { AgentPool } from '@azure/arm-containerservice';
import { findGpuSize } from '../planning/gpu-sizes.ts';
import type { Placement } from '../planning/placement.ts';
import type { PoolPower, PoolRequest } from './node-provisioner.ts';

/**
 * The PUT body of a GPU pool, in the SDK's flat form. AKS installs NVIDIA's driver; without zones placement is regional, so that
 * Azure may use capacity wherever the region has it.
 */
export function toAgentPool(request: PoolRequest): AgentPool {
  return {
    typePropertiesType: 'VirtualMachineScaleSets',
    mode: 'User',
    osType: 'Linux',
    osSKU: request.osSku,
    vmSize: request.instanceType,
    count: request.count,
    osDiskSizeGB: request.diskGiB,
    ...driver(request.instanceType),
    nodeLabels: request.labels,
    nodeTaints: request.taints,
    tags: request.tags,
    ...terms(request.placement),
  };
}

/** Of sizes without an NVIDIA GPU nothing is said, as KAITO does: AKS knows what they need. Source: reference, f.4. */
function driver(instanceType: string): Partial<AgentPool> {
  const size = findGpuSize(instanceType);
  const nvidia =
    size === undefined ? /^Standard_N/i.test(instanceType) : size.computeCapability !== undefined;
  return nvidia ? { gpuProfile: { driver: 'Install' } } : {};
}

/** Evicted spot machines are deleted: a deallocated one still pays for its disk and comes back when nobody expects it. */
function terms({ priority, zones, spotMaxPrice, capacityReservationGroup }: Placement): Partial<AgentPool> {
  return {
    ...(zones.length === 0 ? {} : { availabilityZones: zones }),
    ...(capacityReservationGroup === null ? {} : { capacityReservationGroupID: capacityReservationGroup }),
    ...(priority === 'spot'
      ? {
          scaleSetPriority: 'Spot',
          scaleSetEvictionPolicy: 'Delete',
          spotMaxPrice: spotMaxPrice ?? upToOnDemandPrice,
        }
      : {}),
  };
}

/** Azure's word for no limit of our own. */
const upToOnDemandPrice = -1;

/**
 * The whole pool with another count or power: a PUT replaces, there is no PATCH. `nodeImageVersion` stays out, because sending it asks for a
 * rollback, and so does what only the service writes.
 */
export function withSize(pool: AgentPool, count: number, power: PoolPower): AgentPool {
  return {
    ...pool,
    ...(power === 'stopped'
      ? { powerState: { code: 'Stopped' } }
      : { count, powerState: { code: 'Running' } }),
    nodeImageVersion: undefined,
    status: undefined,
    virtualMachineNodesStatus: undefined,
  };
}
