import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock/clock.ts';
import type { ObjectStore } from './contract.ts';
import { Faults, type Fault, type FaultRule } from './faults.ts';
import { tokenCheck, type TokenCheck } from './http/authentication.ts';
import { Exchange } from './http/exchange.ts';
import { route, type Route } from './http/router.ts';
import { serveSimulator, type SimulatorControls } from './http/simulator-handlers.ts';
import { Watches } from './http/watch-handler.ts';
import { Reconciler } from './lifecycle/reconciler.ts';
import { createObjectStore } from './object-store.ts';
import { serveCustomResources } from './resources/crd-controller.ts';
import { Registry } from './resources/registry.ts';
import { ApiError } from './status.ts';
import { ObjectTable } from './storage/object-table.ts';
import { freeClusterIp } from './workloads/cluster-ips.ts';
import type { Machinery } from './writes/machinery.ts';

export interface KubernetesApiOptions {
  clock: Clock;
  /** SQLite path, or `:memory:`. */
  file: string;
  /** Shown in what goes wrong unexpectedly. */
  clusterName: string;
  /** Bearer tokens accepted besides `development`. */
  tokens?: readonly string[] | TokenCheck;
}

/** One simulated cluster's API server. */
export interface KubernetesApi {
  store: ObjectStore;
  /** Answers one request; mounted on a TLS server (a client certificate its CA signed authenticates too). Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Serves paths before the generic resources (service proxy, pod logs), after faults and authentication. */
  addRoute(handler: Route): void;
  /** Replaces the faults to inject. An `unavailable` one also cuts the open watches. */
  setFaults(rules: readonly FaultRule[]): void;
  /** The faults as they stand, with their hits. */
  faults(): Fault[];
  /** Requests by what they were, e.g. `list pods`, `patch workspaces/status`. */
  requestCounts(): Record<string, number>;
  /** Forgets past changes: watches that resume from before now get 410. */
  compact(): void;
  openWatches(): number;
  /** Cuts open watches mid-stream; returns how many. */
  dropWatches(): number;
  close(): void;
}

export function createKubernetesApi({
  clock,
  file,
  clusterName,
  tokens,
}: KubernetesApiOptions): KubernetesApi {
  const table = new ObjectTable(file);
  const registry = new Registry();
  const machinery: Machinery = {
    clock,
    table,
    registry,
    admission: { allocateClusterIp: () => freeClusterIp(table) },
  };
  const store = createObjectStore(machinery);
  const stopServing = serveCustomResources(machinery);
  createSystemNamespaces(store);
  const reconciler = new Reconciler(machinery);

  const faults = new Faults();
  const watches = new Watches();
  const routes: Route[] = [];
  const counts = new Map<string, number>();
  const count = (request: string): void => void counts.set(request, (counts.get(request) ?? 0) + 1);
  const parts = { machinery, faults, watches, accepts: tokenCheck(tokens), routes, count };

  const api: KubernetesApi = {
    store,
    async handle(request, response) {
      const exchange = new Exchange(request, response);
      try {
        if (!(await serveSimulator(exchange, controls))) await route(exchange, parts);
      } catch (error) {
        refuse(exchange, error, clusterName);
      }
    },
    addRoute: (handler) => void routes.push(handler),
    setFaults(rules) {
      const set = faults.set(rules);
      if (set.some(({ action }) => action === 'unavailable')) watches.dropAll();
    },
    faults: () => faults.list(),
    requestCounts: () => Object.fromEntries([...counts].sort(([left], [right]) => left.localeCompare(right))),
    compact: () => table.compact(),
    openWatches: () => watches.count,
    dropWatches: () => watches.dropAll(),
    close() {
      watches.dropAll();
      reconciler.close();
      stopServing();
      table.close();
    },
  };
  const controls: SimulatorControls = {
    faults,
    setFaults: (rules) => api.setFaults(rules),
    requestCounts: () => api.requestCounts(),
    compact: () => api.compact(),
    dropWatches: () => api.dropWatches(),
  };
  return api;
}

/** A refusal is its Status; anything else is a defect of the simulator: 500, and said aloud. */
function refuse(exchange: Exchange, error: unknown, clusterName: string): void {
  if (exchange.response.headersSent) {
    exchange.reset();
    return;
  }
  if (error instanceof ApiError) {
    exchange.refuse(error);
    return;
  }
  console.error(`kubernetes api of ${clusterName}: ${exchange.method} ${exchange.url.pathname}`, error);
  const message = error instanceof Error ? error.message : String(error);
  exchange.refuse(new ApiError(500, 'InternalError', `Internal error occurred: ${message}`));
}

/** What every cluster is born with; the uid of kube-system identifies the cluster. */
function createSystemNamespaces(store: ObjectStore): void {
  const namespaces = { group: '', version: 'v1', plural: 'namespaces' };
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    if (store.get(namespaces, { name }) !== undefined) continue;
    store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
}
