/**
 * Everything of Slipway but its doors' HTTP and its SDKs, in one process, on a clock that is stepped: the real orchestrators,
 * decisions, activities' effects and the agent pool adapter, over the simulated Azure and doubles of the cluster and the platform.
 */
import type { OrchestrationHandler } from 'durable-functions';
import type { OperationLock } from '../../../infra/local/azure/settings.ts';
import { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import type { TimingOverrides } from '../../../infra/local/cluster/timings.ts';
import type { Outcome } from '../../../functions/contracts/activity.ts';
import { nudgeCluster } from '../../../functions/contracts/workspace-activities.ts';
import { Orchestrator } from '../../../functions/contracts/names.ts';
import { clusterLifecycle } from '../../../functions/orchestrators/cluster-lifecycle.ts';
import type { Steps } from '../../../functions/orchestrators/run.ts';
import { Run } from '../../../functions/orchestrators/run.ts';
import { workspaceLifecycle } from '../../../functions/orchestrators/workspace-lifecycle.ts';
import { Retryable, SlipwayError, Terminal } from '../../../shared/errors/slipway-error.ts';
import type { QueueMessage } from '../../../shared/azure/message-sender.ts';
import { decodeRequest } from '../../../shared/events/decode-request.ts';
import type { RecordReference } from '../../../shared/events/event-types.ts';
import { Queue } from '../../../shared/events/event-types.ts';
import { currentLogicVersion } from '../../../shared/lifecycle/decide.ts';
import { newClusterMemory } from '../../../shared/lifecycle/pool-operations.ts';
import { clusterInstanceId, workspaceInstanceId } from '../../../shared/lifecycle/workspace-key.ts';
import type { NodeProvisioner } from '../../../shared/provisioning/node-provisioner.ts';
import type { ClusterServices, Services } from '../../../shared/reconcile/services.ts';
import { sweepRecords } from '../../../shared/reconcile/sweep.ts';
import { activities, outcomeOf } from '../../unit/reconcile/support/activities.ts';
import { FakeWorld } from '../../unit/reconcile/support/fake-services.ts';
import { Chance } from './chance.ts';
import { DurableDouble } from './durable.ts';
import type { Work } from './durable.ts';
import { LightAzure } from './light-azure.ts';
import { LightCluster } from './light-cluster.ts';
import { MessageBus } from './message-bus.ts';
import type { Gate } from './watched-port.ts';
import { open, watchedPort } from './watched-port.ts';

export interface WorldOptions {
  clusters?: string[];
  operationLock?: OperationLock;
  /** 0: nothing is lost, doubled or late, and no process dies. */
  chance?: number;
  timings?: TimingOverrides;
  /** Changes what activities do: for tests that prove that a wrong program is found out. */
  mutant?: Mutant;
}

export type Act = (input: unknown) => Promise<unknown>;

/** What is wrong with the program. */
export interface Mutant {
  activities?: (acts: Map<string, Act>) => void;
  provisioner?: (real: NodeProvisioner) => NodeProvisioner;
}

/** One configured cluster of the world. */
export interface WorldCluster {
  name: string;
  /** Records and what else needs no time to go by. */
  base: FakeWorld;
  objects: LightCluster;
  /** Its API does not answer before this moment, milliseconds. */
  unreachableUntil: number;
  /** This many of the next answers of its API get lost, every third call. */
  answersToLose: number;
}

/** The process that ran an activity is gone. */
class Died extends Error {}

/** Real pools take minutes; what is tested is the order of things, and every tick costs time of the test. */
const quickTimings: TimingOverrides = {
  arm: { poolCreate: 60, poolUpdate: 20, poolScale: 40, poolDelete: 40, clusterStop: 30, clusterStart: 30 },
  nodes: { join: 5, ready: 10 },
};
const sweepSeconds = 120;

export class World {
  readonly clock = new SteppedClock(Date.UTC(2026, 10, 2));
  readonly azure: LightAzure;
  readonly durable: DurableDouble;
  readonly clusters: WorldCluster[];
  readonly services: Services;
  readonly bus: MessageBus;
  /** What happened, one line each. */
  readonly trace: string[] = [];
  /** Called after whatever may have changed anything. */
  onChange: () => void = () => undefined;
  #chance: Chance;
  #callsLeft = Infinity;
  #calls = 0;
  #sweepIsDue = false;
  readonly #acts: ReadonlyMap<string, Act>;
  readonly #began: number;

  constructor({
    clusters = ['main'],
    operationLock = 'pool',
    chance = 0,
    timings,
    mutant = {},
  }: WorldOptions = {}) {
    this.#began = this.clock.now();
    this.#chance = new Chance(chance);
    this.bus = new MessageBus(this.clock, this.#chance);
    const settings = clusters.map((name) => ({ name, operationLock }));
    this.azure = new LightAzure(this.clock, settings, timings ?? quickTimings);
    this.durable = new DurableDouble(
      this.clock,
      new Map<string, OrchestrationHandler>([
        [Orchestrator.workspace, handlerOf(workspaceLifecycle)],
        [Orchestrator.cluster, handlerOf(clusterLifecycle)],
      ]),
    );
    this.clusters = clusters.map((name) => ({
      name,
      base: new FakeWorld(),
      objects: new LightCluster(name, this.clock, this.azure),
      unreachableUntil: 0,
      answersToLose: 0,
    }));
    this.clusters.forEach(({ base }, index) => (base.records.made = index * 10_000));
    this.services = this.#services(mutant);
    const acts = new Map<string, Act>(activities(this.services));
    acts.set(nudgeCluster.name, (input) => {
      for (const { name } of this.clusters) if (isFor(input, name)) this.ensureCluster(name);
      return Promise.resolve({ nudged: true });
    });
    mutant.activities?.(acts);
    this.#acts = acts;
    for (const name of clusters) this.ensureCluster(name);
    this.#sweepLater();
  }

  /** Seconds since the beginning. */
  get seconds(): number {
    return Math.round((this.clock.now() - this.#began) / 1000);
  }

  note(line: string): void {
    this.trace.push(`${String(this.seconds).padStart(6)} s  ${line}`);
  }

  ensureCluster(cluster: string): void {
    const input = { cluster, logicVersion: currentLogicVersion, memory: newClusterMemory, failures: 0 };
    this.durable.ensure(Orchestrator.cluster, clusterInstanceId(cluster), input);
  }

  ensureWorkspace(reference: RecordReference, pools: string[] = []): void {
    const { cluster, namespace, name, uid } = reference;
    this.durable.ensure(Orchestrator.workspace, workspaceInstanceId(reference, uid), {
      reference: { cluster, namespace, name, uid },
      logicVersion: currentLogicVersion,
      pools,
      lastKnown: null,
      failures: 0,
    });
  }

  /** From now on everything happens once and in order. */
  calmDown(): void {
    this.#chance = new Chance(0);
    this.bus.chance = this.#chance;
  }

  /** Lets time pass, with all that falls due in it. */
  async pass(seconds: number): Promise<void> {
    const end = this.clock.now() + seconds * 1000;
    for (;;) {
      await this.#quiet();
      const next = this.clock.nextDue();
      if (next === undefined || next > end) break;
      this.clock.step();
      this.#mirrorTime();
    }
    this.clock.advanceTo(end);
    this.#mirrorTime();
    await this.#quiet();
  }

  /** Lets time pass until `condition` holds, at most `seconds`; true when it does. */
  async until(condition: () => boolean, seconds: number): Promise<boolean> {
    const end = this.clock.now() + seconds * 1000;
    for (;;) {
      await this.#quiet();
      if (condition()) return true;
      const next = this.clock.nextDue();
      if (next === undefined || next > end) return false;
      this.clock.step();
      this.#mirrorTime();
    }
  }

  stop(): void {
    this.azure.stop();
  }

  #mirrorTime(): void {
    for (const { base } of this.clusters) base.now = this.clock.now();
  }

  /** Everything that can be done at this moment. */
  async #quiet(): Promise<void> {
    this.#mirrorTime();
    for (;;) {
      if (this.durable.advance()) continue;
      const message = this.bus.arrived.shift();
      if (message !== undefined) this.#deliver(message);
      else if (this.#sweepIsDue) await this.#sweep();
      else if (this.durable.work.length > 0) await this.#workOnce();
      else return;
    }
  }

  async #workOnce(): Promise<void> {
    const { work } = this.durable;
    const [one] = work.splice(this.#chance.next(work.length), 1);
    if (one === undefined) return;
    const fate = this.#chance.activity();
    if (fate.is === 'late') {
      this.clock.schedule(this.clock.now() + 45_000, () => work.push(one));
      return;
    }
    this.#callsLeft = fate.is === 'dies' ? fate.beforeCall : Infinity;
    try {
      const outcome = await this.#perform(one);
      if (fate.is === 'twice') await this.#perform(one);
      if (fate.is === 'result-lost') work.push(one);
      else this.durable.complete(one, outcome);
    } catch (error) {
      if (!(error instanceof Died)) throw error;
      this.note(`the process dies in ${one.activity}`);
      work.push(one);
    } finally {
      this.#callsLeft = Infinity;
    }
    this.onChange();
  }

  async #perform({ activity, input }: Work): Promise<Outcome<unknown>> {
    const act = this.#acts.get(activity);
    if (act === undefined) throw new TypeError(`no activity ${activity}`);
    return outcomeOf(() => act(input));
  }

  /** As the queue functions do with facts and nudges: the record is looked at again. */
  #deliver(message: QueueMessage): void {
    const queue = Object.values(Queue).find((one) => one === message.queue);
    if (queue === undefined) throw new TypeError(`no queue ${message.queue}`);
    const decoded = decodeRequest(queue, message.body);
    if (!decoded.ok) throw new TypeError(JSON.stringify(decoded.faults));
    if (decoded.request.kind === 'reference') this.ensureWorkspace(decoded.request.reference);
  }

  #sweepLater(): void {
    this.clock.schedule(this.clock.now() + sweepSeconds * 1000, () => {
      this.#sweepIsDue = true;
      this.#sweepLater();
    });
  }

  /** `functions/timers/sweep.ts` without the Functions SDK. */
  async #sweep(): Promise<void> {
    this.#sweepIsDue = false;
    for (const { name } of this.clusters) {
      if (!this.durable.isRunning(clusterInstanceId(name))) this.ensureCluster(name);
      try {
        for (const { reference, overdue, pools } of await sweepRecords(this.services, name)) {
          const missing = !this.durable.isRunning(workspaceInstanceId(reference, reference.uid));
          if (missing || overdue) this.ensureWorkspace(reference, pools);
        }
      } catch (error) {
        if (!(error instanceof SlipwayError)) throw error;
      }
    }
  }

  #services(mutant: Mutant): Services {
    const [first] = this.clusters;
    if (first === undefined) throw new TypeError('a world has a cluster');
    const byName = new Map(this.clusters.map((cluster) => [cluster.name, this.#connect(cluster, mutant)]));
    return {
      ...first.base.services,
      clusterNames: [...byName.keys()],
      defaultCluster: first.name,
      messages: watchedPort(this.bus, () => this.#mayDie()),
      cluster: (name) =>
        byName.get(name) ?? Promise.reject(new Terminal('UnknownCluster', { message: name })),
    };
  }

  async #connect(cluster: WorldCluster, mutant: Mutant): Promise<ClusterServices> {
    const { name, base, objects } = cluster;
    const gate = (): Gate => this.#throughNetwork(cluster);
    const before = await base.services.cluster('main');
    const connection = {
      ...before.connection,
      name,
      records: watchedPort(before.connection.records, gate),
      workloads: watchedPort(objects, gate),
      system: watchedPort(before.connection.system, gate),
    };
    const real = this.azure.provisioner(name, {
      objects: watchedPort(objects.kept, gate),
      nodes: () => connection.workloads.nodes(),
    });
    const provisioner = watchedPort(mutant.provisioner?.(real) ?? real, () => this.#mayDie());
    const subscriptionShare = 1 / this.clusters.length;
    return {
      ...before,
      name,
      resourceId: this.azure.resourceId(name),
      subscriptionShare,
      connection,
      provisioner,
    };
  }

  /** Before each call of a port the process may die: between any two steps, that is. */
  #mayDie(): Gate {
    if (this.#callsLeft === 0) throw new Died();
    this.#callsLeft -= 1;
    return open;
  }

  #throughNetwork(cluster: WorldCluster): Gate {
    this.#mayDie();
    const state = this.azure.context.state.clusters.get(cluster.name);
    const off = state?.powerState === 'Stopped' || state?.deleted === true;
    if (off || this.clock.now() < cluster.unreachableUntil) throw noAnswer();
    this.#calls += 1;
    if (cluster.answersToLose === 0 || this.#calls % 3 !== 0) return open;
    cluster.answersToLose -= 1;
    return {
      after: () => {
        throw noAnswer();
      },
    };
  }
}

function noAnswer(): Retryable {
  return new Retryable('ClusterUnreachable', { message: 'the API server does not answer' });
}

function handlerOf<Input extends object>(steps: (run: Run<Input>) => Steps<string>): OrchestrationHandler {
  return (context) => steps(new Run<Input>(context));
}

function isFor(input: unknown, cluster: string): boolean {
  return typeof input === 'object' && input !== null && 'cluster' in input && input.cluster === cluster;
}
