/** `npm run demo`: the whole story on this machine, from two requests to an answering model to nothing left. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { ensureBuilt } from './app-build.ts';
import { runScenario } from './demo/scenario.ts';
import { createScreen } from './demo/screen.ts';
import { parseSpeed } from './option-parsers.ts';
import type { Platform } from './platform.ts';
import { startPlatform } from './supervisor.ts';
import { untilSignal } from './until-signal.ts';

const command = new Command('npm run demo --')
  .description(
    'Posts two workspaces to an embedded platform of their own, waits, asks a model, deletes both.',
  )
  .option(
    '--speed <number>',
    'how many virtual seconds pass in a real one; at 60 a GPU pool comes in 4 s instead of 4 min',
    parseSpeed,
    60,
  )
  .option('--keep', 'keep the state folder also when all went well')
  .parse();
const options = command.opts<{ speed: number; keep?: true }>();

/** Exit codes: of a failure, and of a process that Ctrl-C ended. */
const failed = 1;
const interrupted = 130;

class Interrupted extends Error {}

/** Resolves with the exit code. */
async function main(): Promise<number> {
  const started = performance.now();
  const screen = createScreen(process.stdout);
  const stateDirectory = mkdtempSync(join(tmpdir(), 'slipway-demo-'));
  const logs = join(stateDirectory, 'logs');
  const signal = untilSignal().then(() => Promise.reject(new Interrupted()));
  // Ctrl-C may come before anybody waits for it.
  signal.catch(() => undefined);
  let platform: Platform | undefined;
  try {
    const appDirectory = await ensureBuilt((line) => screen.print(line));
    screen.print(`Starting the embedded platform at speed ${options.speed}, logs in ${logs}.`);
    platform = await startPlatform({ stateDirectory, appDirectory, speed: options.speed });
    await Promise.race([runScenario(platform, screen), signal]);
  } catch (error) {
    screen.settle();
    await platform?.stop();
    if (error instanceof Interrupted) {
      rmSync(stateDirectory, { recursive: true, force: true });
      return interrupted;
    }
    console.error(`\nThe demo failed: ${error instanceof Error ? error.message : 'unknown'}`);
    console.error(
      `Look into ${logs} (functions.log first), or give it more time: npm run demo -- --speed 20`,
    );
    return failed;
  }
  await platform.stop();
  if (options.keep === true) screen.print(`The state is kept in ${stateDirectory}.`);
  else rmSync(stateDirectory, { recursive: true, force: true });
  screen.print(`Done in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
  return 0;
}

process.exit(await main());
