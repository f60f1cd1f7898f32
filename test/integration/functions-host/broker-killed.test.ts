import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { after, it } from 'node:test';
import { ServiceBusClient } from '@azure/service-bus';
import { z } from 'zod';
import { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import { startFunctionsHost } from '../../../infra/local/functions/host.ts';
import { readyLine, runProgram } from './support/child-process.ts';
import type { RunningProgram } from './support/child-process.ts';
import { EngineDouble } from './support/engine-double.ts';
import { dataDirectory, fixtureApp } from './support/fixture-app.ts';
import { until } from './support/until.ts';

const main = resolve(import.meta.dirname, '../../../infra/local/servicebus/main.ts');
const ready = z.object({ port: z.number(), connectionString: z.string() });
const fixture = z.object({ calls: z.array(z.object({ name: z.string(), body: z.unknown() })) });
const config = {
  UserConfig: {
    Namespaces: [
      {
        Name: 'test',
        Queues: ['plain', 'session', 'forwards', 'forwarded'].map((Name) => ({
          Name,
          Properties: { LockDuration: 'PT2S', RequiresSession: Name === 'session' },
        })),
      },
    ],
  },
};

let broker: RunningProgram | undefined;
after(() => broker?.child.kill('SIGKILL'));

it('takes its queues up again, and sends its outputs, each time after the broker was killed', async () => {
  const data = await dataDirectory();
  const file = join(data, 'queues.json');
  await writeFile(file, JSON.stringify(config));
  const startBroker = async (port: number): Promise<z.output<typeof ready>> => {
    broker = runProgram(main, ['--config', file, '--port', String(port), '--data', join(data, 'broker')]);
    return ready.parse(await readyLine(broker));
  };
  const { port, connectionString } = await startBroker(0);
  const host = await startFunctionsHost({
    appDirectory: await fixtureApp('queues'),
    port: 0,
    clock: new SteppedClock(),
    dataDirectory: data,
    durable: (options) => new EngineDouble(options),
    settings: { BROKER: connectionString },
    functions: ['plain', 'session', 'forwards'],
  });
  const handled = (name: string, body: unknown): boolean =>
    fixture
      .parse(Reflect.get(globalThis, 'queueFixture'))
      .calls.some((call) => call.name === name && call.body === body);

  for (const round of ['first', 'second', 'third']) {
    const client = new ServiceBusClient(connectionString);
    await client.createSender('plain').sendMessages({ body: round });
    await client.createSender('session').sendMessages({ body: round, sessionId: round });
    await client.createSender('forwards').sendMessages({ body: { outgoing: round } });
    await until(
      () => handled('plain', round) && handled('session', round),
      `the messages of the ${round} round`,
    );
    const receiver = client.createReceiver('forwarded', {
      receiveMode: 'receiveAndDelete',
      skipParsingBodyAsJson: true,
    });
    const [forwarded] = await receiver.receiveMessages(1);
    assert.equal(String(forwarded?.body), round);
    await until(() => host.idle(), 'idle');
    await client.close();
    broker?.child.kill('SIGKILL');
    await broker?.ended;
    await startBroker(port);
  }
  await host.stop();
});
