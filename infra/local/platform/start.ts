/** `npm start`: the embedded platform with the function app, until Ctrl-C. */
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { ensureBuilt } from './app-build.ts';
import { lastPorts } from './ports.ts';
import { parseOperationLock, parsePort, parseSpeed } from './option-parsers.ts';
import type { ProcessName } from './process-name.ts';
import { endpointLines, readyCommands } from './ready-commands.ts';
import { startPlatform } from './supervisor.ts';
import { untilServing } from './until-serving.ts';
import { untilSignal } from './until-signal.ts';

interface Options {
  speed: number;
  state: string;
  port?: number;
  fresh?: true;
  app?: string;
  faults?: string;
  timings?: string;
  operationLock?: 'pool' | 'cluster';
  provisioner?: 'agentPool' | 'karpenter' | 'byo';
  quiet?: true;
  func?: true;
}

/** Ports on first use: those of `func start`, AMQP, HTTPS for developers and Kubernetes. local.settings.sample.json names them too. */
const usualPorts = { functions: 7071, servicebus: 5672, arm: 8443, kubernetes: 6443 };
const funcHost = fileURLToPath(new URL('func-host.ts', import.meta.url));

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
    `HTTP port of the function app (default: that of the last run, else ${usualPorts.functions})`,
    parsePort,
  )
  .option('--app <folder>', 'run this function app instead of building and running Slipway')
  .option('--faults <file>', 'faults that the simulated Azure and cluster shall have')
  .option(
    '--timings <file>',
    'durations of simulated things that differ from infra/local/cluster/timings.yaml',
  )
  .option(
    '--operation-lock <scope>',
    'whether a running pool operation blocks others in its pool or in the whole cluster',
    parseOperationLock,
  )
  .addOption(
    new Option('--provisioner <way>', "where the cluster's GPU nodes come from").choices([
      'agentPool',
      'karpenter',
      'byo',
    ]),
  )
  .option(
    '--func',
    'run the app under func start (Core Tools and Azurite must be there), in real time; not tried by us',
  )
  .option('--quiet', 'keep the output of the processes in the log files only')
  .parse();

const options = command.opts<Options>();
const say = (line: string): void => console.log(line);

async function main(): Promise<void> {
  const stopped = untilSignal();
  const appDirectory = options.app ?? (await ensureBuilt(say));
  const wished = { ...usualPorts, ...lastPorts(options.state) };
  if (options.port !== undefined) wished.functions = options.port;
  const speed = options.func === true ? 1 : options.speed;
  const platform = await startPlatform({
    stateDirectory: options.state,
    appDirectory,
    speed,
    ports: wished,
    fresh: options.fresh ?? false,
    ...(options.faults === undefined ? {} : { faultsFile: options.faults }),
    ...(options.timings === undefined ? {} : { timingsFile: options.timings }),
    ...(options.operationLock === undefined ? {} : { operationLock: options.operationLock }),
    ...(options.provisioner === undefined ? {} : { provisioner: options.provisioner }),
    ...(options.func === true ? { programs: { functions: funcHost } } : {}),
    log: (name: ProcessName, line: string) => {
      if (options.quiet !== true) say(`${name.padEnd(10)} | ${line}`);
    },
  });
  const port = Number(new URL(platform.endpoints.functionsUrl).port);
  if (wished.functions !== 0 && port !== wished.functions)
    say(`\nPort ${wished.functions} is taken by another program: the app is on ${port}.`);
  if (!(await untilServing(platform.endpoints.functionsUrl)))
    say('\nThe app does not serve yet; GET /api/healthz says why, and so does functions.log.');
  say(`\nThe platform is up, at speed ${speed}:\n${endpointLines(platform.endpoints)}`);
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
