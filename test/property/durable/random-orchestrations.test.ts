import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import { Rig } from '../../integration/durable/support/rig.ts';
import { firstInput, setWorld } from './support/interpreter.ts';
import { anyProgram, expectedOutput, signalsSent, type Program } from './support/program.ts';

/** Replay a failure with SLIPWAY_SEED=<seed>; SLIPWAY_RUNS asks for more. */
const seed = Number(process.env['SLIPWAY_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const runs = Number(process.env['SLIPWAY_RUNS'] ?? 40);

/** The present engine of one file; a killed one is replaced by the next. */
class KillableHub {
  rig: Rig;
  readonly #file: string;
  readonly #clock = new SteppedClock();

  constructor(file: string) {
    this.#file = file;
    this.rig = Rig.started({ file, clock: this.#clock });
    setWorld({ now: () => this.#clock.now(), raise: (id, event, data) => this.rig.raise(id, event, data) });
  }

  /** Cuts off whatever runs, as a dead process would, and starts over on the same file. */
  async kill(): Promise<void> {
    await this.rig.engine.stop(0);
    this.rig = Rig.started({ file: this.#file, clock: this.#clock });
  }

  /** Lets the engine work for `turns` turns of the event loop, stepping the clock whenever it is idle. */
  async work(turns: number): Promise<void> {
    for (let turn = 0; turn < turns; turn += 1) {
      if (this.rig.engine.idle()) this.#clock.step();
      await nextTurn();
    }
  }
}

async function runPrograms(programs: readonly Program[], killAfter: readonly number[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-durable-'));
  const hub = new KillableHub(join(folder, 'hub.db'));
  try {
    const ids = await Promise.all(programs.map((program) => hub.rig.start('interpret', firstInput(program))));
    for (const turns of killAfter) {
      await hub.work(turns);
      await hub.kill();
    }
    for (const [index, id] of ids.entries()) {
      const status = await hub.rig.finish(id);
      assert.equal(status.runtimeStatus, 'Completed', `${String(status.output)}\n${hub.rig.log.join('\n')}`);
      assert.deepEqual(status.output, expectedOutput(programs[index]!));
    }
    await hub.rig.idle();
    const counted = await hub.rig.call('GET', 'entities/wallet/shared');
    const sent = programs.reduce((total, program) => total + signalsSent(program), 0);
    // Never told anything, the entity may have no state.
    assert.equal(counted.status === 404 ? 0 : Number(JSON.parse(counted.body) ?? 0), sent);
  } finally {
    await hub.rig.engine.stop(0);
    await rm(folder, { recursive: true });
  }
}

describe(`random orchestrations (SLIPWAY_SEED=${seed})`, () => {
  it('that keep the rules complete with the right answer and each signal once, in step with the SDK, however often the engine dies', async () => {
    const property = fc.asyncProperty(
      fc.array(anyProgram, { minLength: 1, maxLength: 4 }),
      fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 8 }),
      runPrograms,
    );
    await fc.assert(property, { seed, numRuns: runs });
  });
});
