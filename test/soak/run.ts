/**
 * `npm run soak`: hours of random requests, kills and faults, with the invariants of docs/architecture.md checked all along.
 * Trouble comes in bouts; after each the world must settle. Exit code 1, the seed and the kept state folder on a violation.
 *
 * Beside it, a million random bodies go through the pure core (core-fuzz.ts) and ten thousand random schedules through the whole app in
 * one process (schedules.ts); afterwards twenty rounds of random faults through the platform in one process.
 *
 *   node test/soak/run.ts [--minutes 10] [--fuzz-cases 1000000] [--schedules 10000]        SLIPWAY_SEED=n replays the choices of an earlier run
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import { ensureBuilt } from '../../infra/local/platform/app-build.ts';
import { listWorkspaces } from '../faults/kill/support/requests.ts';
import { SeededRandom } from '../faults/kill/support/seeded-random.ts';
import { azureState } from '../faults/kill/support/simulated-azure.ts';
import { startSlipway } from '../faults/kill/support/slipway.ts';
import type { Slipway } from '../faults/kill/support/slipway.ts';
import { until } from '../faults/kill/support/until.ts';
import { startCoreFuzz } from './core-fuzz.ts';
import { runPlatformSchedules } from './platform-schedules.ts';
import { startSchedules } from './schedules.ts';
import { setFaults } from './faults.ts';
import { Violation, checkAlways, checkReleases, findUnsettled, learnOwners } from './invariants.ts';
import { World } from './world.ts';

/** Real seconds. A settled world may have waited for every deadline of a workspace's life, which at speed 60 takes two minutes. */
const settleWithinSeconds = 240;
const boutSeconds = { least: 15, most: 60 };

function parseMinutes(text: string): number {
  const minutes = Number(text);
  if (minutes > 0) return minutes;
  throw new InvalidArgumentError('Expected a number of minutes above 0.');
}

function parseCases(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
}

const command = new Command('npm run soak --')
  .option('--minutes <number>', 'how long, in real time', parseMinutes, 10)
  .option('--fuzz-cases <number>', 'random bodies through the pure core, beside it', parseCases, 1_000_000)
  .option('--schedules <number>', 'random schedules in one process, beside it', parseCases, 10_000)
  .parse();
const { minutes, fuzzCases, schedules } = command.opts<{
  minutes: number;
  fuzzCases: number;
  schedules: number;
}>();

/** Looks at everything now. Throws `Violation`, and other errors when a process does not answer. */
async function look(slipway: Slipway, owners: Map<string, string>): Promise<void> {
  const before = await azureState(slipway.platform.endpoints);
  learnOwners(before, owners);
  const workspaces = await listWorkspaces(slipway);
  checkAlways(workspaces, before);
  checkReleases(workspaces, before, owners);
}

/** Looks twice a second; what it cannot see because a process is down, the strict look after each bout will. */
async function watch(slipway: Slipway, owners: Map<string, string>, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    try {
      await look(slipway, owners);
    } catch (error) {
      if (error instanceof Violation) throw error;
    }
    await pause(500);
  }
}

async function bout(slipway: Slipway, world: World, random: SeededRandom): Promise<void> {
  const end = performance.now() + random.between(boutSeconds.least, boutSeconds.most) * 1000;
  while (performance.now() < end) await world.step();
  await setFaults(slipway.platform.endpoints);
}

async function settled(slipway: Slipway, world: World): Promise<void> {
  const wanted = new Set(world.wanted.keys());
  await until('the world settles (I2, I4, I6)', () => findUnsettled(slipway, wanted), settleWithinSeconds);
}

async function soak(slipway: Slipway, random: SeededRandom): Promise<World> {
  const world = new World(slipway, random);
  const owners = new Map<string, string>();
  const stop = new AbortController();
  const watching = watch(slipway, owners, stop.signal);
  const working = (async () => {
    const end = performance.now() + minutes * 60_000;
    for (let count = 1; performance.now() < end; count += 1) {
      await bout(slipway, world, random);
      await settled(slipway, world);
      await look(slipway, owners);
      console.log(`bout ${count} settled: ${world.wanted.size} workspaces`);
    }
    await world.deleteEverything();
    await settled(slipway, world);
  })();
  try {
    // The watch ends before the work only by a violation.
    await Promise.race([working, watching.then(() => working)]);
  } finally {
    stop.abort();
  }
  return world;
}

await ensureBuilt((line) => console.log(line));
const random = SeededRandom.announced(`soak, ${minutes} minutes`);
const slipway = await startSlipway();
const fuzzing = startCoreFuzz(fuzzCases);
const scheduling = startSchedules(schedules);
try {
  const { deeds } = await soak(slipway, random);
  await slipway.end();
  console.log(await fuzzing.done);
  console.log(await scheduling.done);
  await runPlatformSchedules(20);
  console.table(deeds);
  console.log('All invariants held.');
  process.exit(0);
} catch (error) {
  fuzzing.stop();
  scheduling.stop();
  await slipway.end(true);
  console.error(error instanceof Error ? error.message : error);
  console.error(`SLIPWAY_SEED=${random.seed}; state and logs are kept in ${slipway.folder}`);
  process.exit(1);
}
