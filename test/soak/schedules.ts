/**
 * Ten thousand random schedules through the whole app in one process (test/schedules). Part of `npm run soak`; alone:
 *
 *   node test/soak/schedules.ts [COUNT]        SEED=n replays
 */
import { execFile } from 'node:child_process';
import { seed } from '../property/core/seed.ts';
import { checkSchedules } from '../schedules/check-schedules.ts';
import { anySchedule } from '../schedules/deeds.ts';
import { runSchedule } from '../schedules/run-schedule.ts';

/** Schedules with one seed: a failure is found again by running so many at most. */
const batchSize = 500;
/** What a failing run prints is its trace. */
const largestOutput = 16 * 2 ** 20;

async function runAll(count: number): Promise<void> {
  const first = seed('schedules');
  for (let done = 0; done < count; done += batchSize) {
    await checkSchedules(anySchedule, {
      runs: Math.min(batchSize, count - done),
      seed: first + done / batchSize,
      run: async (schedule) => {
        await runSchedule(schedule);
      },
    });
  }
}

/** Runs them in a process of its own. `done` is its last word, or rejects with its complaint. */
export function startSchedules(count: number): { done: Promise<string>; stop: () => void } {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile(
    process.execPath,
    [import.meta.filename, String(count)],
    { maxBuffer: largestOutput },
    (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else reject(new Error(`a schedule failed\n${stdout}${stderr}`));
    },
  );
  // Whoever waits is told; a failure before that is no unhandled one.
  promise.catch(() => undefined);
  return { done: promise, stop: () => child.kill() };
}

if (import.meta.main) {
  const count = Number(process.argv[2] ?? 10_000);
  await runAll(count);
  console.log(`${count} schedules kept the invariants`);
}
