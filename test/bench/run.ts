/**
 * `npm run bench`: the figures of docs/benchmarks.md, as one table and as `.slipway/bench.json`. Asserts nothing.
 *
 *   node test/bench/run.ts [core] [load] [latency] [plan] [at-once] [storm] [shared-pools] [engine]      (default: all)
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { repository } from '../../infra/build.ts';
import { ensureBuilt } from '../../infra/local/platform/app-build.ts';
import { measureAtOnce } from './at-once.ts';
import { coreFigures } from './core.ts';
import { measureEngine } from './engine.ts';
import { printTable } from './figure.ts';
import { measureSharedPools } from './shared-pools.ts';
import { measureStorm } from './storm.ts';
import type { Figure } from './figure.ts';
import { measureModuleLoad } from './module-load.ts';
import { measureOneAtATime } from './one-at-a-time.ts';
import { measurePlanPreviews } from './plan-previews.ts';

const parts: Record<string, () => Promise<Figure[]>> = {
  core: coreFigures,
  load: measureModuleLoad,
  latency: measureOneAtATime,
  plan: measurePlanPreviews,
  'at-once': measureAtOnce,
  storm: measureStorm,
  'shared-pools': measureSharedPools,
  engine: measureEngine,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => parts[name] === undefined);
if (unknown.length > 0) throw new Error(`no such part: ${unknown.join(', ')}`);
await ensureBuilt((line) => console.log(line));
const figures: Figure[] = [];
for (const [name, measure] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`measuring: ${name}`);
  figures.push(...(await measure()));
}
printTable(figures);
const folder = join(repository, '.slipway');
await mkdir(folder, { recursive: true });
const machine = { node: process.version, cores: availableParallelism(), load: loadavg() };
await writeFile(
  join(folder, 'bench.json'),
  `${JSON.stringify({ at: new Date().toISOString(), machine, figures }, null, 2)}\n`,
);
process.exit(0);
