import { Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { ScaledClock } from '../clock/scaled-clock.ts';
import { startDurableEngine } from '../durable/engine.ts';
import { startFunctionsHost } from './host.ts';
import type { FunctionsHost } from './host.ts';
import { readLocalSettings } from './settings/local-settings.ts';

/** The port of `func start`. */
const usualPort = 7071;

const clockSetting = z.object({
  realStart: z.number(),
  virtualStart: z.number(),
  speed: z.number().positive(),
});

const commandLine = z.object({
  app: z.string(),
  port: z.number().optional(),
  rpcPort: z.number(),
  data: z.string(),
  clock: clockSetting,
  functions: z.array(z.string()).optional(),
  durableRemote: z.string().optional(),
  enableAuth: z.boolean().optional(),
  key: z.string().optional(),
  verbose: z.boolean().optional(),
});

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('A port is 0 to 65535.');
  return port;
}

function clock(text: string): z.output<typeof clockSetting> {
  try {
    return clockSetting.parse(JSON.parse(text));
  } catch {
    throw new InvalidArgumentError('Expected {"realStart":ms,"virtualStart":ms,"speed":number}.');
  }
}

function url(text: string): string {
  if (!URL.canParse(text)) throw new InvalidArgumentError('Expected a URL such as http://127.0.0.1:7071.');
  return text;
}

function readCommandLine(): z.output<typeof commandLine> {
  const program = new Command('functions-host')
    .description('Serves a built Azure Functions app on loopback, as `func start` does.')
    .requiredOption('--app <directory>', 'root of the built app, with its package.json and host.json')
    .requiredOption('--data <directory>', 'where timer status and the task hub are kept')
    .option(
      '--port <number>',
      'HTTP port on 127.0.0.1; 0 takes a free one (default: LocalHttpPort, else 7071)',
      portNumber,
    )
    .option(
      '--rpc-port <number>',
      'port of the loopback Durable RPC listener; 0 takes a free one',
      portNumber,
      0,
    )
    .option(
      '--clock <json>',
      'virtual clock shared with the other processes',
      clock,
      ScaledClock.realTime().setting,
    )
    .option('--functions <names...>', 'serve only these functions')
    .option('--durable-remote <url>', 'host that owns the Durable store; no orchestration runs here', url)
    .option('--enable-auth', 'ask for the key where the app asks for one')
    .option('--key <key>', 'the key that --enable-auth asks for')
    .option('--verbose', 'also log what the host itself does')
    .parse();
  const options = commandLine.parse(program.opts());
  if (options.enableAuth === true && options.key === undefined) program.error('--enable-auth needs --key.');
  return options;
}

async function main(): Promise<void> {
  const options = readCommandLine();
  const { Host } = await readLocalSettings(options.app);
  const host = await startFunctionsHost({
    appDirectory: options.app,
    port: options.port ?? Host.LocalHttpPort ?? usualPort,
    rpcPort: options.rpcPort,
    dataDirectory: options.data,
    clock: new ScaledClock(options.clock),
    durable: startDurableEngine,
    durableRemote: options.durableRemote === undefined ? undefined : { url: options.durableRemote },
    functions: options.functions,
    enableAuth: options.enableAuth === true && options.key !== undefined ? { key: options.key } : undefined,
    verbose: options.verbose,
    log: (line) => process.stderr.write(`${line}\n`),
  });
  stopWhenAsked(host);
  process.stdout.write(
    `${JSON.stringify({ ready: true, port: host.port, url: host.url, rpcUrl: host.rpcUrl })}\n`,
  );
}

/** Signals, and the end of the supervisor (IPC `disconnect`), stop the host; a second one is not waited for. */
function stopWhenAsked(host: FunctionsHost): void {
  const stop = (): void => {
    host.stop().then(() => process.exit(0), fail);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.once('disconnect', stop);
}

function fail(error: unknown): never {
  process.stderr.write(
    `Functions host: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
}

process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
main().catch(fail);
