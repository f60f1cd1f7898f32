import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { startBroker } from './broker.ts';

interface Options {
  config: string;
  port: number;
  data: string;
}

/** Lines for people go to standard error; standard output carries the one line for programs. */
function log(line: string): void {
  process.stderr.write(`${new Date().toISOString()} servicebus ${line}\n`);
}

function toPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('a port is a whole number from 0 (any free one) to 65535.');
}

const command = new Command('servicebus')
  .description('A Service Bus broker (AMQP 1.0) on 127.0.0.1 for development and tests.')
  .option(
    '--config <file>',
    "queues, in the shape of Microsoft's emulator",
    join(import.meta.dirname, 'queues.json'),
  )
  .option('--port <number>', 'port to listen on; 0 takes any free one', toPort, 5672)
  .option('--data <folder>', 'where messages are kept', join('.slipway', 'servicebus'))
  .parse();

const { config, port, data } = command.opts<Options>();
try {
  const broker = await startBroker({ config, port, dataDirectory: data, log });
  let stopping: Promise<void> | undefined;
  const stop = (reason: string) => {
    if (stopping !== undefined) return;
    log(`${reason}: stopping`);
    stopping = broker.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('disconnect', () => stop('parent gone'));
  log(`listening on 127.0.0.1:${broker.port}, messages in ${data}`);
  process.stdout.write(
    `${JSON.stringify({ ready: true, port: broker.port, connectionString: broker.connectionString })}\n`,
  );
} catch (error) {
  log(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
