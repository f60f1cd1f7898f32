import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { ContainerServiceClient } from '@azure/arm-containerservice';
import type { TokenCredential } from '@azure/identity';
import type { AzureSimulator, SimulatedCluster } from '../../../infra/local/azure/simulator.ts';
import { startAzureSimulator } from '../../../infra/local/azure/simulator.ts';
import { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import type { ClusterSetting } from '../../../infra/local/azure/settings.ts';
import { accessByArm } from '../../../shared/azure/cluster-access.ts';
import { createContainerServiceClient } from '../../../shared/azure/container-service.ts';
import { createCredential } from '../../../shared/azure/credential.ts';
import type { ManagedClusterId } from '../../../shared/azure/resource-id.ts';
import { parseManagedClusterId } from '../../../shared/azure/resource-id.ts';
import type { ConnectedCluster } from '../../../shared/kubernetes/connect-cluster.ts';
import { connectCluster } from '../../../shared/kubernetes/connect-cluster.ts';
import { workspaceCustomResourceDefinition } from '../../../shared/manifests/workspace-crd.ts';

const subscriptionId = '11111111-2222-3333-4444-555555555555';
/** Steps of the clock a test may take before something counts as stuck. */
const mostSteps = 3_000;

/** The whole Azure simulator with one cluster, reached as the app reaches Azure, on a clock that the test moves. */
export interface SimulatedAzure {
  azure: AzureSimulator;
  cluster: SimulatedCluster;
  clusterId: ManagedClusterId;
  clock: SteppedClock;
  credential: TokenCredential;
  client: ContainerServiceClient;
  connection: ConnectedCluster;
  /** Moves time to the next thing due, again and again, until `condition` holds. */
  until(what: string, condition: () => boolean | Promise<boolean>): Promise<void>;
  stop(): Promise<void>;
}

export async function startSimulatedAzure(options: Partial<ClusterSetting> = {}): Promise<SimulatedAzure> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-adapters-'));
  const clock = new SteppedClock();
  const azure = await startAzureSimulator({
    clock,
    dataDirectory: directory,
    arm: { port: 0 },
    clusters: [{ ...options, name: 'main', port: 0 }],
    subscriptionId,
    resourceGroup: 'slipway',
  });
  await trust(azure.caFile);
  const [cluster] = azure.clusters;
  const clusterId = cluster && parseManagedClusterId(cluster.resourceId);
  if (cluster === undefined || clusterId === undefined)
    throw new Error('the simulator has no cluster with an ARM id');
  const credential = await createCredential({ kind: 'development', armEndpoint: azure.armUrl });
  const client = await createContainerServiceClient({
    credential,
    subscriptionId,
    armEndpoint: azure.armUrl,
  });

  const connection = await connectCluster({
    name: 'main',
    access: accessByArm({ client, cluster: clusterId, credential }),
    definition: workspaceCustomResourceDefinition(),
  });

  const quiet = async (): Promise<void> => {
    do await new Promise((resolve) => setImmediate(resolve));
    while (!azure.idle());
  };
  return {
    azure,
    cluster,
    clusterId,
    clock,
    credential,
    client,
    connection,
    async until(what, condition) {
      for (let step = 0; step < mostSteps; step++) {
        await quiet();
        if (await condition()) return;
        clock.step();
      }
      throw new Error(`never came: ${what}`);
    },
    async stop() {
      await azure.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What `NODE_EXTRA_CA_CERTS` does for a process, for one that runs already. The simulators' CAs share a name, so one at a time. */
async function trust(caFile: string): Promise<void> {
  setDefaultCACertificates([...getCACertificates('bundled'), await readFile(caFile, 'utf8')]);
}
