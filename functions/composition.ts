/** The one place where ports meet adapters. Heavy SDKs are loaded by the adapters on first use. */
import { accessByArm, accessByFile } from '../shared/azure/cluster-access.ts';
import { createArmReader } from '../shared/azure/arm-reader.ts';
import { createContainerServiceClient } from '../shared/azure/container-service.ts';
import { createCredential } from '../shared/azure/credential.ts';
import { createMessageSender } from '../shared/azure/message-sender.ts';
import { createRegionOffers } from '../shared/azure/region-offers.ts';
import type { ClusterSettings } from '../shared/config/cluster-settings.ts';
import type { Settings } from '../shared/config/settings.ts';
import { readSettings } from '../shared/config/settings.ts';
import { Terminal } from '../shared/errors/slipway-error.ts';
import { workspaceCustomResourceDefinition } from '../shared/manifests/workspace-crd.ts';
import { admissionOf } from '../shared/reconcile/admission-of.ts';
import { createHubFetcher } from '../shared/reconcile/hub-fetcher.ts';
import type { ClusterServices, Services } from '../shared/reconcile/services.ts';

let composed: Services | undefined;

/**
 * The app's services, made on first use and kept for the process. Throws `Terminal('SettingsInvalid')`, listing every fault, when
 * the environment is not acceptable.
 */
export function services(): Services {
  composed ??= compose(readSettings(process.env));
  return composed;
}

function compose(settings: Settings): Services {
  const credential = remembered(() => createCredential({ ...settings, kind: settings.credential }));
  const clusters = new Map(
    settings.clusters.map((cluster) => [
      cluster.name,
      remembered(() => connect(settings, cluster, credential)),
    ]),
  );
  return {
    owner: settings.owner,
    orphanSweep: settings.orphanSweep,
    clusterNames: settings.clusters.map(({ name }) => name),
    defaultCluster: settings.defaultCluster,
    hub: createHubFetcher(fetch),
    offers: createRegionOffers({
      clusters: settings.clusters,
      arm: createArmReader({ credential, armEndpoint: settings.armEndpoint }),
      prices: { endpoint: settings.pricesEndpoint, send: fetch },
    }),
    messages: createMessageSender(settings.serviceBus, async (serviceBus) => {
      const { connectServiceBus } = await import('../shared/azure/service-bus-client.ts');
      return connectServiceBus(serviceBus, credential);
    }),
    admission: (name) => admissionOf(settings.clusters.find((one) => one.name === name)?.provisioner),
    cluster(name) {
      const connected = clusters.get(name);
      if (connected === undefined) {
        throw new Terminal('UnknownCluster', {
          message: `cluster "${name}" is not configured`,
          remedy: `Use one of ${[...clusters.keys()].join(', ')}.`,
        });
      }
      return connected();
    },
  };
}

type Credential = () => ReturnType<typeof createCredential>;

async function connect(
  settings: Settings,
  cluster: ClusterSettings,
  credential: Credential,
): Promise<ClusterServices> {
  const client = await createContainerServiceClient({
    credential: await credential(),
    subscriptionId: cluster.subscriptionId,
    armEndpoint: settings.armEndpoint,
  });
  const access =
    cluster.kubeconfig === undefined
      ? accessByArm({ client, cluster, credential: await credential() })
      : accessByFile(cluster.kubeconfig);
  const { connectCluster } = await import('../shared/kubernetes/connect-cluster.ts');
  const { createNodeProvisioner } = await import('../shared/provisioning/create-node-provisioner.ts');
  const connection = await connectCluster({
    name: cluster.name,
    access,
    definition: workspaceCustomResourceDefinition(),
  });
  return {
    name: cluster.name,
    resourceId: cluster.resourceId,
    subscriptionShare: 1 / settings.clusters.filter(isInSubscription(cluster)).length,
    connection,
    provisioner: createNodeProvisioner({ client, cluster, connection }),
  };
}

function isInSubscription({ subscriptionId }: ClusterSettings): (other: ClusterSettings) => boolean {
  return (other) => other.subscriptionId.toLowerCase() === subscriptionId.toLowerCase();
}

/** Made once; a failure is not remembered. */
function remembered<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
