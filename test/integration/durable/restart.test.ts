import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import './support/functions-core.ts';
import * as df from 'durable-functions';
import { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import { Rig } from './support/rig.ts';

const minute = 60_000;

/** Activities that wait until the test lets them go. */
class Gate {
  entered = 0;
  most = 0;
  #inside = 0;
  #waiting: (() => void)[] = [];

  async pass(): Promise<void> {
    this.entered += 1;
    this.#inside += 1;
    this.most = Math.max(this.most, this.#inside);
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#inside -= 1;
  }

  openAll(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async whenEntered(count: number): Promise<void> {
    while (this.entered < count) await nextTurn();
  }
}

let gate = new Gate();
df.app.activity('gated', {
  handler: async () => {
    await gate.pass();
    return 'passed';
  },
});
df.app.orchestration('gatedOnce', function* (context) {
  const result: unknown = yield context.df.callActivity('gated');
  return result;
});
df.app.orchestration('gatedMany', function* (context) {
  const calls = Array.from({ length: Number(context.df.getInput()) }, () => context.df.callActivity('gated'));
  const results: unknown = yield context.df.Task.all(calls);
  return results;
});
df.app.orchestration('patient', function* (context) {
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 5 * minute));
  const event: unknown = yield context.df.waitForExternalEvent('go');
  return event;
});

describe('a restarted engine', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'slipway-durable-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('goes on where it stopped: timers, events and status are kept', async () => {
    const options = { file: join(folder, 'kept.db'), clock: new SteppedClock() };
    const first = Rig.started(options);
    const id = await first.start('patient', {}, 'kept');
    await first.idle();
    await first.raise(id, 'go', 'early');
    await first.engine.stop();
    options.clock.advanceTo(options.clock.now() + 10 * minute);

    const second = Rig.started(options);
    assert.equal((await second.finish(id)).output, 'early');
    await second.engine.stop();
  });

  it('serves requests before it starts work, and works once started', async () => {
    const rig = new Rig({ file: join(folder, 'early.db') });
    const id = await rig.start('patient');
    assert.equal((await rig.status(id)).runtimeStatus, 'Pending');
    assert.equal(rig.engine.idle(), false);
    rig.engine.start();
    await rig.idle();
    assert.equal((await rig.status(id)).runtimeStatus, 'Running');
    await rig.engine.stop();
  });

  it('runs an activity again that was cut off', async () => {
    gate = new Gate();
    const options = { file: join(folder, 'cut.db'), clock: new SteppedClock() };
    const first = Rig.started(options);
    const id = await first.start('gatedOnce');
    await gate.whenEntered(1);
    await first.engine.stop(0);
    gate.openAll();
    const second = Rig.started(options);
    await gate.whenEntered(2);
    gate.openAll();
    assert.equal((await second.finish(id)).output, 'passed');
    await second.engine.stop();
  });

  it('lets a running activity end within the grace of stop', async () => {
    gate = new Gate();
    const options = { file: join(folder, 'grace.db'), clock: new SteppedClock() };
    const first = Rig.started(options);
    const id = await first.start('gatedOnce');
    await gate.whenEntered(1);
    const stopping = first.engine.stop(10_000);
    gate.openAll();
    await stopping;
    assert.equal((await first.call('GET', 'instances')).status, 503);
    const second = Rig.started(options);
    assert.equal((await second.finish(id)).output, 'passed');
    assert.equal(gate.entered, 1);
    await second.engine.stop();
  });

  it('keeps nobody waiting for a result when it stops', async () => {
    const rig = Rig.started();
    const waiting = rig.call('POST', 'orchestrators/patient?timeout=3600', {});
    await rig.idle();
    await rig.engine.stop();
    assert.equal((await waiting).status, 202);
  });

  it('is refused while another engine holds the file, and admitted afterwards', async () => {
    const file = join(folder, 'locked.db');
    const first = Rig.started({ file });
    assert.throws(() => Rig.started({ file }), {
      name: 'TaskHubInUse',
      message: new RegExp(`locked.db is in use by process ${process.pid}`),
    });
    await first.engine.stop();
    await Rig.started({ file }).engine.stop();
  });
});

describe('a busy engine', () => {
  it('keeps the limit of concurrent activities', async () => {
    gate = new Gate();
    const rig = Rig.started({ maxConcurrentActivities: 3 });
    const id = await rig.start('gatedMany', 8);
    for (let passed = 0; passed < 8;) {
      await gate.whenEntered(Math.min(8, passed + 3));
      passed = gate.entered;
      assert.equal(rig.engine.idle(), false);
      gate.openAll();
    }
    assert.deepEqual((await rig.finish(id)).output, Array(8).fill('passed'));
    assert.equal(gate.most, 3);
    await rig.engine.stop();
  });

  it('forgets the result of an activity whose instance was terminated meanwhile', async () => {
    gate = new Gate();
    const rig = Rig.started();
    const id = await rig.start('gatedOnce');
    await gate.whenEntered(1);
    await rig.call('POST', `instances/${id}/terminate?reason=enough`);
    gate.openAll();
    await rig.idle();
    assert.equal((await rig.status(id)).runtimeStatus, 'Terminated');
    await rig.start('gatedOnce', {}, id);
    await gate.whenEntered(2);
    gate.openAll();
    assert.equal((await rig.finish(id)).output, 'passed');
    await rig.engine.stop();
  });

  it('is idle only when everything left waits for the clock or for an event', async () => {
    gate = new Gate();
    const rig = Rig.started();
    assert.equal(rig.engine.idle(), true);
    await rig.start('patient', {}, 'p');
    assert.equal(rig.engine.idle(), false);
    await rig.idle();
    assert.equal(rig.clock.nextDue(), rig.clock.now() + 5 * minute);
    rig.clock.step();
    assert.equal(rig.engine.idle(), false);
    await rig.idle();
    await rig.raise('p', 'go', 1);
    assert.equal(rig.engine.idle(), false);
    assert.equal((await rig.finish('p')).output, 1);
    await rig.engine.stop();
  });
});
