import type { AgentPool } from '@azure/arm-containerservice';
import type { PoolRequest } from './node-provisioner.ts';

/**
 * The PUT body of a GPU pool, in the SDK's flat form. AKS installs the driver; no zones are named (regional placement), so that
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
    gpuProfile: { driver: 'Install' },
    nodeLabels: request.labels,
    nodeTaints: request.taints,
    tags: request.tags,
  };
}

/**
 * The whole pool with another count: a PUT replaces, there is no PATCH. `nodeImageVersion` stays out, because sending it asks for a
 * rollback, and so does what only the service writes.
 */
export function withCount(pool: AgentPool, count: number): AgentPool {
  return {
    ...pool,
    count,
    nodeImageVersion: undefined,
    status: undefined,
    virtualMachineNodesStatus: undefined,
  };
}
