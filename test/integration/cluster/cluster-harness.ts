import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContainerServiceClient } from '@azure/arm-containerservice';
import type { AgentPool } from '@azure/arm-containerservice';
import { AppsV1Api, BatchV1Api, CoreV1Api, DiscoveryV1Api, KubeConfig } from '@kubernetes/client-node';
import type { ClusterSetting } from '../../../infra/local/azure/settings.ts';
import { startAzureSimulator } from '../../../infra/local/azure/simulator.ts';
import type { AzureSimulator } from '../../../infra/local/azure/simulator.ts';
import { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import { rawRequest } from '../azure/raw-request.ts';
import type { TimingOverrides } from '../../../infra/local/cluster/timings.ts';

export const resourceGroup = 'slipway';
const subscriptionId = '11111111-2222-3333-4444-555555555555';

/** Steps a test may take before something is declared stuck. */
const mostSteps = 3_000;

/** The whole Azure simulator with one cluster `aks`, the real clients, and a clock the test moves. */
export interface ClusterHarness {
  clock: SteppedClock;
  azure: AzureSimulator;
  arm: ContainerServiceClient;
  core: CoreV1Api;
  apps: AppsV1Api;
  batch: BatchV1Api;
  discovery: DiscoveryV1Api;
  /** Moves time to the next thing due, again and again, until `condition` holds. Returns the virtual seconds it took. */
  until(what: string, condition: () => boolean | Promise<boolean>): Promise<number>;
  /** Lets `seconds` of virtual time pass, doing all that falls due in them. */
  pass(seconds: number): Promise<void>;
  createPool(name: string, pool?: Partial<AgentPool>): Promise<void>;
  deletePool(name: string): Promise<void>;
  /** A request through the service proxy. */
  serve(
    service: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; text: string; type: string }>;
  /** Ends everything without farewell and starts again on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startCluster({
  timings = {},
  nodeProvisioning = 'Manual',
}: {
  timings?: TimingOverrides;
  nodeProvisioning?: NonNullable<ClusterSetting['nodeProvisioning']>;
} = {}): Promise<ClusterHarness> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-cluster-'));
  const clock = new SteppedClock();
  const start = () =>
    startAzureSimulator({
      clock,
      dataDirectory: directory,
      arm: { port: 0 },
      clusters: [{ name: 'aks', port: 0, nodeProvisioning }],
      subscriptionId,
      resourceGroup,
      timings: { ...timings, arm: { operationRetryAfter: 0, ...timings.arm } },
    });
  let running = await connect(await start());

  async function quiet(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      while (!running.azure.idle()) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  return {
    clock,
    get azure() {
      return running.azure;
    },
    get arm() {
      return running.arm;
    },
    get core() {
      return running.core;
    },
    get apps() {
      return running.apps;
    },
    get batch() {
      return running.batch;
    },
    get discovery() {
      return running.discovery;
    },
    until: async (what, condition) => {
      const startedAt = clock.now();
      for (let step = 0; step < mostSteps; step++) {
        await quiet();
        if (await condition()) return (clock.now() - startedAt) / 1000;
        if (!clock.step()) throw new Error(`nothing is due any more and still not: ${what}`);
      }
      throw new Error(`after ${mostSteps} steps still not: ${what}`);
    },
    pass: async (seconds) => {
      const end = clock.now() + seconds * 1000;
      for (;;) {
        await quiet();
        const due = clock.nextDue();
        if (due === undefined || due > end) break;
        clock.step();
      }
      clock.advanceTo(end);
      await quiet();
    },
    createPool: async (name, pool = {}) => {
      const body = {
        vmSize: 'Standard_NC24ads_A100_v4',
        count: 1,
        nodeTaints: ['sku=gpu:NoSchedule'],
        ...pool,
      };
      await running.arm.agentPools.createOrUpdate(resourceGroup, 'aks', name, body).submitted();
    },
    deletePool: async (name) => {
      await running.arm.agentPools.delete(resourceGroup, 'aks', name).submitted();
    },
    serve: (service, path, body) => running.serve(service, path, body),
    restart: async () => {
      await running.azure.stop();
      running = await connect(await start());
    },
    stop: async () => {
      await running.azure.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function connect(azure: AzureSimulator) {
  const cluster = azure.clusters[0]!;
  const config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfigFile);
  const arm = new ContainerServiceClient(
    { getToken: () => Promise.resolve({ token: 'development', expiresOnTimestamp: Date.now() + 3_600_000 }) },
    subscriptionId,
    {
      endpoint: azure.armUrl,
      tlsOptions: { ca: await readFile(azure.caFile, 'utf8') },
      retryOptions: { maxRetries: 0 },
    },
  );
  return {
    azure,
    arm,
    core: config.makeApiClient(CoreV1Api),
    apps: config.makeApiClient(AppsV1Api),
    batch: config.makeApiClient(BatchV1Api),
    discovery: config.makeApiClient(DiscoveryV1Api),
    serve: (service: string, path: string, body?: unknown) =>
      serve({ url: cluster.kubernetesUrl, caFile: azure.caFile }, { service, path, body }),
  };
}

async function serve(
  target: { url: string; caFile: string },
  { service, path, body }: { service: string; path: string; body: unknown },
): Promise<{ status: number; text: string; type: string }> {
  const answer = await rawRequest(
    target,
    body === undefined ? 'GET' : 'POST',
    `/api/v1/namespaces/default/services/${service}/proxy${path}`,
    { body },
  );
  return { status: answer.status, text: answer.text, type: answer.headers['content-type'] ?? '' };
}
