import type { Clock } from '../clock/clock.ts';
import type { ObjectStore } from './contract.ts';
import { createObjectStore } from './object-store.ts';
import { Registry } from './resources/registry.ts';
import { ObjectTable } from './storage/object-table.ts';
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
    admission: { allocateClusterIp: () => '10.0.0.10' },
  };
  const store = createObjectStore(machinery);
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    const namespaces = { group: '', version: 'v1', plural: 'namespaces' };
    if (store.get(namespaces, { name }) === undefined) {
      store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
  }
  return { store, close: () => table.close() };
}
