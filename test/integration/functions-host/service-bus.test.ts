import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { ServiceBusClient } from '@azure/service-bus';
import type { ServiceBusMessage, ServiceBusReceivedMessage } from '@azure/service-bus';
import { z } from 'zod';
import { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import { startFunctionsHost } from '../../../infra/local/functions/host.ts';
import type { FunctionsHost } from '../../../infra/local/functions/host.ts';
import { startBroker } from '../../../infra/local/servicebus/broker.ts';
import type { Broker } from '../../../infra/local/servicebus/broker.ts';
import { EngineDouble } from './support/engine-double.ts';
import { dataDirectory, fixtureApp } from './support/fixture-app.ts';
import { until } from './support/until.ts';

const fixture = z.object({
  calls: z.array(
    z.object({ name: z.string(), body: z.unknown(), metadata: z.record(z.string(), z.unknown()) }),
  ),
  mostRunning: z.number(),
  gates: z.array(z.custom<() => void>((value) => typeof value === 'function')),
});
type Call = z.output<typeof fixture>['calls'][number];

/** Queues of the fixture; locks last two seconds so that renewal shows. */
const queues = [
  ...[
    'plain',
    'fails',
    'binary',
    'batch',
    'batchFails',
    'bySetting',
    'slow',
    'concurrent',
    'forwards',
    'returns',
  ],
  ...['settledByHand', 'forwarded', 'session', 'sessionBatch'],
].map((Name) => ({
  Name,
  Properties: { LockDuration: 'PT2S', MaxDeliveryCount: 3, RequiresSession: Name.startsWith('session') },
}));
const config = { UserConfig: { Namespaces: [{ Name: 'test', Queues: queues }] } };

describe('Service Bus functions', () => {
  let appDirectory: string;
  let brokerData: string;
  let broker: Broker;
  let client: ServiceBusClient;
  let host: FunctionsHost;
  let seen = 0;
  const lines: string[] = [];

  before(async () => {
    appDirectory = await fixtureApp('queues');
    brokerData = await dataDirectory();
    broker = await startBroker({ config, port: 0, dataDirectory: brokerData });
    client = new ServiceBusClient(broker.connectionString);
  });
  after(async () => {
    await client.close();
    await broker.stop();
  });
  beforeEach(() => {
    lines.length = 0;
  });
  afterEach(() => host.stop());

  const serve = async (...functions: string[]): Promise<void> => {
    host = await startFunctionsHost({
      appDirectory,
      port: 0,
      clock: new SteppedClock(),
      dataDirectory: await dataDirectory(),
      durable: (options) => new EngineDouble(options),
      settings: { BROKER: broker.connectionString, QUEUE_BY_SETTING: 'bySetting' },
      functions,
      log: (line) => lines.push(line),
    });
    seen = shared().calls.length;
  };
  const shared = (): z.output<typeof fixture> => {
    const value: unknown = Reflect.get(globalThis, 'queueFixture') ?? {
      calls: [],
      mostRunning: 0,
      gates: [],
    };
    return fixture.parse(value);
  };
  /** Calls of a function since its host started, once there are `count` of them. */
  const calls = (name: string, count: number): Promise<Call[]> =>
    until(() => {
      const found = shared()
        .calls.slice(seen)
        .filter((call) => call.name === name);
      return found.length >= count ? found : undefined;
    }, `${count} calls of ${name}`);
  const send = async (queue: string, ...messages: ServiceBusMessage[]): Promise<void> => {
    const sender = client.createSender(queue);
    for (const message of messages) await sender.sendMessages(message);
    await sender.close();
  };
  /** Messages that are neither completed nor dead-lettered. */
  const left = (name: string): number => {
    const depth = broker.queueDepths().find(({ queue }) => queue === name);
    assert.ok(depth, `the broker has no queue ${name}`);
    return depth.active + depth.locked;
  };
  const release = (): void => {
    const gates: unknown = Reflect.get(Object(Reflect.get(globalThis, 'queueFixture')), 'gates');
    assert.ok(Array.isArray(gates));
    for (const open of shared().gates) open();
    gates.length = 0;
  };

  it('parses bodies as the real worker does and completes the message on return', async () => {
    await serve('plain');
    await send(
      'plain',
      { body: { kind: 'json' } },
      { body: Buffer.from('plain text') },
      { body: Buffer.from('123') },
    );
    const bodies = (await calls('plain', 3)).map(({ body }) => body);
    assert.deepEqual(bodies, [{ kind: 'json' }, 'plain text', 123]);
    await until(() => host.idle(), 'idle');
    assert.equal(left('plain'), 0);
  });

  it('hands over the metadata with its traps: first letters lowered, strings parsed as JSON, counts from one', async () => {
    await serve('plain');
    await send('plain', {
      body: {},
      messageId: '123',
      correlationId: 'evt-7',
      subject: 'a subject',
      contentType: 'application/json',
      applicationProperties: { WorkspaceId: 'w1', attempt: 2 },
    });
    const [call] = await calls('plain', 1);
    assert.ok(call);
    assert.equal(call.metadata['messageId'], 123);
    assert.equal(call.metadata['correlationId'], 'evt-7');
    assert.equal(call.metadata['subject'], 'a subject');
    assert.equal(call.metadata['label'], 'a subject');
    assert.equal(call.metadata['contentType'], 'application/json');
    assert.equal(call.metadata['deliveryCount'], 1);
    assert.equal(typeof call.metadata['sequenceNumber'], 'number');
    assert.ok(Date.parse(String(call.metadata['enqueuedTimeUtc'])) > 0);
    assert.deepEqual(call.metadata['applicationProperties'], { workspaceId: 'w1', attempt: 2 });
    await until(
      () => lines.some((line) => line.includes('Trigger Details: MessageId: 123,')),
      'the log line',
    );
  });

  it('abandons at once what throws, and hands it to the dead-letter function after the last delivery', async () => {
    await serve('fails', 'failed');
    await send('fails', { body: { bad: true }, messageId: 'evt-bad' });
    const [dead] = await calls('failed', 1);
    assert.ok(dead);
    const tries = await calls('fails', 3);
    assert.deepEqual(
      tries.map(({ metadata }) => metadata['deliveryCount']),
      [1, 2, 3],
    );
    assert.deepEqual(dead.body, { bad: true });
    assert.equal(dead.metadata['messageId'], 'evt-bad');
    await until(() => host.idle(), 'idle');
  });

  it('gives bytes to a function that asks for them', async () => {
    await serve('binary');
    await send('binary', { body: Buffer.from([0, 255, 123]) });
    assert.deepEqual((await calls('binary', 1))[0]?.body, [0, 255, 123]);
  });

  it('gives a batch to a function that asks for many', async () => {
    const messages = [1, 2, 3].map((n) => ({
      body: { n },
      messageId: `m-${n}`,
      applicationProperties: { n },
    }));
    await send('batch', ...messages);
    await serve('batch');
    await until(
      () =>
        shared()
          .calls.slice(seen)
          .flatMap(({ body }) => body).length === 3,
      'three messages',
    );
    const all = await calls('batch', 1);
    assert.deepEqual(
      all.flatMap(({ body }) => body),
      [{ n: 1 }, { n: 2 }, { n: 3 }],
    );
    assert.deepEqual(
      all.flatMap(({ metadata }) => metadata['messageIdArray']),
      ['m-1', 'm-2', 'm-3'],
    );
    assert.deepEqual(
      all.flatMap(({ metadata }) => metadata['applicationPropertiesArray']),
      [{ n: 1 }, { n: 2 }, { n: 3 }],
    );
    await until(() => host.idle() && left('batch') === 0, 'an empty queue');
  });

  it('redelivers a whole batch that failed', async () => {
    await send('batchFails', { body: 1 }, { body: 2 });
    await serve('batchFails');
    const bodies = (): unknown[] =>
      shared()
        .calls.slice(seen)
        .flatMap(({ body }) => body);
    await until(() => left('batchFails') === 0 && host.idle(), 'an empty queue');
    assert.ok(bodies().length >= 4, 'both messages twice');
  });

  it('keeps the order within a session and serves sessions side by side, up to the limit', async () => {
    const messages = [1, 2, 3, 4, 5].flatMap((n) =>
      ['a', 'b', 'c'].map((sessionId) => ({ body: { n, sessionId }, sessionId })),
    );
    await send('session', ...messages);
    await serve('session');
    const all = await calls('session', 15);
    for (const sessionId of ['a', 'b', 'c']) {
      const own = all.filter(({ metadata }) => metadata['sessionId'] === sessionId).map(({ body }) => body);
      assert.deepEqual(
        own,
        [1, 2, 3, 4, 5].map((n) => ({ n, sessionId })),
      );
    }
    assert.ok(shared().mostRunning <= 2, 'maxConcurrentSessions is 2');
    await until(() => host.idle() && left('session') === 0, 'an empty queue');
  });

  it('never mixes sessions in a batch', async () => {
    const messages = [1, 2, 3].flatMap((n) =>
      ['x', 'y'].map((sessionId) => ({ body: { n, sessionId }, sessionId })),
    );
    await send('sessionBatch', ...messages);
    await serve('sessionBatch');
    await until(() => left('sessionBatch') === 0 && host.idle(), 'an empty queue');
    for (const { metadata } of await calls('sessionBatch', 2)) {
      const ids = metadata['sessionIdArray'];
      assert.ok(Array.isArray(ids));
      assert.equal(new Set(ids).size, 1);
    }
  });

  it('renews the lock of a message whose handler takes longer than the lock', async () => {
    await serve('slow');
    await send('slow', { body: 'slow' });
    await calls('slow', 1);
    assert.equal(host.idle(), false);
    await new Promise((resolve) => setTimeout(resolve, 4500));
    release();
    await until(() => host.idle() && left('slow') === 0, 'an empty queue');
    assert.equal((await calls('slow', 1)).length, 1, 'delivered once only');
  });

  it('runs no more invocations at once than maxConcurrentCalls', async () => {
    await send('concurrent', { body: 1 }, { body: 2 }, { body: 3 });
    await serve('concurrent');
    await until(() => shared().gates.length === 2, 'two invocations');
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal((await calls('concurrent', 2)).length, 2);
    release();
    await calls('concurrent', 3);
    await until(() => shared().gates.length === 1, 'the third invocation');
    release();
    await until(() => host.idle() && left('concurrent') === 0, 'an empty queue');
  });

  it('waits for a running handler when it stops, and settles its message', async () => {
    await serve('slow');
    await send('slow', { body: 'last' });
    await calls('slow', 1);
    const stopped = host.stop();
    release();
    await stopped;
    assert.equal(left('slow'), 0);
  });

  it('leaves a message locked when the function does not auto-complete', async () => {
    await serve('settledByHand');
    await send('settledByHand', { body: 'kept' });
    await calls('settledByHand', 2);
    const counts = (await calls('settledByHand', 2)).map(({ metadata }) => metadata['deliveryCount']);
    assert.deepEqual(counts, [1, 2], 'redelivered when its lock ran out');
  });

  it('sends outputs only after a success: text, one message an element, objects as JSON', async () => {
    await serve('forwards', 'returns');
    await send('forwards', { body: { outgoing: 'text' } });
    assert.deepEqual((await take('forwarded', 1)).map(text), ['text']);
    await send('forwards', { body: { outgoing: ['a', { b: 1 }] } });
    assert.deepEqual((await take('forwarded', 2)).map(text), ['a', '{"b":1}']);
    await send('returns', { body: 5 });
    assert.deepEqual((await take('forwarded', 1)).map(text), ['{"returned":5}']);
    await send('forwards', { body: { outgoing: 'never', thenFails: true } });
    await until(
      () => lines.filter((line) => line.includes("Executed 'Functions.forwards' (Failed")).length === 3,
      'failures',
    );
    assert.equal(left('forwarded'), 0);
  });

  it('resolves queue names from settings and reports a missing connection as a fault of its function', async () => {
    await serve('bySetting', 'noSetting');
    await send('bySetting', { body: 'found' });
    assert.equal((await calls('bySetting', 1))[0]?.body, 'found');
    const status: unknown = await (await fetch(`${host.url}/admin/functions/noSetting/status`)).json();
    assert.match(JSON.stringify(status), /'MISSING' is missing or empty: set the app setting MISSING/);
  });

  it('takes a run by hand with a text', async () => {
    await serve('plain');
    const result = await host.runFunction('plain', '{"by":"hand"}');
    assert.equal(result.outcome, 'succeeded');
    assert.deepEqual((await calls('plain', 1))[0]?.body, { by: 'hand' });
  });

  it('takes up plain, session and batch queues again after the broker was away', async () => {
    await serve('plain', 'session', 'batch');
    await send('plain', { body: 'before' });
    await calls('plain', 1);
    await client.close();
    const { port } = broker;
    await broker.stop();
    await until(() => lines.some((line) => line.includes('warning:')), 'a warning that the queue is gone');
    broker = await startBroker({ config, port, dataDirectory: brokerData });
    client = new ServiceBusClient(broker.connectionString);
    await send('plain', { body: 'after' });
    await send('session', { body: 'after', sessionId: 's' });
    await send('batch', { body: 'after' });
    await calls('plain', 2);
    await calls('session', 1);
    await calls('batch', 1);
    await until(() => host.idle(), 'idle');
  });

  /** Receives and completes `count` messages. */
  async function take(queue: string, count: number): Promise<ServiceBusReceivedMessage[]> {
    const receiver = client.createReceiver(queue, {
      receiveMode: 'receiveAndDelete',
      skipParsingBodyAsJson: true,
    });
    const taken: ServiceBusReceivedMessage[] = [];
    while (taken.length < count) taken.push(...(await receiver.receiveMessages(count - taken.length)));
    await receiver.close();
    return taken;
  }

  function text({ body }: ServiceBusReceivedMessage): string {
    assert.ok(Buffer.isBuffer(body));
    return body.toString('utf8');
  }
});
