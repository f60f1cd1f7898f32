import { applyObject } from './apply.ts';
import type { Manifest } from './manifest.ts';
import type { GpuProblem, ContainerLog, NodeView, ObjectName, Workloads, WorkloadView } from './cluster.ts';
import { listDevicePlugins } from './device-plugin.ts';
import { findGpuProblem } from './gpu-problem.ts';
import { ours, workspaceLabel } from './labels.ts';
import { toNodeView } from './node-view.ts';
import { removeWorkload } from './remove.ts';
import { resourcePath } from './resource-path.ts';
import type { Session } from './session.ts';
import { fromJob, fromStatefulSet } from './workload-view.ts';

/** What Slipway makes for workspaces in one cluster, and what it reads beside. */
export class ClusterWorkloads implements Workloads {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async apply(objects: Manifest[]): Promise<void> {
    for (const object of objects) await applyObject(this.#session, object);
  }

  remove(workspace: ObjectName, ownerUid: string): Promise<number> {
    return removeWorkload(this.#session, workspace, ownerUid);
  }

  /** Three LISTs, however many workspaces there are. */
  async list(): Promise<WorkloadView[]> {
    const [sets, jobs, pods] = await this.#session.call('list workloads', ({ apps, batch, core }) =>
      Promise.all([
        apps.listStatefulSetForAllNamespaces({ labelSelector: ours }),
        batch.listJobForAllNamespaces({ labelSelector: ours }),
        core.listPodForAllNamespaces({ labelSelector: workspaceLabel }),
      ]),
    );
    const views = [
      ...sets.items.map((set) => fromStatefulSet(set, pods.items)),
      ...jobs.items.map((job) => fromJob(job, pods.items)),
    ];
    return views.filter((view) => view !== undefined);
  }

  async readConfig({ name, namespace }: ObjectName, key: string): Promise<string | undefined> {
    const map = await this.#session.find(`read ConfigMap ${namespace}/${name}`, ({ core }) =>
      core.readNamespacedConfigMap({ name, namespace }),
    );
    const data = map?.data ?? {};
    return Object.hasOwn(data, key) ? data[key] : undefined;
  }

  async readSecret({ name, namespace }: ObjectName, key: string): Promise<string | undefined> {
    const secret = await this.#session.find(`read Secret ${namespace}/${name}`, ({ core }) =>
      core.readNamespacedSecret({ name, namespace }),
    );
    const data = secret?.data ?? {};
    const encoded = Object.hasOwn(data, key) ? data[key] : undefined;
    return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
  }

  readLog({ pod, container, lines, bytes }: ContainerLog): Promise<string | undefined> {
    return this.#session.find(`read the log of pod ${pod.namespace}/${pod.name}`, ({ core }) =>
      core.readNamespacedPodLog({ ...pod, container, tailLines: lines, limitBytes: bytes }),
    );
  }

  async storageClassExists(name: string): Promise<boolean> {
    const path = resourcePath({ apiVersion: 'storage.k8s.io/v1', plural: 'storageclasses', name });
    const found = await this.#session.find(`read StorageClass ${name}`, ({ send }) =>
      send({ method: 'GET', path }),
    );
    return found !== undefined;
  }

  async nodes(): Promise<NodeView[]> {
    const list = await this.#session.call('list nodes', ({ core }) => core.listNode());
    return list.items.map(toNodeView);
  }

  async gpuProblems(nodes: readonly NodeView[]): Promise<Map<string, GpuProblem>> {
    const plugins = await listDevicePlugins(this.#session);
    return new Map(nodes.map((node) => [node.name, findGpuProblem(node, plugins)]));
  }
}
