import type { ContainerServiceClient } from '@azure/arm-containerservice';
import { withTimeout } from '../azure/container-service.ts';
import type { ManagedClusterId } from '../azure/resource-id.ts';
import type { ProvisionerSettings } from '../config/provisioner-settings.ts';
import type { ConnectedCluster } from '../kubernetes/connect-cluster.ts';
import { ArmPools } from './arm-pools.ts';
import { AgentPoolProvisioner } from './agent-pool.ts';
import { BroughtNodes } from './brought-nodes.ts';
import { KarpenterProvisioner } from './karpenter.ts';
import { NodeClaimProvisioner } from './node-claims.ts';
import type { NodeProvisioner } from './node-provisioner.ts';
import { SharedPoolProvisioner } from './shared-pools.ts';

export interface NodeProvisionerOptions {
  /** From `createContainerServiceClient` for the cluster's subscription. */
  client: ContainerServiceClient;
  cluster: ManagedClusterId & { location?: string; provisioner?: ProvisionerSettings };
  connection: Pick<ConnectedCluster, 'objects' | 'workloads'>;
}

/** The node provisioner of one cluster, as its settings choose. */
export function createNodeProvisioner(options: NodeProvisionerOptions): NodeProvisioner {
  const { client, cluster, connection } = options;
  const pools = new AgentPoolProvisioner(client, cluster);
  const { objects } = connection;
  const powerState = (): ReturnType<NodeProvisioner['powerState']> => pools.powerState();
  switch (cluster.provisioner?.kind) {
    case undefined:
    case 'agentPool':
      return new SharedPoolProvisioner({
        dedicated: pools,
        pools: new ArmPools(client, cluster),
        objects,
        nodes: () => connection.workloads.nodes(),
      });
    case 'karpenter':
      return cluster.provisioner.objects === 'NodeClaim'
        ? new NodeClaimProvisioner({ objects, powerState, ...firstOf(cluster.provisioner.nodeClasses) })
        : new KarpenterProvisioner({
            objects,
            nodeClasses: cluster.provisioner.nodeClasses,
            region: () => regionOf(client, cluster),
            powerState,
          });
    case 'byo':
      return new BroughtNodes({ objects, nodes: () => connection.workloads.nodes(), powerState });
  }
}

function firstOf([nodeClass]: readonly string[]): { nodeClass?: string } {
  return nodeClass === undefined ? {} : { nodeClass };
}

/** Azure's name of the cluster's region: as the settings say, or as ARM does. */
async function regionOf(
  client: ContainerServiceClient,
  { resourceGroup, clusterName, location }: NodeProvisionerOptions['cluster'],
): Promise<string> {
  if (location !== undefined) return location.toLowerCase();
  const cluster = await client.managedClusters.get(resourceGroup, clusterName, withTimeout());
  // ARM also takes and tells display names, such as "East US".
  return cluster.location.replaceAll(' ', '').toLowerCase();
}
