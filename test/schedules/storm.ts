/** Many workspaces at once on several clusters of one subscription, under Azure's own limits. */
import type { OperationLock } from '../../infra/local/azure/settings.ts';
import type { TimingOverrides } from '../../infra/local/cluster/timings.ts';
import { requestDeletion } from '../../shared/intake/deletion.ts';
import { submit } from '../../shared/intake/submission.ts';
import { Phase } from '../../shared/lifecycle/phase.ts';
import { readStoredStatus } from '../../shared/lifecycle/read-status.ts';
import { slipwayOf } from '../../shared/reconcile/observe-cluster.ts';
import { SlipwayAnnotation } from '../../shared/workspace/annotations.ts';
import { document } from '../unit/planning/workspaces.ts';
import { PoolTag } from '../../shared/lifecycle/pool-tag.ts';
import { InvariantWatch, tagsOf } from './world/invariants.ts';
import { World } from './world/world.ts';

export interface StormOptions {
  workspaces: number;
  clusters: number;
  lock: OperationLock;
  /** Whether each has a pool of its own; so it is unless given. */
  sharing?: 'dedicated' | 'shared';
  /** How long operations take; the simulator's usual times when left out. */
  timings?: TimingOverrides;
}

/** What one half of a storm, until all are Ready or until all are gone, has cost. */
export interface StormReport {
  /** Virtual seconds. */
  seconds: number;
  armCalls: number;
  /** Answers 429. */
  throttled: number;
  /** Answers 409: somebody else's operation was in the way. */
  conflicts: number;
  pools: number;
}

const longest = 36 * 3600;
/** Pools that may be served before an older wish of their cluster: those that one tick starts together, and a conflict's aftermath. */
const leeway = 25;
const namespaces = ['ahead', 'middle', 'zulu'];

export class Storm {
  readonly world: World;
  readonly #watch: InvariantWatch;
  readonly #options: StormOptions;
  #before = { total: 0, throttled: 0, conflicts: 0, seconds: 0 };

  constructor(options: StormOptions) {
    this.#options = options;
    const clusters = Array.from({ length: options.clusters }, (_, index) => `cluster-${index}`);
    this.world = new World({ clusters, operationLock: options.lock, timings: options.timings ?? {} });
    this.#watch = new InvariantWatch(this.world);
  }

  /** Posts all of them and lets time pass until all are Ready. */
  async come(): Promise<StormReport> {
    await this.world.pass(60);
    this.#begin();
    const names = this.world.clusters.map(({ name }) => name);
    for (let index = 0; index < this.#options.workspaces; index += 1) {
      // Within half a minute, so that there are older and younger wishes.
      if (index % (this.#options.clusters * 4) === 0) await this.world.pass(2);
      await submit(this.world.services, {
        document: withNamespace(
          document({
            name: `many-${index}`,
            annotations: { [SlipwayAnnotation.nodeAllocation]: this.#options.sharing ?? 'dedicated' },
          }),
          namespaces[index % namespaces.length],
        ),
        cluster: names[index % names.length] ?? '',
        mode: 'create',
      });
    }
    const came = await this.world.until(() => this.phases().every((phase) => phase === Phase.Ready), longest);
    if (!came) throw new Error(`after ${longest / 3600} hours: ${JSON.stringify(counted(this.phases()))}`);
    this.#watch.assertSettled();
    return this.#report();
  }

  /** Deletes all of them in one moment and lets time pass until nothing is left. */
  async go(): Promise<StormReport> {
    this.#begin();
    for (const { name: cluster, base } of this.world.clusters)
      for (const { metadata } of base.records.all())
        await requestDeletion(this.world.services, cluster, {
          namespace: metadata.namespace,
          name: metadata.name,
        });
    const gone = await this.world.until(() => this.phases().length === 0, longest);
    if (!gone) throw new Error(`after ${longest / 3600} hours: ${JSON.stringify(counted(this.phases()))}`);
    this.#watch.assertSettled();
    return this.#report();
  }

  phases(): string[] {
    return this.world.clusters.flatMap(({ base }) =>
      base.records.all().map((record) => readStoredStatus(slipwayOf(record))?.phase ?? 'unseen'),
    );
  }

  /** Workspaces that were served long after younger wishes of their cluster. */
  unfair(): string[] {
    return this.world.clusters.flatMap(({ name: cluster, base }) => {
      const wished = base.records.all().map(({ metadata }) => metadata.name);
      const created = new Map(
        this.world.azure.pools
          .filter((pool) => pool.cluster === cluster)
          .map(({ properties, createdAt }) => [
            tagsOf(properties)[PoolTag.workspace]?.split('/').at(-1),
            createdAt,
          ]),
      );
      const served = [...wished].sort((one, other) => (created.get(one) ?? 0) - (created.get(other) ?? 0));
      return wished.filter((name, position) => served.indexOf(name) - position > leeway);
    });
  }

  end(): void {
    this.world.stop();
  }

  #begin(): void {
    this.#before = this.#counts();
  }

  #report(): StormReport {
    const now = this.#counts();
    return {
      seconds: now.seconds - this.#before.seconds,
      armCalls: now.total - this.#before.total,
      throttled: now.throttled - this.#before.throttled,
      conflicts: now.conflicts - this.#before.conflicts,
      pools: this.world.azure.pools.length - this.#options.clusters,
    };
  }

  #counts(): { total: number; throttled: number; conflicts: number; seconds: number } {
    const { total, statuses } = this.world.azure.server.counter.counts();
    const { seconds } = this.world;
    return { total, throttled: statuses['429'] ?? 0, conflicts: statuses['409'] ?? 0, seconds };
  }
}

function counted(all: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of all) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}

function withNamespace(body: Record<string, unknown>, namespace = 'default'): Record<string, unknown> {
  const { metadata } = body;
  return { ...body, metadata: { ...(typeof metadata === 'object' ? metadata : {}), namespace } };
}
