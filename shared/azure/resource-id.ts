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

/** A resource of a managed cluster, or the cluster itself. */
export interface ClusterResource {
  /** Resource id of the cluster, as it was written. */
  cluster: string;
  /** The agent pool that is meant, or that the resource lies in. */
  pool?: string;
}

const resourcePattern =
  /^(\/subscriptions\/.*?\/managedClusters\/[^/]+)(?:\/agentPools\/([^/]+)(?:\/.*)?)?$/i;

/** Reads the id of a managed cluster, of one of its agent pools, or of what such a pool has; undefined for everything else. */
export function readClusterResource(resourceId: string): ClusterResource | undefined {
  const [, cluster, pool] = resourcePattern.exec(resourceId) ?? [];
  if (cluster === undefined || parseManagedClusterId(cluster) === undefined) return undefined;
  return { cluster, ...(pool === undefined ? {} : { pool }) };
}
