/** Sends files to a Service Bus queue: the embedded one, or any that a connection string names. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ServiceBusClient } from '@azure/service-bus';
import { Command } from 'commander';
import { readEndpoints } from './endpoints.ts';

interface Options {
  queue: string;
  connection?: string;
  state: string;
  session?: string;
  cluster?: string;
}

const command = new Command('send.ts')
  .description('Sends each file as one message, byte for byte.')
  .argument('<files...>', 'such as examples/workspace-phi-3-mini.yaml')
  .requiredOption('--queue <name>', 'such as workspace-created or workspace-deleted')
  .option('--connection <string>', 'Service Bus connection string (default: that of the running platform)')
  .option('--state <folder>', 'state folder of the running platform', '.slipway')
  .option('--session <id>', 'session id (default: a hash of the file, so that equal files keep their order)')
  .option('--cluster <name>', 'cluster that the workspace shall live in (default: the configured one)')
  .parse();

async function send(files: string[], options: Options): Promise<void> {
  const client = new ServiceBusClient(connectionString(options));
  try {
    const sender = client.createSender(options.queue);
    for (const file of files) {
      // Bytes travel as they are; a string would be sent as JSON text, in quotes.
      const body = readFileSync(file);
      await sender.sendMessages({
        body,
        contentType: file.endsWith('.json') ? 'application/json' : 'application/yaml',
        sessionId: options.session ?? createHash('sha256').update(body).digest('hex'),
        ...(options.cluster === undefined ? {} : { applicationProperties: { cluster: options.cluster } }),
      });
      console.log(`${file} sent to ${options.queue}`);
    }
  } finally {
    await client.close();
  }
}

function connectionString(options: Options): string {
  if (options.connection !== undefined) return options.connection;
  const endpoints = readEndpoints(options.state);
  if (endpoints === undefined) {
    throw new Error(
      `No platform runs on ${options.state}: start one with npm start, or name a queue with --connection.`,
    );
  }
  return endpoints.serviceBusConnectionString;
}

try {
  await send(command.args, command.opts<Options>());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
