/**
 * The real orchestrators, decisions and effects of one workspace and its cluster, over ports in memory. A run is a list of events in any
 * order; the model checks the invariants of the design at each of them.
 */
import assert from 'node:assert/strict';
import type { ClusterRun } from '../../../../functions/contracts/cluster-activities.ts';
import type { WorkspaceRun } from '../../../../functions/contracts/workspace-activities.ts';
import { clusterLifecycle } from '../../../../functions/orchestrators/cluster-lifecycle.ts';
import type { Run, Steps } from '../../../../functions/orchestrators/run.ts';
import { workspaceLifecycle } from '../../../../functions/orchestrators/workspace-lifecycle.ts';
import type { CustomResource } from '../../../../shared/kubernetes/cluster.ts';
import { nodesOutlook } from '../../../../shared/lifecycle/nodes-outlook.ts';
import { newClusterMemory } from '../../../../shared/lifecycle/pool-operations.ts';
import { PoolTag } from '../../../../shared/lifecycle/pool-tag.ts';
import { readObserved, readStoredStatus } from '../../../../shared/lifecycle/read-status.ts';
import type { StoredSlipwayStatus } from '../../../../shared/lifecycle/slipway-status.ts';
import { liveAllocation } from '../../../../shared/lifecycle/slipway-status.ts';
import type { PoolView } from '../../../../shared/provisioning/node-provisioner.ts';
import { slipwayOf } from '../../../../shared/reconcile/observe-cluster.ts';
import type { Call } from '../../../unit/orchestrators/support/driven-run.ts';
import { drive } from '../../../unit/orchestrators/support/driven-run.ts';
import { document } from '../../../unit/planning/workspaces.ts';
import { activities, outcomeOf } from '../../../unit/reconcile/support/activities.ts';
import { FakeWorld } from '../../../unit/reconcile/support/fake-services.ts';

const place = { namespace: 'default', name: 'phi' };

/** How an orchestration's process behaves during one turn. */
export interface Luck {
  /** Each activity is executed twice, as at-least-once delivery may. */
  twice?: boolean;
  /** The process dies before this activity, counted from 0. */
  diesBefore?: number;
}

class Died extends Error {}

/** What a user writes on the workspace, by the count of changes so far. */
const steering = {
  retry: (count: number) => ({ 'slipway.dev/retry': String(count) }),
  suspend: () => ({ 'slipway.dev/suspended': 'true', 'slipway.dev/suspend-mode': 'scale-to-zero' }),
  stop: () => ({ 'slipway.dev/suspended': 'true', 'slipway.dev/suspend-mode': 'stop' }),
  resume: () => ({ 'slipway.dev/suspended': 'false' }),
  limit: (count: number) => ({ 'slipway.dev/ttl': `${count}h` }),
} as const;

export class Model {
  readonly world = new FakeWorld();
  readonly #acts = activities(this.world.services);
  readonly uid: string;
  #workspace: WorkspaceRun | undefined;
  #cluster: ClusterRun = { cluster: 'main', logicVersion: 1, memory: newClusterMemory, failures: 0 };
  /** How often its user changed the workspace. */
  #wishes = 0;

  private constructor(record: CustomResource) {
    this.uid = record.metadata.uid;
    this.#workspace = {
      reference: { cluster: 'main', ...place, uid: this.uid },
      logicVersion: 1,
      pools: [],
      failures: 0,
      lastKnown: null,
    };
  }

  /** `fallback`: its user allows another size. */
  static async start({ fallback = false } = {}): Promise<Model> {
    const born = new FakeWorld();
    const annotations: Record<string, string> = fallback
      ? { 'slipway.dev/fallback-instance-types': 'Standard_NC40ads_H100_v5' }
      : {};
    const metadata = { ...place, annotations, labels: {} };
    const draft = document({ name: place.name });
    const made = await born.records.create({
      ...draft,
      apiVersion: 'kaito.sh/v1beta1',
      kind: 'Workspace',
      metadata,
    });
    const model = new Model(made.value);
    await model.world.records.create({
      ...draft,
      apiVersion: 'kaito.sh/v1beta1',
      kind: 'Workspace',
      metadata,
    });
    model.world.azure.onDelete = (pool) => model.#assertMayGo(pool);
    model.world.records.onGone = () => model.#assertNothingLeft();
    return model;
  }

  record(): CustomResource | undefined {
    return this.world.records.all()[0];
  }

  status(): StoredSlipwayStatus | null {
    const record = this.record();
    return record === undefined ? null : readStoredStatus(slipwayOf(record));
  }

  /** Nodes are held that were not the first asked for. */
  climbed(): boolean {
    return (this.status()?.allocations ?? []).some(({ rung, wish }) => wish === 'present' && rung > 0);
  }

  /** The orchestration has ended. */
  get over(): boolean {
    return this.#workspace === undefined;
  }

  async turn(luck: Luck = {}): Promise<void> {
    if (this.#workspace === undefined) return;
    const next = await this.#execute(workspaceLifecycle, this.#workspace, luck);
    if (next === 'died') return;
    this.#workspace = next;
    this.#assertShowsWhatItIsAt();
  }

  async tick(luck: Luck = {}): Promise<void> {
    const next = await this.#execute(clusterLifecycle, this.#cluster, luck);
    if (next !== 'died') this.#cluster = next ?? this.#cluster;
  }

  /** Its user changes the size, asks for another try, or says how long and when there are to be nodes. */
  change(what: 'size' | keyof typeof steering): void {
    this.#wishes += 1;
    this.world.records.edit(place, (record) => {
      if (record.metadata.deletionTimestamp !== undefined) return record;
      if (what !== 'size') {
        const annotations = { ...record.metadata.annotations, ...steering[what](this.#wishes) };
        return { ...record, metadata: { ...record.metadata, annotations } };
      }
      const instanceType = this.#wishes % 2 === 0 ? 'Standard_NC24ads_A100_v4' : 'Standard_NC48ads_A100_v4';
      const resource = { instanceType, labelSelector: { matchLabels: { apps: place.name } } };
      return { ...record, resource };
    });
  }

  async askDelete(): Promise<void> {
    await this.world.records.delete(place);
  }

  /** Everything that can work works from now on: turns, ticks and time until nothing changes any more. */
  async settle(): Promise<void> {
    const { world } = this;
    world.azure.mood = undefined;
    world.azure.ailing.clear();
    let quiet = 0;
    for (let round = 0; round < 60 && quiet < 3 && !this.over; round += 1) {
      const { version } = world.records;
      await this.turn();
      await this.tick();
      world.azure.advance();
      world.workloads.advance();
      world.pass(6);
      quiet = this.#isAtAnEnd() && world.records.version === version ? quiet + 1 : 0;
    }
  }

  #isAtAnEnd(): boolean {
    const phase = this.status()?.phase;
    return phase === 'Ready' || phase === 'Failed' || (phase === 'Suspended' && this.#isEmpty());
  }

  #isEmpty(): boolean {
    return [...this.world.azure.pools.values()].every(
      ({ count, power, state }) => (count === 0 || power === 'stopped') && state === 'succeeded',
    );
  }

  /** No node is paid for. */
  assertAsleep(): void {
    assert.ok(this.#isEmpty(), 'a suspended workspace holds nodes');
    assert.equal(this.status()?.cost?.hourly ?? 0, 0, 'a suspended workspace costs');
  }

  /** Invariants at every moment. */
  check(): void {
    const status = this.status();
    if (status === null) return;
    const live = status.allocations.filter(({ wish }) => wish === 'present');
    assert.ok(live.length <= 1, 'I1: at most one live allocation');
    assert.ok(status.trail.length <= 60, 'the trail is capped');
    assert.ok(
      status.allocations.length <= 2 + this.#wishes + this.world.azure.created.length,
      'wishes are bounded',
    );
    const names = status.allocations.map(({ pool }) => pool);
    assert.equal(new Set(names).size, names.length, 'a pool name is used once');
  }

  async #execute<Input extends object>(
    steps: (run: Run<Input>) => Steps<string>,
    input: Input,
    { twice = false, diesBefore = Infinity }: Luck,
  ): Promise<Input | undefined | 'died'> {
    let count = 0;
    const answer = async (call: Call): Promise<Awaited<ReturnType<typeof outcomeOf>>> => {
      if (count === diesBefore) throw new Died();
      count += 1;
      const act = this.#acts.get(call.activity);
      assert.ok(act, `activity ${call.activity}`);
      if (twice) await outcomeOf(() => act(call.input));
      const before = this.record();
      const outcome = await outcomeOf(() => act(call.input));
      this.#assertKeepsWhatServes(before);
      this.check();
      return outcome;
    };
    try {
      const story = await drive(steps, input, { answer, now: this.world.time() });
      return story.restartedWith;
    } catch (error) {
      if (error instanceof Died) return 'died';
      throw error;
    }
  }

  /** I3: Azure is asked to delete a pool only when nobody wishes for it. */
  #assertMayGo(pool: PoolView): void {
    if (pool.tags[PoolTag.uid] !== this.uid) assert.fail(`I3: ${pool.name} is not ours`);
    const record = this.record();
    if (record === undefined) return;
    const allocation = this.status()?.allocations.find((one) => one.pool === pool.name);
    assert.notEqual(allocation?.wish, 'present', `I3: ${pool.name} is wished for`);
  }

  /** I3: a write withdraws no wish for nodes that were seen to be well, unless the user changed or deletes the workspace. */
  #assertKeepsWhatServes(before: CustomResource | undefined): void {
    const after = this.record();
    if (before === undefined || after === undefined || after.metadata.deletionTimestamp !== undefined) return;
    const was = readStoredStatus(slipwayOf(before));
    const is = readStoredStatus(slipwayOf(after));
    const live = was === null ? undefined : liveAllocation(was);
    if (was === null || is === null || live === undefined || was.observedIntent !== is.observedIntent) return;
    if (is.allocations.some(({ pool, wish }) => pool === live.pool && wish === 'present')) return;
    assert.notEqual(
      nodesOutlook(live, readObserved(slipwayOf(after)['observed'])).state,
      'ready',
      'I3: nodes that are well were given back',
    );
  }

  /** I2. */
  #assertNothingLeft(): void {
    const pools = [...this.world.azure.pools.keys()];
    assert.deepEqual(pools, [], 'I2: the record went before its pools');
    assert.equal(this.world.workloads.workload, undefined, 'I2: the record went before its workload');
  }

  /** I4. */
  #assertShowsWhatItIsAt(): void {
    const status = this.status();
    if (status === null) return;
    const { phase, failure, waitingFor } = status;
    if (phase === 'Ready') return;
    if (phase === 'Failed') {
      assert.ok(failure?.code && failure.message && failure.remedy, 'I4: failed without reason and remedy');
    } else {
      assert.ok(waitingFor?.what, `I4: ${phase} without saying what it waits for`);
    }
  }
}
