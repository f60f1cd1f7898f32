import type { Clock } from '../clock/clock.ts';
import type { ObjectStore } from './contract.ts';
import { Reconciler } from './lifecycle/reconciler.ts';
import { createObjectStore } from './object-store.ts';
import { serveCustomResources } from './resources/crd-controller.ts';
import { Registry } from './resources/registry.ts';
import { ObjectTable } from './storage/object-table.ts';
import { freeClusterIp } from './workloads/cluster-ips.ts';
import type { Machinery } from './writes/machinery.ts';

export interface KubernetesApiOptions {
  clock: Clock;
  /** SQLite path, or `:memory:`. */
  file: string;
  clusterName: string;
}

/** One simulated cluster's API server. */
export interface KubernetesApi {
  store: ObjectStore;
  close(): void;
}

export function createKubernetesApi({ clock, file }: KubernetesApiOptions): KubernetesApi {
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
  return {
    store,
    close() {
      reconciler.close();
      stopServing();
      table.close();
    },
  };
}

/** What every cluster is born with; the uid of kube-system identifies the cluster. */
function createSystemNamespaces(store: ObjectStore): void {
  const namespaces = { group: '', version: 'v1', plural: 'namespaces' };
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    if (store.get(namespaces, { name }) !== undefined) continue;
    store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
}
