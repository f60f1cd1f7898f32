import type { MessageSender } from '../azure/message-sender.ts';
import type { ClusterConnection } from '../kubernetes/cluster.ts';
import type { HubFetcher } from '../planning/hub.ts';
import type { NodeProvisioner } from '../provisioning/node-provisioner.ts';

/** One configured cluster, ready to be used. */
export interface ClusterServices {
  readonly name: string;
  /** ARM id of the managed cluster. */
  readonly resourceId: string;
  readonly connection: ClusterConnection;
  readonly provisioner: NodeProvisioner;
}

/** Everything with effects that doors, turns and ticks may use. Made once per process by `functions/composition.ts`. */
export interface Services {
  /** Name of this deployment, as it stands in the Lease and in pool tags. */
  readonly owner: string;
  readonly clusterNames: readonly string[];
  readonly defaultCluster: string;
  /** Connects on first use. Throws `Terminal('UnknownCluster')` for a name that is not configured. */
  cluster(name: string): Promise<ClusterServices>;
  readonly messages: MessageSender;
  /** Where facts of models outside the catalogue come from. */
  readonly hub: HubFetcher;
}
