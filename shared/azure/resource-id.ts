/** The parts of a managed cluster's ARM resource id. */
export interface ManagedClusterId {
  subscriptionId: string;
  resourceGroup: string;
  clusterName: string;
}

// Names: resource group and cluster naming rules of Azure Resource Manager and AKS; ids compare without case.
const pattern =
  /^\/subscriptions\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/resourceGroups\/([-\w.()]{1,90})\/providers\/Microsoft\.ContainerService\/managedClusters\/([A-Za-z0-9][-\w]{0,62})$/i;

/** Reads `/subscriptions/{guid}/resourceGroups/{group}/providers/Microsoft.ContainerService/managedClusters/{name}`; undefined when it is another thing. */
export function parseManagedClusterId(id: string): ManagedClusterId | undefined {
  const [, subscriptionId, resourceGroup, clusterName] = pattern.exec(id) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || clusterName === undefined)
    return undefined;
  return { subscriptionId, resourceGroup, clusterName };
}

/** The managed cluster a resource such as an agent pool lies in; undefined when it lies in none. */
export function parentClusterOf(resourceId: string): string | undefined {
  const end = /\/managedClusters\/[^/]+/i.exec(resourceId);
  const parent = end === null ? undefined : resourceId.slice(0, end.index + end[0].length);
  return parent !== undefined && parseManagedClusterId(parent) !== undefined ? parent : undefined;
}
