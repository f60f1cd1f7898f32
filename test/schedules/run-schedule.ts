import assert from 'node:assert/strict';
import { workspaceInstanceId } from '../../shared/lifecycle/workspace-key.ts';
import { Phase } from '../../shared/lifecycle/phase.ts';
import { readStoredStatus } from '../../shared/lifecycle/read-status.ts';
import type { StoredSlipwayStatus } from '../../shared/lifecycle/slipway-status.ts';
import { liveAllocation } from '../../shared/lifecycle/slipway-status.ts';
import { slipwayOf } from '../../shared/reconcile/observe-cluster.ts';
import type { Schedule } from './deeds.ts';
import { timeToLiveMinutes } from './deeds.ts';
import { Performer } from './perform.ts';
import { InvariantWatch } from './world/invariants.ts';
import type { Mutant } from './world/world.ts';
import { World } from './world/world.ts';

/** Virtual seconds after which a world in which all is well must have come to rest: beyond every deadline of a life. */
const restWithin = 4 * 3600;
/** How long nothing may change for a world to be at rest: whoever rests looks again within a quarter of an hour. */
const restFor = 1000;

/** How each workspace ended, by name. */
export type Ending = Record<string, string>;

/** A world that broke a rule, with what happened in it. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** Runs a schedule to its end, with the invariants held all along. Throws {@link Broken} with the trace. */
export async function runSchedule({ chance, lock, steps }: Schedule, mutant?: Mutant): Promise<Ending> {
  const world = new World({ chance, operationLock: lock, ...(mutant === undefined ? {} : { mutant }) });
  try {
    const watch = new InvariantWatch(world);
    const performer = new Performer(world);
    await world.pass(5);
    for (const { deed, then } of steps) {
      await performer.perform(deed);
      await world.pass(then);
    }
    return await new Epilogue(world, watch, performer).run();
  } catch (error) {
    throw new Broken(`${error instanceof Error ? error.message : String(error)}\n${world.trace.join('\n')}`, {
      cause: error,
    });
  } finally {
    world.stop();
  }
}

/** All is well again: what was wished must come, what failed must come when asked for once more, what is deleted must go. */
class Epilogue {
  readonly #world: World;
  readonly #watch: InvariantWatch;
  readonly #performer: Performer;

  constructor(world: World, watch: InvariantWatch, performer: Performer) {
    this.#world = world;
    this.#watch = watch;
    this.#performer = performer;
  }

  async run(): Promise<Ending> {
    await this.#heal();
    const mortal = [...this.#performer.wishes.values()].some(
      (terms) => terms !== undefined && terms.expires !== 'never',
    );
    if (mortal) await this.#world.pass(timeToLiveMinutes * 60);
    await this.#rest('everything settles');
    this.#watch.assertSettled();
    this.#assertAsWished();
    const ending = this.#ending();
    await this.#retryWhatFailed();
    await this.#deleteAll();
    return ending;
  }

  async #heal(): Promise<void> {
    const { azure, clusters } = this.#world;
    this.#world.note('** all is well');
    this.#world.calmDown();
    azure.context.state.faults.clear();
    for (const cluster of clusters) {
      cluster.unreachableUntil = 0;
      cluster.answersToLose = 0;
      cluster.objects.ailing.clear();
      cluster.objects.evicted.clear();
      cluster.objects.calm();
      // A cluster that is still stopping cannot be started yet.
      await this.#world.pass(60);
      await azure.portal('POST', cluster.name, '/start');
    }
  }

  /** Until everybody is at an end and stays there. */
  async #rest(what: string): Promise<void> {
    const { base } = this.#world.clusters[0] ?? assert.fail('no cluster');
    let [seen, version, since] = ['', -1, { seconds: 0, version: 0 }];
    const rested = await this.#world.until(() => {
      if (base.records.version !== version) {
        version = base.records.version;
        const now = this.#allAtAnEnd() ? JSON.stringify(this.#ending()) : '';
        if (now === '' || now !== seen) since = { seconds: this.#world.seconds, version };
        seen = now;
      }
      return seen !== '' && this.#world.seconds - since.seconds >= restFor;
    }, restWithin);
    assert.ok(rested, `I4: not at rest (${what}): ${JSON.stringify(this.#ending())}`);
    // Each renews the promise of its next turn now and then, and what is observed may settle once more.
    const writes = version - since.version;
    assert.ok(writes <= 6 * this.#states().length, `turns and ticks without change wrote ${writes} times`);
  }

  #allAtAnEnd(): boolean {
    return this.#states().every(({ status, deleting }) => !deleting && isEnd(status?.phase));
  }

  #states(): { name: string; status: StoredSlipwayStatus | null; deleting: boolean }[] {
    return this.#world.clusters.flatMap(({ base }) =>
      base.records.all().map((record) => ({
        name: record.metadata.name,
        status: readStoredStatus(slipwayOf(record)),
        deleting: record.metadata.deletionTimestamp !== undefined,
      })),
    );
  }

  #ending(): Ending {
    return Object.fromEntries(
      this.#states().map(({ name, status }) => {
        // A suspended workspace keeps a pool without nodes, or none if it was not whole yet: a matter of when it was suspended.
        if (status?.phase === Phase.Suspended) return [name, status.phase];
        const live = status === null ? undefined : liveAllocation(status);
        const holds = live === undefined ? 'nothing' : `${live.count} x ${live.instanceType}`;
        return [name, [status?.phase, holds, status?.failure?.code].join(' ').trim()];
      }),
    );
  }

  #assertAsWished(): void {
    const there = new Set(this.#states().map(({ name }) => name));
    for (const [name, terms] of this.#performer.wishes) {
      if (terms === undefined) assert.ok(!there.has(name), `I2: ${name} is still there`);
      else if (terms.expires === 'never') assert.ok(there.has(name), `I4: ${name} is not there any more`);
    }
  }

  async #retryWhatFailed(): Promise<void> {
    const failed = this.#states().filter(({ status }) => status?.phase === Phase.Failed);
    if (failed.length === 0) return;
    await this.#forgetRefusals();
    for (const { name } of failed) this.#performer.annotate(name, { 'slipway.dev/retry': 'once more' });
    await this.#rest('what failed is tried again');
    for (const { name, status } of this.#states())
      assert.notEqual(
        status?.phase,
        Phase.Failed,
        `${name} does not come although all is well: ${status?.failure?.message ?? ''}`,
      );
  }

  /** Instead of the day that a size counts as not offered. */
  async #forgetRefusals(): Promise<void> {
    const now = new Date(this.#world.clock.now()).toISOString();
    for (const { base } of this.#world.clusters)
      await base.refusals.forget(await base.refusals.list(now), now);
  }

  async #deleteAll(): Promise<void> {
    const uids = this.#world.clusters.flatMap(({ name: cluster, base }) =>
      base.records
        .all()
        .map(({ metadata: { namespace, name, uid } }) =>
          workspaceInstanceId({ cluster, namespace, name }, uid),
        ),
    );
    for (const { name } of this.#states()) await this.#performer.delete(name);
    const gone = await this.#world.until(() => this.#states().length === 0, restWithin);
    assert.ok(gone, 'I2: a delete does not end');
    await this.#world.pass(5);
    this.#watch.assertSettled();
    for (const id of uids)
      assert.ok(!this.#world.durable.isRunning(id), `I2: the orchestration ${id} goes on`);
  }
}

function isEnd(phase: string | undefined): boolean {
  return (
    phase === Phase.Ready || phase === Phase.Failed || phase === Phase.Succeeded || phase === Phase.Suspended
  );
}
