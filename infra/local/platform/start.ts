/** `npm start`: the embedded platform with the function app, until Ctrl-C. */
import { Command } from 'commander';
import { ensureBuilt } from './app-build.ts';
import { lastFunctionsPort } from './ports.ts';
import { parseOperationLock, parsePort, parseSpeed } from './option-parsers.ts';
import type { ProcessName } from './process-name.ts';
import { endpointLines, readyCommands } from './ready-commands.ts';
import { startPlatform } from './supervisor.ts';
import { untilSignal } from './until-signal.ts';

interface Options {
  speed: number;
  state: string;
  port?: number;
  fresh?: true;
  faults?: string;
  operationLock?: 'pool' | 'cluster';
  quiet?: true;
}

/** The port that `func start` uses. */
const usualPort = 7071;

const command = new Command('npm start --')
  .description(
    'Runs Slipway on this machine: the function app, a Service Bus broker, and a simulated Azure with an AKS cluster.',
  )
  .option(
    '--speed <number>',
    'how many virtual seconds pass in a real one; at 30 a GPU pool comes in 8 s instead of 4 min, 1 is real time',
    parseSpeed,
    30,
  )
  .option('--state <folder>', 'where everything is kept between runs', '.slipway')
  .option('--fresh', 'empty the state folder first')
  .option(
    '--port <number>',
    `HTTP port of the function app (default: that of the last run, else ${usualPort})`,
    parsePort,
  )
  .option('--faults <file>', 'faults that the simulated Azure and cluster shall have')
  .option(
    '--operation-lock <scope>',
    'whether a running pool operation blocks others in its pool or in the whole cluster',
    parseOperationLock,
  )
  .option('--quiet', 'keep the output of the processes in the log files only')
  .parse();

const options = command.opts<Options>();
const say = (line: string): void => console.log(line);

async function main(): Promise<void> {
  const stopped = untilSignal();
  const appDirectory = await ensureBuilt(say);
  const wishedPort = options.port ?? lastFunctionsPort(options.state) ?? usualPort;
  const platform = await startPlatform({
    stateDirectory: options.state,
    appDirectory,
    speed: options.speed,
    ports: { functions: wishedPort },
    fresh: options.fresh ?? false,
    ...(options.faults === undefined ? {} : { faultsFile: options.faults }),
    ...(options.operationLock === undefined ? {} : { operationLock: options.operationLock }),
    log: (name: ProcessName, line: string) => {
      if (options.quiet !== true) say(`${name.padEnd(10)} | ${line}`);
    },
  });
  const port = Number(new URL(platform.endpoints.functionsUrl).port);
  if (wishedPort !== 0 && port !== wishedPort)
    say(`\nPort ${wishedPort} is taken by another program: the app is on ${port}.`);
  say(`\nThe platform is up, at speed ${options.speed}:\n${endpointLines(platform.endpoints)}`);
  say(`\n${readyCommands(platform.endpoints)}\n\nCtrl-C stops it; its state is kept (--fresh empties it).\n`);
  await stopped;
  say('Stopping.');
  await platform.stop();
}

try {
  await main();
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
