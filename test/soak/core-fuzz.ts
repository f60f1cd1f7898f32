/**
 * A million random bodies through the pure core: each is parsed, checked, planned and rendered, or refused with reasons, and nothing
 * throws. Part of `npm run soak`; alone:
 *
 *   node test/soak/core-fuzz.ts [CASES]        SEED=n replays
 */
import { execFile } from 'node:child_process';
import fc from 'fast-check';
import { bodies } from '../property/core/broken-documents.ts';
import { hostile } from '../property/core/hostile-bodies.ts';
import { noCounts, passThrough, type Counts } from '../property/core/pass-through.ts';
import { seed } from '../property/core/seed.ts';
import { cpuMilliseconds, Slowest } from '../property/core/slowest.ts';

/** Cases with one seed: what has been generated is dropped between batches, so that memory stays flat. */
const batchSize = 20_000;
/** What a failing run prints is its counterexample. */
const largestOutput = 16 * 2 ** 20;

/** One in so many is made to be slow: near the size limit, and up to a second of work. */
const hostileOneIn = 2500;
const anyBody = fc.oneof({ weight: hostileOneIn - 1, arbitrary: bodies }, { weight: 1, arbitrary: hostile });

function fuzz(cases: number): { counts: Counts; slowest: Slowest } {
  const counts = noCounts();
  const slowest = new Slowest();
  const first = seed('core fuzz');
  for (let done = 0; done < cases; done += batchSize) {
    fc.assert(
      fc.property(anyBody, (text) => {
        const began = cpuMilliseconds();
        counts[passThrough(text)] += 1;
        slowest.note(text, cpuMilliseconds() - began);
      }),
      { seed: first + done / batchSize, numRuns: Math.min(batchSize, cases - done) },
    );
  }
  return { counts, slowest };
}

/** Runs it in a process of its own, which the platform's soak leaves a core for. `done` is its last word, or rejects with its complaint. */
export function startCoreFuzz(cases: number): { done: Promise<string>; stop: () => void } {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile(
    process.execPath,
    [import.meta.filename, String(cases)],
    { maxBuffer: largestOutput },
    (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else reject(new Error(`the core fuzz failed\n${stdout}${stderr}`));
    },
  );
  // Whoever waits is told; a failure before that is no unhandled one.
  promise.catch(() => undefined);
  return { done: promise, stop: () => child.kill() };
}

if (import.meta.main) {
  const cases = Number(process.argv[2] ?? 1_000_000);
  const began = performance.now();
  const { counts, slowest } = fuzz(cases);
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(`${cases} bodies in ${seconds} s: ${JSON.stringify(counts)}\nslowest, ${slowest.describe()}`);
}
