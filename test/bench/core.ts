/**
 * What the pure core costs: requests per second of one core, its module load time, and the slowest of many broken inputs.
 *
 *   node test/bench/core.ts
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { buildApp, repository } from '../../infra/build.ts';
import { renderWorkload } from '../../shared/manifests/workload.ts';
import { planWorkspace } from '../../shared/planning/plan.ts';
import { parseDocument } from '../../shared/workspace/parse.ts';
import { validateCreate } from '../../shared/workspace/validate.ts';
import { bodies } from '../property/core/broken-documents.ts';
import { hostileBodies } from '../property/core/hostile-bodies.ts';
import { Slowest } from '../property/core/slowest.ts';
import { percentile, printTable, type Figure } from './figure.ts';

const run = promisify(execFile);
const examplesFolder = join(repository, 'examples');
const warmUpRounds = 100;
const rounds = 500;
const loads = 9;
const brokenBodies = 5000;
/** Fixed, so that two runs compare the same inputs. */
const brokenSeed = 20_260_301;

/** Figures of the pure core; prints the slowest input. CPU time, not wall time: other work on the machine does not count. */
export async function coreFigures(): Promise<Figure[]> {
  const slowest = slowestBody();
  const made = Object.keys(hostileBodies).length;
  console.log(
    `slowest of ${brokenBodies} broken inputs (seed ${brokenSeed}) and ${made} made to be slow, ${slowest.describe()}`,
  );
  return [
    {
      name: 'parse + validate + plan + render, examples',
      value: await examplesPerSecond(),
      unit: '/s of one core',
      aim: { atLeast: 2000 },
    },
    { name: 'module load of the pure core', value: await loadMilliseconds(), unit: 'ms' },
    { name: 'slowest broken input', value: slowest.found.milliseconds, unit: 'ms' },
  ];
}

async function examplesPerSecond(): Promise<number> {
  const files = (await readdir(examplesFolder)).filter((file) => file.endsWith('.yaml'));
  const texts = await Promise.all(files.map((file) => readFile(join(examplesFolder, file), 'utf8')));
  const round = (): void => {
    for (const text of texts) {
      if (!renders(text)) throw new Error(`an example is not rendered: ${text}`);
    }
  };
  for (let count = 0; count < warmUpRounds; count += 1) round();
  const before = process.cpuUsage();
  for (let count = 0; count < rounds; count += 1) round();
  const { user, system } = process.cpuUsage(before);
  return (rounds * texts.length) / ((user + system) / 1e6);
}

function renders(text: string): boolean {
  const parsed = parseDocument(text, 'application/yaml');
  const valid = parsed.ok ? validateCreate(parsed.value) : parsed;
  if (!valid.ok) return false;
  const planned = planWorkspace(valid.value);
  if (!planned.ok) return false;
  const options = { ownerUid: 'u', localNvmeStorageClass: false };
  return renderWorkload(valid.value, planned.plan, options).length > 0;
}

/** Median over fresh processes, of the core bundled as the app is. */
async function loadMilliseconds(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-core-'));
  const entryPoint = join(folder, 'core.ts');
  const entries = ['workspace/parse', 'workspace/validate', 'planning/plan', 'manifests/workload'];
  const paths = entries.map((entry) => JSON.stringify(join(repository, `shared/${entry}.ts`)));
  await writeFile(entryPoint, paths.map((path) => `export * from ${path};`).join('\n'));
  const { entry } = await buildApp({ outDirectory: join(folder, 'built'), entryPoint });
  const url = JSON.stringify(pathToFileURL(entry).href);
  const script = `const began = performance.now(); await import(${url}); console.log(performance.now() - began);`;
  const times: number[] = [];
  for (let count = 0; count < loads; count += 1) {
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script]);
    times.push(Number(stdout));
  }
  await rm(folder, { recursive: true });
  return percentile(times, 0.5);
}

/** Of random broken bodies, and of those made to be slow. */
function slowestBody(): Slowest {
  const slowest = new Slowest();
  const random = fc.sample(bodies, { seed: brokenSeed, numRuns: brokenBodies });
  for (const text of [...random, ...Object.values(hostileBodies)]) slowest.try(text);
  return slowest;
}

if (import.meta.main) printTable(await coreFigures());
