import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { builtAppDirectory } from '../../infra/local/platform/app-build.ts';
import type { Figure } from './figure.ts';
import { percentile } from './figure.ts';

const run = promisify(execFile);
const processes = 9;
const loaded = z.object({
  began: z.number(),
  done: z.number(),
  functions: z.number().positive(),
  rss: z.number(),
  bytesBefore: z.number(),
});
type Loaded = z.output<typeof loaded>;

/** What a cold start costs: medians over fresh processes, with and without V8's code cache on disk. */
export async function measureModuleLoad(): Promise<Figure[]> {
  const cold = await loads({});
  const cache = await mkdtemp(join(tmpdir(), 'slipway-compile-cache-'));
  const warm = await loads({ NODE_COMPILE_CACHE: cache });
  await rm(cache, { recursive: true });
  const median = (all: readonly Loaded[], read: (one: Loaded) => number): number =>
    percentile(all.map(read), 0.5);
  return [
    {
      name: 'module load of the bundle',
      value: median(cold, ({ began, done }) => done - began),
      unit: 'ms',
      aim: { atMost: 150 },
    },
    {
      name: 'process start to all functions registered',
      value: median(cold, ({ done }) => done),
      unit: 'ms',
    },
    {
      name: 'module load with NODE_COMPILE_CACHE',
      value: median(warm.slice(1), ({ began, done }) => done - began),
      unit: 'ms',
    },
    { name: 'RSS after module load', value: median(cold, ({ rss }) => rss) / 2 ** 20, unit: 'MiB' },
    {
      name: 'RSS that the bundle adds',
      value: median(cold, ({ rss, bytesBefore }) => rss - bytesBefore) / 2 ** 20,
      unit: 'MiB',
    },
  ];
}

async function loads(environment: Record<string, string>): Promise<Loaded[]> {
  const results: Loaded[] = [];
  for (let count = 0; count < processes; count += 1) {
    const { stdout } = await run(
      process.execPath,
      [join(import.meta.dirname, 'load-once.ts'), builtAppDirectory],
      { env: { ...process.env, ...environment } },
    );
    results.push(loaded.parse(JSON.parse(stdout)));
  }
  return results;
}
