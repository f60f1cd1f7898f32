import type { AzureContext } from './settings.ts';

type Scope = Pick<AzureContext, 'subscriptionId' | 'resourceGroup'>;

export function clusterId({ subscriptionId, resourceGroup }: Scope, cluster: string): string {
  return `/subscriptions/${subscriptionId}/resourcegroups/${resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${cluster}`;
}

export function poolId(scope: Scope, cluster: string, pool: string): string {
  return `${clusterId(scope, cluster)}/agentPools/${pool}`;
}

/** The resource group AKS makes for the machines of a cluster. */
export function nodeResourceGroup({ resourceGroup }: Scope, cluster: string, location: string): string {
  return `MC_${resourceGroup}_${cluster}_${location}`;
}

/** The scale set instance behind a node. */
export function machineResourceId(
  scope: Scope,
  pool: { cluster: string; location: string; name: string; nodeSuffix: string },
  instance: number,
): string {
  const group = nodeResourceGroup(scope, pool.cluster, pool.location);
  return (
    `/subscriptions/${scope.subscriptionId}/resourceGroups/${group}/providers/Microsoft.Compute/` +
    `virtualMachineScaleSets/aks-${pool.name}-${pool.nodeSuffix}-vmss/virtualMachines/${instance}`
  );
}

/** `aks-<pool>-<8 digits>-vmss<instance in 6 base-36 digits>`, as AKS names the nodes of scale set pools. */
export function machineName(pool: { name: string; nodeSuffix: string }, instance: number): string {
  return `aks-${pool.name}-${pool.nodeSuffix}-vmss${instance.toString(36).padStart(6, '0')}`;
}
