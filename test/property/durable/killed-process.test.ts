import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import * as z from 'zod';
import { Rig } from '../../integration/durable/support/rig.ts';
import { firstInput } from './support/interpreter.ts';
import { anyProgram, expectedOutput } from './support/program.ts';

/** Replay with SLIPWAY_SEED=<seed>: the same programs and the same moments, as far as real time allows. */
const seed = Number(process.env['SLIPWAY_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const hubProcess = new URL('./support/hub-process.ts', import.meta.url);
const report = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('working') }),
  z.object({
    kind: z.literal('ended'),
    endings: z.array(z.object({ runtimeStatus: z.string(), output: z.unknown() })),
  }),
]);

/** The child's next message; a child that exits instead has failed. */
async function nextReport(child: ChildProcess): Promise<z.infer<typeof report>> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const died = (code: number | null): void => reject(new Error(`hub process exited with ${code}`));
  child.once('message', resolve).once('exit', died);
  const message = await promise;
  child.off('exit', died);
  return report.parse(message);
}

describe(`a hub process killed with SIGKILL (SLIPWAY_SEED=${seed})`, () => {
  it('leaves a file with which the next one completes everything right', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-durable-'));
    const programs = fc.sample(anyProgram, { seed, numRuns: 40 });
    const gaps = fc.sample(fc.integer({ min: 0, max: 120 }), { seed, numRuns: 6 });
    const file = join(folder, 'hub.db');
    const assignment = join(folder, 'assignment.json');
    // A day passes in about 9 milliseconds, so that timers of weeks are seen through.
    const clock = { realStart: Date.now(), virtualStart: Date.UTC(2026, 0, 1), speed: 10_000_000 };
    await writeFile(assignment, JSON.stringify({ file, clock, inputs: programs.map(firstInput) }));
    try {
      for (const gap of gaps) {
        const child = fork(hubProcess, [assignment]);
        const first = await nextReport(child);
        assert.equal(first.kind, 'working');
        assert.throws(() => new Rig({ file }), {
          name: 'TaskHubInUse',
          message: new RegExp(`process ${child.pid}\\b`),
        });
        await delay(gap);
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      }
      const last = fork(hubProcess, [assignment]);
      assert.equal((await nextReport(last)).kind, 'working');
      const ended = await nextReport(last);
      assert.ok(ended.kind === 'ended');
      for (const [index, { runtimeStatus, output }] of ended.endings.entries()) {
        assert.equal(runtimeStatus, 'Completed', String(output));
        assert.deepEqual(output, expectedOutput(programs[index]!));
      }
      last.send('leave');
      await once(last, 'exit');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
