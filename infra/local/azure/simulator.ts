import type { Clock } from '../clock/clock.ts';
import { loadTimings } from '../cluster/timings.ts';
import type { TimingOverrides } from '../cluster/timings.ts';
import type { KubernetesApi } from '../kubernetes/server.ts';
import { loopbackCertificates } from '../platform/certificates.ts';
import { ArmServer } from './arm-server.ts';
import type { CallCounts } from './call-counts.ts';
import { ClusterServer } from './cluster-server.ts';
import type { FaultBook } from './fault-book.ts';
import type { FaultRulesInput } from './fault-rules.ts';
import { RetailPriceServer } from './retail-price-server.ts';
import type { ClusterSetting } from './settings.ts';
import { handleSimulatorRoute } from './simulator-routes.ts';
import { openSubscription } from './subscription.ts';
import { listenTls } from './tls-listener.ts';

export interface AzureSimulatorOptions {
  clock: Clock;
  /** Holds all state, certificates and kubeconfigs; survives a kill -9. */
  dataDirectory: string;
  /** Port 0 takes a free one. */
  arm: { port: number };
  clusters: (ClusterSetting & { port: number })[];
  subscriptionId: string;
  resourceGroup: string;
  timings?: TimingOverrides;
  /** Replaces the faults that were in force; without it they stay. */
  faults?: FaultRulesInput;
}

export interface SimulatedCluster {
  name: string;
  resourceId: string;
  kubernetesUrl: string;
  /** With the development token, for kubectl. */
  kubeconfigFile: string;
  api: KubernetesApi;
}

export interface AzureSimulator {
  armUrl: string;
  /** Base URL of the retail price list: served beside ARM here, by another host in Azure. */
  pricesUrl: string;
  /** The CA of ARM and of every cluster, for NODE_EXTRA_CA_CERTS. */
  caFile: string;
  clusters: SimulatedCluster[];
  /** ARM calls since the start. */
  counts(): CallCounts;
  /** Calls to the price list since the start. */
  priceCounts(): CallCounts;
  faults: FaultBook;
  /** True when no request is in flight and nothing is due before the clock moves. */
  idle(): boolean;
  /** Requests to ARM and to the price list that a `delay` fault holds until the clock has moved. */
  heldRequests(): number;
  stop(): Promise<void>;
}

/** Starts ARM and its clusters on loopback TLS, going on from what `dataDirectory` holds. */
export async function startAzureSimulator(options: AzureSimulatorOptions): Promise<AzureSimulator> {
  const { clock, dataDirectory, clusters, subscriptionId, resourceGroup } = options;
  const certificates = await loopbackCertificates(dataDirectory);
  const servers: ClusterServer[] = [];
  const subscription = openSubscription({
    clock,
    dataDirectory,
    timings: loadTimings(options.timings),
    subscriptionId,
    resourceGroup,
    clusters,
    kubernetesUrl: (name) => servers.find((server) => server.name === name)?.url ?? '',
    certificateAuthority: certificates.ca,
  });
  const { faults } = subscription.context.state;
  if (options.faults) faults.set(options.faults);
  for (const setting of clusters) {
    servers.push(
      await ClusterServer.start(subscription.context, { ...setting, dataDirectory }, certificates),
    );
  }
  for (const server of servers) server.writeKubeconfig();
  subscription.onChange(() => {
    for (const server of servers) server.followCloud();
  });

  const arm = new ArmServer(subscription.context);
  const prices = new RetailPriceServer(subscription.context);
  const held = (): number => arm.held.count() + prices.held.count();
  const counts = (): CallCounts => arm.counter.counts();
  const idle = (): boolean =>
    listener.inFlight() <= held() && !subscription.busy() && servers.every((server) => server.idle());
  const routes = {
    state: subscription.context.state,
    counts: () => ({
      arm: counts(),
      retailPrices: prices.counter.counts(),
      kubernetes: Object.fromEntries(servers.map(({ name, api }) => [name, api.requestCounts()])),
    }),
    nodes: () =>
      Object.fromEntries(
        servers.map(({ name, api }) => [name, api.store.list({ group: '', version: 'v1', plural: 'nodes' })]),
      ),
    idle: () => servers.every((server) => server.idle()) && !subscription.busy(),
  };
  const listener = await listenTls(certificates, options.arm.port, clock, async (request, response) => {
    if (await handleSimulatorRoute(routes, request, response)) return;
    if (!(await prices.handle(request, response))) await arm.handle(request, response);
  });
  return {
    armUrl: listener.url,
    pricesUrl: listener.url,
    caFile: certificates.caFile,
    clusters: servers.map((server) => ({
      name: server.name,
      resourceId: server.resourceId,
      kubernetesUrl: server.url,
      kubeconfigFile: server.kubeconfigFile,
      api: server.api,
    })),
    counts,
    priceCounts: () => prices.counter.counts(),
    faults,
    idle,
    heldRequests: held,
    stop: async () => {
      await listener.close();
      await Promise.all(servers.map((server) => server.stop()));
      subscription.stop();
    },
  };
}
