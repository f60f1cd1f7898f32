/**
 * The Azure simulator without sockets, files or processes: the app's real agent pool adapter and the real SDK client, over a function
 * call. Locks, buckets, eTags, quotas, scripted outcomes and error bodies are the simulator's own.
 */
import { ContainerServiceClient } from '@azure/arm-containerservice';
import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import { createHttpHeaders } from '@azure/core-rest-pipeline';
import { ArmServer } from '../../../infra/local/azure/arm-server.ts';
import { inMemory } from '../../../infra/local/azure/azure-state.ts';
import type { PoolRecord } from '../../../infra/local/azure/records.ts';
import type { ClusterSetting } from '../../../infra/local/azure/settings.ts';
import type { Subscription } from '../../../infra/local/azure/subscription.ts';
import { openSubscription } from '../../../infra/local/azure/subscription.ts';
import type { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import type { TimingOverrides } from '../../../infra/local/cluster/timings.ts';
import { loadTimings } from '../../../infra/local/cluster/timings.ts';
import { keepErrorBodies } from '../../../shared/azure/error-body.ts';
import { parseManagedClusterId } from '../../../shared/azure/resource-id.ts';
import { AgentPoolProvisioner } from '../../../shared/provisioning/agent-pool.ts';
import type { SharedPoolsOptions } from '../../../shared/provisioning/shared-pools.ts';
import { SharedPoolProvisioner } from '../../../shared/provisioning/shared-pools.ts';
import { ArmPools } from '../../../shared/provisioning/arm-pools.ts';
import type { NodeProvisioner } from '../../../shared/provisioning/node-provisioner.ts';

const subscriptionId = '11111111-2222-3333-4444-555555555555';
const resourceGroup = 'slipway';
const endpoint = 'https://management.light';

/** A request to ARM, before it is carried out. */
export interface ArmDeed {
  method: string;
  path: string;
  body: unknown;
}

export class LightAzure {
  readonly #subscription: Subscription;
  readonly #server: ArmServer;
  readonly #client: ContainerServiceClient;
  /** Called before ARM carries a request out. */
  onRequest: (deed: ArmDeed) => void = () => undefined;

  constructor(clock: SteppedClock, clusters: ClusterSetting[], timings: TimingOverrides) {
    this.#subscription = openSubscription({
      clock,
      dataDirectory: inMemory,
      timings: loadTimings(timings),
      subscriptionId,
      resourceGroup,
      clusters,
      kubernetesUrl: (name) => `${endpoint}/${name}`,
      certificateAuthority: '',
    });
    this.#server = new ArmServer(this.#subscription.context);
    const token = { token: 'development', expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
    this.#client = new ContainerServiceClient({ getToken: () => Promise.resolve(token) }, subscriptionId, {
      endpoint,
      httpClient: this.#httpClient(),
      retryOptions: { maxRetries: 0 },
    });
    keepErrorBodies(this.#client);
  }

  get server(): ArmServer {
    return this.#server;
  }

  get context(): Subscription['context'] {
    return this.#subscription.context;
  }

  get pools(): PoolRecord[] {
    return this.context.state.pools.values();
  }

  resourceId(cluster: string): string {
    return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${cluster}`;
  }

  provisioner(cluster: string, connection: Pick<SharedPoolsOptions, 'objects' | 'nodes'>): NodeProvisioner {
    const id = parseManagedClusterId(this.resourceId(cluster));
    if (id === undefined) throw new TypeError(`no ARM id for ${cluster}`);
    return new SharedPoolProvisioner({
      ...connection,
      dedicated: new AgentPoolProvisioner(this.#client, id),
      pools: new ArmPools(this.#client, id),
    });
  }

  /** A request of somebody else, such as the cluster's owner in the portal. */
  async portal(method: string, cluster: string, path: string): Promise<number> {
    const url = new URL(`${endpoint}${this.resourceId(cluster)}${path}?api-version=2026-04-01`);
    const answer = await this.#server.exchange({
      method,
      url,
      authorization: 'Bearer development',
      ifMatch: undefined,
      ifNoneMatch: undefined,
      body: { valid: true, value: undefined },
    });
    return answer === 'reset' ? 0 : answer.status;
  }

  stop(): void {
    this.#subscription.stop();
  }

  #httpClient(): HttpClient {
    return { sendRequest: (request) => this.#send(request) };
  }

  async #send(request: PipelineRequest): Promise<PipelineResponse> {
    const url = new URL(request.url);
    const value: unknown = typeof request.body === 'string' ? JSON.parse(request.body) : undefined;
    this.onRequest({ method: request.method, path: url.pathname, body: value });
    const answer = await this.#server.exchange({
      method: request.method,
      url,
      authorization: request.headers.get('authorization'),
      ifMatch: request.headers.get('if-match'),
      ifNoneMatch: request.headers.get('if-none-match'),
      body: { valid: true, value },
    });
    if (answer === 'reset') throw new Error('read ECONNRESET');
    return {
      request,
      status: answer.status,
      headers: createHttpHeaders({ ...answer.headers, 'content-type': 'application/json' }),
      bodyAsText: answer.body === undefined ? '' : JSON.stringify(answer.body),
    };
  }
}
