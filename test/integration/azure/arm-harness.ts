import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContainerServiceClient } from '@azure/arm-containerservice';
import type { RestError } from '@azure/core-rest-pipeline';
import { ArmServer } from '../../../infra/local/azure/arm-server.ts';
import { openSubscription } from '../../../infra/local/azure/subscription.ts';
import type { Subscription } from '../../../infra/local/azure/subscription.ts';
import type { ClusterSetting } from '../../../infra/local/azure/settings.ts';
import { listenTls } from '../../../infra/local/azure/tls-listener.ts';
import type { TlsListener } from '../../../infra/local/azure/tls-listener.ts';
import { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import { loadTimings } from '../../../infra/local/cluster/timings.ts';
import { loopbackCertificates } from '../../../infra/local/platform/certificates.ts';

export const subscriptionId = '11111111-2222-3333-4444-555555555555';
export const resourceGroup = 'slipway';

/** The smallest GPU pool a client would put. */
export const gpuPool = {
  count: 1,
  vmSize: 'Standard_NC24ads_A100_v4',
  mode: 'User',
  osType: 'Linux',
  osSKU: 'Ubuntu',
  osDiskSizeGB: 128,
  typePropertiesType: 'VirtualMachineScaleSets',
  nodeTaints: ['sku=gpu:NoSchedule'],
  nodeLabels: { 'kaito.sh/workspace': 'phi' },
  tags: { workspace: 'aks/default/phi' },
};

/** ARM alone on loopback with the real SDK client, on a stepped clock. */
export interface ArmHarness {
  clock: SteppedClock;
  client: ContainerServiceClient;
  subscription: Subscription;
  server: ArmServer;
  url: string;
  caFile: string;
  directory: string;
  /** Ends the process's part without any farewell and opens the same data again. */
  crashAndReopen(): Promise<void>;
  stop(): Promise<void>;
}

export function pathOf(cluster: string, rest = ''): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${cluster}${rest}?api-version=2026-04-01`;
}

export async function startArm(clusters: ClusterSetting[] = [{ name: 'aks' }]): Promise<ArmHarness> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-arm-'));
  const certificates = await loopbackCertificates(directory);
  const clock = new SteppedClock();
  const timings = loadTimings({ arm: { operationRetryAfter: 0 } });
  const open = (): { subscription: Subscription; server: ArmServer } => {
    const subscription = openSubscription({
      clock,
      dataDirectory: directory,
      timings,
      subscriptionId,
      resourceGroup,
      clusters,
      kubernetesUrl: (cluster) => `https://127.0.0.1:6443/${cluster}`,
      certificateAuthority: certificates.ca,
    });
    return { subscription, server: new ArmServer(subscription.context) };
  };
  let running = open();
  const listener: TlsListener = await listenTls(certificates, 0, clock, (request, response) =>
    running.server.handle(request, response),
  );
  const client = new ContainerServiceClient(
    { getToken: () => Promise.resolve({ token: 'development', expiresOnTimestamp: Date.now() + 3_600_000 }) },
    subscriptionId,
    { endpoint: listener.url, tlsOptions: { ca: certificates.ca }, retryOptions: { maxRetries: 0 } },
  );
  return {
    clock,
    client,
    get subscription() {
      return running.subscription;
    },
    get server() {
      return running.server;
    },
    url: listener.url,
    caFile: certificates.caFile,
    directory,
    crashAndReopen: () => {
      running.subscription.stop();
      running = open();
      return Promise.resolve();
    },
    stop: async () => {
      running.subscription.stop();
      await listener.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The RestError that `promise` rejects with; fails when it resolves. */
export async function refusal(promise: PromiseLike<unknown>): Promise<RestError> {
  try {
    await promise;
  } catch (error) {
    if (isRestError(error)) return error;
    throw error;
  }
  throw new Error('the call was expected to be refused');
}

function isRestError(error: unknown): error is RestError {
  return error instanceof Error && error.name === 'RestError';
}
