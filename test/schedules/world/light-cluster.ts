/** The Kubernetes side of one cluster in memory: nodes follow the machines of the simulated pools, pods follow nodes and time. */
import type { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import type { PoolRecord } from '../../../infra/local/azure/records.ts';
import { vmSizeOf } from '../../../infra/local/azure/pool-properties.ts';
import type {
  GpuProblem,
  NodeView,
  PodProblem,
  Workloads,
  WorkloadView,
} from '../../../shared/kubernetes/cluster.ts';
import type { Manifest } from '../../../shared/kubernetes/manifest.ts';
import type { LightAzure } from './light-azure.ts';
import { LightObjects } from './light-objects.ts';

/** Virtual milliseconds: from a node that is Ready to a model that answers, and from a delete to the last pod. */
const loadTime = 60_000;
const goingTime = 10_000;
/** From a Ready node to its GPUs in the kubelet's list. */
const pluginTime = 10_000;

export type Ailment = 'not-ready' | 'no-gpu';

interface LightWorkload {
  view: WorkloadView;
  /** When its pods found their nodes; undefined while they have none. */
  startedAt: number | undefined;
  goneAt: number | undefined;
}

export class LightCluster implements Workloads {
  /** Nodes that are not well, by pool. */
  readonly ailing = new Map<string, Ailment>();
  /** Nodes that somebody took away although their machine is listed, by name. */
  readonly evicted = new Set<string>();
  readonly configs = new Map<string, string>();
  readonly kept: LightObjects;
  readonly #clock: SteppedClock;
  readonly #azure: LightAzure;
  readonly #name: string;
  readonly #workloads = new Map<string, LightWorkload>();
  #made = 0;

  constructor(name: string, clock: SteppedClock, azure: LightAzure) {
    this.#name = name;
    this.#clock = clock;
    this.#azure = azure;
    this.kept = new LightObjects(() => new Date(clock.now()).toISOString());
  }

  apply(objects: Manifest[]): Promise<void> {
    const main = objects.find(({ kind }) => kind === 'StatefulSet' || kind === 'Job');
    const ownerUid = main?.metadata?.ownerReferences?.[0]?.uid ?? '';
    const revision = main?.metadata?.annotations?.['slipway.dev/workload-revision'] ?? '';
    this.#collect();
    const before = this.#workloads.get(ownerUid);
    if (before?.view.revision === revision && !before.view.deleting) return Promise.resolve();
    this.#made += 1;
    const { problem, outcome, ...kept } = before?.view ?? newView(ownerUid, `workload-${this.#made}`);
    this.#workloads.set(ownerUid, {
      view: {
        ...kept,
        name: main?.metadata?.name ?? '',
        namespace: main?.metadata?.namespace ?? '',
        kind: main?.kind === 'Job' ? 'Job' : 'StatefulSet',
        deleting: false,
        revision,
      },
      startedAt: undefined,
      goneAt: undefined,
    });
    return Promise.resolve();
  }

  remove(_workspace: { namespace: string; name: string }, ownerUid: string): Promise<number> {
    this.#collect();
    const found = this.#workloads.get(ownerUid);
    if (found === undefined) return Promise.resolve(0);
    found.view = { ...found.view, deleting: true };
    found.goneAt ??= this.#clock.now() + goingTime;
    return Promise.resolve(1);
  }

  list(): Promise<WorkloadView[]> {
    this.#collect();
    return Promise.resolve([...this.#workloads.values()].map((one) => this.#viewOf(one)));
  }

  readConfig({ name }: { name: string }): Promise<string | undefined> {
    return Promise.resolve(this.configs.get(name));
  }

  readSecret(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** As if the benchmark had just passed. */
  readLog(): Promise<string | undefined> {
    return Promise.resolve('KAITO_BENCHMARK_RESULT 2026-03-01T08:00:00Z {"vllm_total_tpm":1000}\n');
  }

  storageClassExists(): Promise<boolean> {
    return Promise.resolve(false);
  }

  nodes(): Promise<NodeView[]> {
    return Promise.resolve(this.#pools().flatMap((pool) => this.#nodesOf(pool)));
  }

  gpuProblems(nodes: readonly NodeView[]): Promise<Map<string, GpuProblem>> {
    const problem: GpuProblem = { reason: 'DriverMissing', message: 'no driver' };
    return Promise.resolve(new Map(nodes.map(({ name }) => [name, problem])));
  }

  /** Owners of workloads that are there, going or not. */
  owners(): string[] {
    this.#collect();
    return [...this.#workloads.keys()];
  }

  crash(ownerUid: string, reason: PodProblem['reason']): void {
    const found = this.#workloads.get(ownerUid);
    if (found === undefined || found.view.deleting) return;
    found.view = { ...found.view, problem: { reason, message: 'it stopped', pod: `${found.view.name}-0` } };
  }

  /** Pods that crash are well again. */
  calm(): void {
    for (const one of this.#workloads.values()) {
      const { problem, ...well } = one.view;
      one.view = well;
      if (problem !== undefined) one.startedAt = undefined;
    }
  }

  /** Somebody deletes it. */
  vanish(ownerUid: string): void {
    this.#workloads.delete(ownerUid);
  }

  #pools(): PoolRecord[] {
    return this.#azure.pools.filter(({ cluster }) => cluster === this.#name);
  }

  #nodesOf(pool: PoolRecord): NodeView[] {
    const now = this.#clock.now();
    const ailment = this.ailing.get(pool.name);
    const size = vmSizeOf(pool);
    return pool.machines
      .filter(({ name, joinAt }) => joinAt <= now && !this.evicted.has(name))
      .map(({ name, readyAt }) => {
        const ready = readyAt <= now && ailment !== 'not-ready';
        const gpus = ready && readyAt + pluginTime <= now && ailment === undefined ? size.gpus : 0;
        return {
          name,
          labels: {
            ...labelsOf(pool),
            ...this.kept.labelsOf(name),
            agentpool: pool.name,
            'node.kubernetes.io/instance-type': size.name,
          },
          ready,
          deleting: false,
          gpus,
          ...(ready ? {} : { reason: 'KubeletNotReady' }),
        };
      });
  }

  #viewOf(one: LightWorkload): WorkloadView {
    const now = this.#clock.now();
    const { view } = one;
    if (view.deleting) return view;
    const runs = this.#hasNodes(view.ownerUid);
    one.startedAt = runs ? (one.startedAt ?? now) : undefined;
    const ready =
      one.startedAt !== undefined && one.startedAt + loadTime <= now && view.problem === undefined;
    if (view.kind === 'Job')
      return {
        ...view,
        upToDate: true,
        readyReplicas: runs ? 1 : 0,
        ...(ready ? { outcome: 'complete' } : {}),
      };
    return { ...view, upToDate: true, readyReplicas: ready ? view.replicas : 0 };
  }

  #hasNodes(uid: string): boolean {
    return this.#pools().some((pool) => {
      const own = JSON.stringify(pool.properties['tags'] ?? {}).includes(uid);
      return this.#nodesOf(pool).some(
        ({ name, gpus }) => gpus > 0 && (own || this.kept.servedBy(name) === uid),
      );
    });
  }

  #collect(): void {
    for (const [uid, { goneAt }] of this.#workloads)
      if (goneAt !== undefined && goneAt <= this.#clock.now()) this.#workloads.delete(uid);
  }
}

function newView(ownerUid: string, uid: string): WorkloadView {
  return {
    ownerUid,
    name: '',
    namespace: '',
    kind: 'StatefulSet',
    uid,
    deleting: false,
    revision: '',
    replicas: 1,
    readyReplicas: 0,
    upToDate: false,
  };
}

function labelsOf(pool: PoolRecord): Record<string, string> {
  const labels = pool.properties['nodeLabels'];
  return typeof labels === 'object' && labels !== null
    ? Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]))
    : {};
}
