/** Carries deeds out in a world. */
import { failure, refusal } from '../../infra/local/azure/known-errors.ts';
import type { FaultRulesInput } from '../../infra/local/azure/fault-rules.ts';
import { poolKey } from '../../infra/local/azure/azure-state.ts';
import type { PoolRecord } from '../../infra/local/azure/records.ts';
import { SlipwayError } from '../../shared/errors/slipway-error.ts';
import { requestDeletion } from '../../shared/intake/deletion.ts';
import { submit } from '../../shared/intake/submission.ts';
import type { CustomResource } from '../../shared/kubernetes/cluster.ts';
import { clusterInstanceId, workspaceInstanceId } from '../../shared/lifecycle/workspace-key.ts';
import { PoolTag } from '../../shared/lifecycle/pool-tag.ts';
import { ControllerAnnotation } from '../../shared/workspace/annotations.ts';
import { document } from '../unit/planning/workspaces.ts';
import type { Deed, Terms } from './deeds.ts';
import { names, sizes, timeToLiveMinutes } from './deeds.ts';
import { tagsOf } from './world/invariants.ts';
import type { World, WorldCluster } from './world/world.ts';

type HttpAction = NonNullable<FaultRulesInput['http']>[number]['action'];

const armActions: Readonly<Record<Extract<Deed, { is: 'arm' }>['how'], HttpAction>> = {
  throttles: { type: 'status', status: 429, retryAfterSeconds: 30 },
  fails: { type: 'status', status: 500 },
  breaks: { type: 'reset' },
  'answers get lost': { type: 'applyThenReset' },
};

const { acceptedAt } = ControllerAnnotation;
/** Virtual seconds for which a user asks again while the workspace of that name is being deleted. */
const patience = 600;

/** What its users want of a workspace at the moment; undefined: that it is gone. What nobody knows is not in it. */
export type Wishes = Map<string, Terms | undefined>;

type Request = Extract<Deed, { is: 'retry' | 'delete' }>;
type ClusterDeed = Extract<Deed, { is: 'cluster-stops' | 'cluster-starts' }>;
type Misfortune = Exclude<Deed, Request | ClusterDeed | { is: 'apply' }>;

export class Performer {
  readonly wishes: Wishes = new Map();
  readonly #world: World;
  readonly #cluster: WorldCluster;
  #changes = 0;

  constructor(world: World) {
    this.#world = world;
    const [cluster] = world.clusters;
    if (cluster === undefined) throw new TypeError('a world has a cluster');
    this.#cluster = cluster;
  }

  async perform(deed: Deed): Promise<void> {
    this.#world.note(`** ${JSON.stringify(deed)}`);
    if (deed.is === 'apply') await this.apply(nameOf(deed.who), deed);
    else if (isRequest(deed)) await this[deed.is](nameOf(deed.who));
    else if (isOfTheCluster(deed)) {
      const operation = deed.is === 'cluster-stops' ? '/stop' : '/start';
      await this.#world.azure.portal('POST', this.#cluster.name, operation);
    } else this.#happen(deed);
  }

  /** A user asks for another try. */
  async retry(name: string): Promise<void> {
    const terms = this.wishes.get(name);
    if (terms !== undefined) await this.apply(name, terms);
  }

  async delete(name: string): Promise<void> {
    await this.#ask(name, async () => {
      await requestDeletion(this.#world.services, this.#cluster.name, { namespace: 'default', name });
      this.wishes.set(name, undefined);
    });
  }

  record(name: string): CustomResource | undefined {
    return this.#cluster.base.records.all().find(({ metadata }) => metadata.name === name);
  }

  /** A user posts a workspace, or what it shall be from now on; again and again while its predecessor is going. */
  async apply(name: string, terms: Terms): Promise<void> {
    this.#changes += 1;
    const annotations = { ...annotationsOf(terms), 'slipway.dev/retry': String(this.#changes) };
    await this.#ask(name, async () => {
      if (this.record(name)?.metadata.deletionTimestamp !== undefined)
        await this.#world.until(() => this.record(name) === undefined, patience);
      const result = await submit(this.#world.services, {
        document: document({ name, instanceType: sizes[terms.size] ?? '', annotations }),
        cluster: this.#cluster.name,
        mode: 'apply',
      });
      if (result.outcome === 'terminating') return;
      // The door takes no other size; whoever uses kubectl may still write one.
      if (result.outcome === 'invalid') this.#edit(name, terms, annotations);
      this.wishes.set(name, terms);
    });
  }

  /** What `kubectl annotate` does. */
  annotate(name: string, annotations: Record<string, string>): void {
    this.#cluster.base.records.edit({ namespace: 'default', name }, (record) => ({
      ...record,
      metadata: { ...record.metadata, annotations: { ...record.metadata.annotations, ...annotations } },
    }));
  }

  #edit(name: string, { size }: Terms, annotations: Record<string, string>): void {
    this.#cluster.base.records.edit({ namespace: 'default', name }, (record) => {
      const { [acceptedAt]: accepted = '' } = record.metadata.annotations ?? {};
      return {
        ...record,
        resource: { ...objectOf(record['resource']), instanceType: sizes[size] },
        metadata: { ...record.metadata, annotations: { [acceptedAt]: accepted, ...annotations } },
      };
    });
  }

  /** A request that is answered with an error may have been carried out all the same: its user does not know. */
  async #ask(name: string, request: () => Promise<void>): Promise<void> {
    try {
      await request();
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      this.#world.note(`refused at the door: ${error.code}`);
      this.wishes.delete(name);
    }
  }

  #happen(deed: Misfortune): void {
    const { azure, clock, durable } = this.#world;
    const cluster = this.#cluster;
    switch (deed.is) {
      case 'refuse': {
        const { how, later, size, spot, operation, times } = deed;
        const vmSize = size === null ? undefined : sizes[size];
        const facts = vmSize === undefined ? {} : { vmSize };
        const outcome = later ? failure(how, 50, facts) : refusal(how, facts);
        const priority = spot ? { priority: 'Spot' as const } : {};
        const match = { operation, ...priority, ...(vmSize === undefined ? {} : { vmSize }) };
        azure.context.state.faults.add({ outcomes: [{ match, times, outcome }] });
        return;
      }
      case 'slow':
      case 'stuck': {
        const outcome =
          deed.is === 'slow' ? { type: 'slow' as const, seconds: 1500 } : { type: 'stuck' as const };
        azure.context.state.faults.add({
          outcomes: [{ match: { operation: 'create' }, times: deed.times, outcome }],
        });
        return;
      }
      case 'arm': {
        const { how, operation, times } = deed;
        azure.context.state.faults.add({
          http: [{ match: { operation: `AgentPools_${operation}` }, times, action: armActions[how] }],
        });
        return;
      }
      case 'azure-is-well':
        azure.context.state.faults.clear();
        return;
      case 'pool-vanishes':
        for (const { cluster: owner, name } of this.#poolsServing(deed.who))
          azure.context.state.pools.delete(poolKey(owner, name));
        return;
      case 'evict':
        for (const { machines } of this.#poolsServing(deed.who).slice(0, 1)) {
          const machine = machines.find(({ name }) => this.#serves(name, deed.who)) ?? machines[0];
          if (machine !== undefined) cluster.objects.evicted.add(machine.name);
        }
        return;
      case 'ail':
        for (const { name } of this.#poolsOf(deed.who)) cluster.objects.ailing.set(name, deed.how);
        return;
      case 'nodes-heal':
        cluster.objects.ailing.clear();
        cluster.objects.evicted.clear();
        return;
      case 'workload-vanishes':
        cluster.objects.vanish(this.#uidOf(deed.who));
        return;
      case 'pods-crash':
        cluster.objects.crash(this.#uidOf(deed.who), 'ContainerCrashLoopBackOff');
        return;
      case 'orchestrator-lost': {
        const record = this.record(nameOf(deed.who));
        const key = { cluster: cluster.name, namespace: 'default', name: nameOf(deed.who) };
        durable.terminate(
          deed.who >= names.length
            ? clusterInstanceId(cluster.name)
            : workspaceInstanceId(key, record?.metadata.uid ?? ''),
        );
        return;
      }
      case 'task-hub-lost':
        durable.forget();
        return;
      case 'api-silent':
        cluster.unreachableUntil = clock.now() + deed.seconds * 1000;
        return;
      case 'api-answers-lost':
        cluster.answersToLose = deed.count;
    }
  }

  #uidOf(who: number): string {
    return this.record(nameOf(who))?.metadata.uid ?? '';
  }

  #poolsOf(who: number): PoolRecord[] {
    const uid = this.#uidOf(who);
    if (uid === '') return [];
    return this.#world.azure.pools.filter(({ properties }) => tagsOf(properties)[PoolTag.uid] === uid);
  }

  /** Its own pools, and those that it has a share of. */
  #poolsServing(who: number): PoolRecord[] {
    const shares = this.#world.azure.pools.filter(({ machines }) =>
      machines.some(({ name }) => this.#serves(name, who)),
    );
    return [...this.#poolsOf(who), ...shares];
  }

  #serves(node: string, who: number): boolean {
    const uid = this.#uidOf(who);
    return uid !== '' && this.#cluster.objects.kept.servedBy(node) === uid;
  }
}

function isOfTheCluster(deed: Deed): deed is ClusterDeed {
  return deed.is === 'cluster-stops' || deed.is === 'cluster-starts';
}

function isRequest(deed: Deed): deed is Request {
  return deed.is === 'retry' || deed.is === 'delete';
}

function nameOf(who: number): string {
  return names[who] ?? '';
}

function annotationsOf({ fallback, spot, shared, suspended, expires }: Terms): Record<string, string> {
  return {
    ...(shared === true ? { 'slipway.dev/node-allocation': 'shared' } : {}),
    ...(suspended === 'no' ? {} : { 'slipway.dev/suspended': 'true', 'slipway.dev/suspend-mode': suspended }),
    ...(expires === 'never'
      ? {}
      : { 'slipway.dev/ttl': `${timeToLiveMinutes}m`, 'slipway.dev/on-expiry': expires }),
    ...(fallback ? { 'slipway.dev/fallback-instance-types': sizes.join(',') } : {}),
    ...(spot ? { 'slipway.dev/priority': 'spot-then-on-demand' } : {}),
  };
}

function objectOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
