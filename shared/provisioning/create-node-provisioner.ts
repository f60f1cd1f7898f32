import type { ContainerServiceClient } from '@azure/arm-containerservice';
import type { ManagedClusterId } from '../azure/resource-id.ts';
import { AgentPoolProvisioner } from './agent-pool.ts';
import type { NodeProvisioner } from './node-provisioner.ts';

/** The node provisioner of one cluster; `client` comes from `createContainerServiceClient` for the cluster's subscription. */
export function createNodeProvisioner(options: {
  client: ContainerServiceClient;
  cluster: ManagedClusterId;
}): NodeProvisioner {
  return new AgentPoolProvisioner(options.client, options.cluster);
}
