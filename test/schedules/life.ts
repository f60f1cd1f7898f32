import assert from 'node:assert/strict';
import type { FaultRulesInput } from '../../infra/local/azure/fault-rules.ts';
import { Phase } from '../../shared/lifecycle/phase.ts';
import { readStoredStatus } from '../../shared/lifecycle/read-status.ts';
import type { StoredSlipwayStatus } from '../../shared/lifecycle/slipway-status.ts';
import { slipwayOf } from '../../shared/reconcile/observe-cluster.ts';
import type { Terms } from './deeds.ts';
import { Performer } from './perform.ts';
import { InvariantWatch } from './world/invariants.ts';
import type { WorldOptions } from './world/world.ts';
import { World } from './world/world.ts';

const name = 'ada';
const plain: Terms = { size: 0, fallback: false, spot: false, suspended: 'no', expires: 'never' };

/** One workspace in a calm world, with the invariants held all along. */
export class Life {
  readonly world: World;
  readonly #watch: InvariantWatch;
  readonly #performer: Performer;

  private constructor(world: World) {
    this.world = world;
    this.#watch = new InvariantWatch(world);
    this.#performer = new Performer(world);
  }

  static async begin(options: WorldOptions = {}): Promise<Life> {
    const life = new Life(new World(options));
    await life.pass(5);
    return life;
  }

  faults(rules: FaultRulesInput): void {
    this.world.azure.context.state.faults.set(rules);
  }

  /** The API server does not answer for so long. */
  silence(seconds: number): void {
    for (const cluster of this.world.clusters)
      cluster.unreachableUntil = this.world.clock.now() + seconds * 1000;
  }

  pass(seconds: number): Promise<void> {
    return this.world.pass(seconds);
  }

  apply(terms: Partial<Terms> = {}): Promise<void> {
    return this.#performer.apply(name, { ...plain, ...terms });
  }

  async untilReady(seconds: number): Promise<void> {
    if (this.#find() === undefined) await this.apply();
    await this.until(Phase.Ready, seconds);
  }

  async suspendWithin(seconds: number): Promise<void> {
    this.#performer.annotate(name, { 'slipway.dev/suspended': 'true' });
    await this.pass(seconds);
  }

  async deleteWithin(seconds: number): Promise<void> {
    await this.#performer.delete(name);
    await this.pass(seconds);
  }

  async until(phase: Phase, seconds: number): Promise<void> {
    const came = await this.world.until(() => this.#find()?.phase === phase, seconds);
    assert.ok(
      came,
      `not ${phase} within ${seconds} s but ${JSON.stringify(this.#find()?.waitingFor ?? this.#find()?.failure)}`,
    );
  }

  /** What the record says; it must be there. */
  status(): StoredSlipwayStatus {
    return this.#find() ?? assert.fail('there is no record, or nobody has looked at it');
  }

  /** All is well: what is wished comes (after one retry where it failed), and goes without a trace. */
  async comesRight(seconds: number): Promise<void> {
    const deleting = this.#performer.record(name)?.metadata.deletionTimestamp !== undefined;
    if (this.#performer.record(name) !== undefined && !deleting) {
      await this.world.until(() => this.#isAtAnEnd(), seconds);
      this.#performer.annotate(name, { 'slipway.dev/suspended': 'false', 'slipway.dev/retry': 'once more' });
      await this.until(Phase.Ready, seconds);
      await this.#performer.delete(name);
    }
    const gone = await this.world.until(() => this.#performer.record(name) === undefined, seconds);
    assert.ok(gone, 'I2: the delete does not end');
    await this.pass(5);
    this.#watch.assertSettled();
  }

  trace(): string {
    return this.world.trace.join('\n');
  }

  end(): void {
    this.world.stop();
  }

  #isAtAnEnd(): boolean {
    const phase = this.#find()?.phase;
    return phase === Phase.Ready || phase === Phase.Failed || phase === Phase.Suspended;
  }

  #find(): StoredSlipwayStatus | undefined {
    const record = this.#performer.record(name);
    return record === undefined ? undefined : (readStoredStatus(slipwayOf(record)) ?? undefined);
  }
}
