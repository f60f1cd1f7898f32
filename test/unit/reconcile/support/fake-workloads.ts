import type {
  ContainerLog,
  GpuProblem,
  NodeView,
  PodProblem,
  Workloads,
  WorkloadView,
} from '../../../../shared/kubernetes/cluster.ts';
import type { Manifest } from '../../../../shared/kubernetes/manifest.ts';

/** The workload of one workspace in memory; it starts and goes by {@link advance}. */
export class FakeWorkloads implements Workloads {
  /** `namespace/name/key` to value. */
  readonly secrets = new Map<string, string>();
  /** What the first pod has written. */
  log = 'KAITO_BENCHMARK_RESULT 2026-03-01T08:00:00Z {"vllm_total_tpm":1000}\n';
  readonly #nodes: () => NodeView[];
  #workload: WorkloadView | undefined;
  #made = 0;

  constructor(nodes: () => NodeView[]) {
    this.#nodes = nodes;
  }

  get workload(): WorkloadView | undefined {
    return this.#workload;
  }

  apply(objects: Manifest[]): Promise<void> {
    const server = objects.find(({ kind }) => kind === 'StatefulSet');
    const revision = server?.metadata?.annotations?.['slipway.dev/workload-revision'] ?? '';
    const before = this.#workload;
    if (before?.revision === revision) return Promise.resolve();
    this.#made += 1;
    this.#workload = {
      ownerUid: server?.metadata?.ownerReferences?.[0]?.uid ?? '',
      name: server?.metadata?.name ?? '',
      namespace: server?.metadata?.namespace ?? '',
      kind: 'StatefulSet',
      uid: before?.uid ?? `workload-${this.#made}`,
      deleting: false,
      revision,
      replicas: 1,
      readyReplicas: 0,
      upToDate: false,
    };
    return Promise.resolve();
  }

  remove(_workspace: { namespace: string; name: string }, ownerUid: string): Promise<number> {
    if (this.#workload?.ownerUid !== ownerUid) return Promise.resolve(0);
    this.#workload = { ...this.#workload, deleting: true };
    return Promise.resolve(1);
  }

  list(): Promise<WorkloadView[]> {
    return Promise.resolve(this.#workload === undefined ? [] : [this.#workload]);
  }

  readConfig(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  readSecret(
    { namespace, name }: { namespace: string; name: string },
    key: string,
  ): Promise<string | undefined> {
    return Promise.resolve(this.secrets.get(`${namespace}/${name}/${key}`));
  }

  /** As if the pod had just passed its benchmark. */
  readLog(_log: ContainerLog): Promise<string | undefined> {
    return Promise.resolve(this.#workload === undefined ? undefined : this.log);
  }

  storageClassExists(): Promise<boolean> {
    return Promise.resolve(false);
  }

  nodes(): Promise<NodeView[]> {
    return Promise.resolve(this.#nodes());
  }

  gpuProblems(nodes: readonly NodeView[]): Promise<Map<string, GpuProblem>> {
    const problem: GpuProblem = { reason: 'DriverMissing', message: 'no driver' };
    return Promise.resolve(new Map(nodes.map(({ name }) => [name, problem])));
  }

  /** Pods start where there is a node with a GPU; what was deleted is gone. */
  advance(): void {
    if (this.#workload === undefined) return;
    if (this.#workload.deleting) {
      this.#workload = undefined;
      return;
    }
    const { problem, ...well } = this.#workload;
    const runs = this.#nodes().some(({ ready, gpus }) => ready && gpus > 0);
    this.#workload = { ...well, readyReplicas: runs ? 1 : 0, upToDate: true };
  }

  crash(reason: PodProblem['reason']): void {
    if (this.#workload === undefined || this.#workload.deleting) return;
    const problem = { reason, message: 'it stopped', pod: 'phi-0' };
    this.#workload = { ...this.#workload, readyReplicas: 0, problem };
  }

  /** Somebody deletes it. */
  vanish(): void {
    this.#workload = undefined;
  }
}
