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

/** Exit code of a process that Ctrl-C ended. */
const interruptedCode = 130;

async function main(): Promise<number> {
  const started = performance.now();
  const screen = createScreen(process.stdout);
  const stateDirectory = mkdtempSync(join(tmpdir(), 'slipway-demo-'));
  let platform: Platform | undefined;
  let failure: unknown;
  try {
    const appDirectory = await ensureBuilt((line) => screen.print(line));
    screen.print(
      `Starting the embedded platform at speed ${options.speed}, logs in ${join(stateDirectory, 'logs')}.`,
    );
    platform = await startPlatform({ stateDirectory, appDirectory, speed: options.speed });
    await runScenario(platform, screen);
  } catch (error) {
    failure = error;
  }
  await platform?.stop();
  if (failure !== undefined) {
    screen.settle();
    console.error(`\nThe demo failed: ${failure instanceof Error ? failure.message : 'unknown'}`);
    console.error(
      `Look into ${join(stateDirectory, 'logs')} (functions.log first), or run it slower: npm run demo -- --speed 20`,
    );
    return 1;
  }
  if (options.keep !== true) rmSync(stateDirectory, { recursive: true, force: true });
  screen.print(`Done in ${((performance.now() - started) / 1000).toFixed(1)} s.`);
  return 0;
}

const interrupted = untilSignal().then(() => interruptedCode);
// Exiting closes the channel to the platform's processes, and they end by themselves.
process.exit(await Promise.race([main(), interrupted]));
