import type { AppsV1Api, BatchV1Api, CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import type { Logger } from '../telemetry/logger.ts';
import type { ClusterAccess } from './access.ts';
import type { KubernetesClient } from './client-node.ts';
import { asApiFailure, isObjectAbsent, toClusterError } from './cluster-error.ts';
import { createKubeConfig } from './kube-config.ts';
import type { ClusterRequest, ClusterResponse } from './request.ts';
import { sendJson } from './request.ts';

/** What a call works with: the generated clients for typed reads, raw JSON for writes and custom resources. */
export interface ClusterApis {
  config: KubeConfig;
  core: CoreV1Api;
  apps: AppsV1Api;
  batch: BatchV1Api;
  send: (request: ClusterRequest) => Promise<ClusterResponse>;
}

export interface SessionOptions {
  cluster: string;
  access: ClusterAccess;
  logger: Logger;
  /** Real milliseconds for one call. */
  timeout: number;
}

/** Transport faults after which the kubeconfig may be stale: a recreated cluster has another host name and another CA. */
const staleAccess = /ENOTFOUND|CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO/;

/** Calls to one cluster: access fetched on first use, again after a 401, and every error turned into the port's contract. */
export class Session {
  readonly client: KubernetesClient;
  readonly #options: SessionOptions;
  #apis: Promise<ClusterApis> | undefined;

  constructor(client: KubernetesClient, options: SessionOptions) {
    this.client = client;
    this.#options = options;
  }

  /** `what` is a verb phrase for messages, such as "list nodes". */
  async call<T>(what: string, work: (apis: ClusterApis) => Promise<T>): Promise<T> {
    try {
      return await this.#attempt(work);
    } catch (thrown) {
      throw toClusterError(thrown, this.#options.cluster, what);
    }
  }

  /** The same, with `undefined` when the named object is absent. Other 404s (its namespace, its type) stay errors. */
  find<T>(what: string, work: (apis: ClusterApis) => Promise<T>): Promise<T | undefined> {
    return this.call(what, async (apis) => {
      try {
        return await work(apis);
      } catch (thrown) {
        const failure = asApiFailure(thrown);
        if (failure !== undefined && isObjectAbsent(failure)) return undefined;
        throw thrown;
      }
    });
  }

  async #attempt<T>(work: (apis: ClusterApis) => Promise<T>): Promise<T> {
    const apis = (this.#apis ??= this.#connect());
    try {
      return await work(await apis);
    } catch (thrown) {
      if (asApiFailure(thrown)?.code === 401) {
        const { cluster, logger } = this.#options;
        logger.warn('The cluster refused our token; trying once with a fresh one', { cluster });
        return await work(await this.#reconnect(apis));
      }
      if (isStale(thrown)) this.#forget(apis);
      throw thrown;
    }
  }

  #reconnect(stale: Promise<ClusterApis>): Promise<ClusterApis> {
    this.#forget(stale);
    return (this.#apis ??= this.#connect());
  }

  /** Only the one that failed: a concurrent call may have replaced it already. */
  #forget(stale: Promise<ClusterApis>): void {
    if (this.#apis === stale) this.#apis = undefined;
  }

  #connect(): Promise<ClusterApis> {
    const connecting = this.#open();
    connecting.catch(() => this.#forget(connecting));
    return connecting;
  }

  async #open(): Promise<ClusterApis> {
    const { client } = this;
    const config = createKubeConfig(client, await this.#options.access.load(), this.#options.timeout);
    return {
      config,
      core: config.makeApiClient(client.CoreV1Api),
      apps: config.makeApiClient(client.AppsV1Api),
      batch: config.makeApiClient(client.BatchV1Api),
      send: (request) => sendJson(client, config, request),
    };
  }
}

function isStale(thrown: unknown): boolean {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  return (
    cause instanceof Error &&
    'code' in cause &&
    typeof cause.code === 'string' &&
    staleAccess.test(cause.code)
  );
}
