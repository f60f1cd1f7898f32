import type { AzureContext } from './settings.ts';
import { platformVersions } from './settings.ts';
import { clusterId, machineResourceId, nodeResourceGroup, poolId } from './resource-ids.ts';
import { vmSizeOf } from './pool-properties.ts';
import type { ClusterRecord, MachineRecord, OperationRecord, PoolRecord } from './records.ts';

type Json = Record<string, unknown>;

const poolType = 'Microsoft.ContainerService/managedClusters/agentPools';

/** A pool's `properties` as ARM answers them. */
function poolProperties(pool: PoolRecord): Json {
  const image = vmSizeOf(pool).gpus > 0 ? platformVersions.gpuNodeImage : platformVersions.nodeImage;
  return {
    ...pool.properties,
    orchestratorVersion: pool.properties['orchestratorVersion'] ?? platformVersions.kubernetes,
    currentOrchestratorVersion: platformVersions.kubernetes,
    nodeImageVersion: image,
    provisioningState: pool.provisioningState,
    eTag: pool.eTag,
    ...(pool.provisioningError && { status: { provisioningError: pool.provisioningError } }),
  };
}

/** The AgentPool resource. */
export function poolView(context: AzureContext, pool: PoolRecord): Json {
  return {
    id: poolId(context, pool.cluster, pool.name),
    name: pool.name,
    type: poolType,
    properties: poolProperties(pool),
  };
}

/** The Machine resource. */
export function machineView(
  context: AzureContext,
  cluster: ClusterRecord,
  pool: PoolRecord,
  machine: MachineRecord,
): Json {
  return {
    id: `${poolId(context, pool.cluster, pool.name)}/machines/${machine.name}`,
    name: machine.name,
    type: `${poolType}/machines`,
    ...(machine.zone !== undefined && { zones: [machine.zone] }),
    properties: {
      network: { ipAddresses: [{ family: 'IPv4', ip: machineAddress(pool, machine) }] },
      resourceId: machineResourceId(context, { ...pool, location: cluster.location }, machine.instance),
    },
  };
}

/** A private address that stays the machine's own: made from pool creation time and instance number. */
export function machineAddress(
  pool: Pick<PoolRecord, 'name'>,
  machine: Pick<MachineRecord, 'instance'>,
): string {
  const hash = Buffer.from(pool.name).reduce((sum, byte) => (sum * 31 + byte) % 4096, 7);
  return `10.${224 + (hash >> 8)}.${hash % 256}.${4 + (machine.instance % 250)}`;
}

/** The ManagedCluster resource. */
export function clusterView(context: AzureContext, cluster: ClusterRecord): Json {
  const { state, subscriptionId } = context;
  const pools = state.pools.values().filter((pool) => pool.cluster === cluster.name);
  const fqdn = `${cluster.name}-dns-${cluster.nodeSuffix}.hcp.${cluster.location}.azmk8s.io`;
  return {
    id: clusterId(context, cluster.name),
    name: cluster.name,
    type: 'Microsoft.ContainerService/ManagedClusters',
    location: cluster.location,
    eTag: cluster.eTag,
    sku: { name: 'Base', tier: 'Standard' },
    identity: { type: 'SystemAssigned', principalId: cluster.principalId, tenantId: subscriptionId },
    properties: {
      provisioningState: cluster.provisioningState,
      powerState: { code: cluster.powerState },
      kubernetesVersion: platformVersions.kubernetes,
      currentKubernetesVersion: platformVersions.kubernetes,
      dnsPrefix: `${cluster.name}-dns`,
      fqdn,
      azurePortalFQDN: fqdn.replace('.hcp.', '.portal.hcp.'),
      maxAgentPools: 100,
      enableRBAC: true,
      disableLocalAccounts: true,
      aadProfile: { managed: true, enableAzureRBAC: true, tenantID: subscriptionId },
      nodeResourceGroup: nodeResourceGroup(context, cluster.name, cluster.location),
      agentPoolProfiles: pools.map((pool) => ({ name: pool.name, ...poolProperties(pool) })),
    },
  };
}

/** The operation status that polling Azure-AsyncOperation answers; a failure carries body shape C. */
export function operationView(context: AzureContext, operation: OperationRecord): Json {
  const { error } = operation;
  return {
    id: operationPath(context, operation, 'operations'),
    name: operation.id,
    status: operation.status,
    startTime: new Date(operation.startTime).toISOString(),
    ...(operation.endTime !== undefined && { endTime: new Date(operation.endTime).toISOString() }),
    ...(error && { error: { ...error, details: error.details ?? [] } }),
  };
}

/** Path of an operation's status (`operations`) or result (`operationresults`). */
export function operationPath(
  { subscriptionId }: AzureContext,
  operation: OperationRecord,
  kind: 'operations' | 'operationresults',
): string {
  return `/subscriptions/${subscriptionId}/providers/Microsoft.ContainerService/locations/${operation.location}/${kind}/${operation.id}`;
}
