import assert from 'node:assert/strict';
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceBusClient } from '@azure/service-bus';
import { temporaryFolder } from './support/broker.ts';
import { startProcess } from './support/broker-process.ts';
import type { SenderReport } from './support/endless-sender.ts';
import { receiveAvailable, until } from './support/waiting.ts';

const quick = { retryOptions: { timeoutInMs: 2000, maxRetries: 0 } };

/** Kills per run: each a random moment within a burst of sends. */
const kills = 5;

/** A small generator, so that a run can be repeated by its seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('the broker as a program', { concurrency: 2 }, () => {
  it('loses no acknowledged message and invents none when it is killed again and again', async (context) => {
    const seed = Number(process.env['SERVICEBUS_KILL_SEED'] ?? Date.now() % 100_000);
    console.log(`seed ${seed} (repeat with SERVICEBUS_KILL_SEED=${seed})`);
    const chance = random(seed);
    const folder = temporaryFolder(context);
    const tried = new Set<string>();
    const acknowledged = new Set<string>();
    const sender = fork(join(import.meta.dirname, 'support/endless-sender.ts'));
    context.after(() => sender.kill('SIGKILL'));
    sender.on('message', ({ kind, id }: SenderReport) => (kind === 'tried' ? tried : acknowledged).add(id));
    for (let round = 0; round < kills; round += 1) {
      const broker = await startProcess(context, folder);
      const before = acknowledged.size;
      sender.send(broker.ready.connectionString);
      await until(() => acknowledged.size > before, 'the first message of the round is in');
      await delay(chance() * 250);
      await broker.end('SIGKILL');
    }
    const senderGone = once(sender, 'exit');
    sender.disconnect();
    await senderGone;
    const broker = await startProcess(context, folder);
    const client = new ServiceBusClient(broker.ready.connectionString, quick);
    const receiver = client.createReceiver('plain', { receiveMode: 'receiveAndDelete' });
    const found: string[] = [];
    for (;;) {
      const messages = await receiveAvailable(receiver, 500);
      if (messages.length === 0) break;
      found.push(...messages.map(({ body }) => String(body)));
    }
    await client.close();
    await broker.end('SIGTERM');
    assert.ok(acknowledged.size > kills, `${acknowledged.size} were acknowledged`);
    const kept = new Set(found);
    assert.deepEqual(
      [...acknowledged].filter((id) => !kept.has(id)),
      [],
      'lost',
    );
    assert.deepEqual(
      found.filter((id) => !tried.has(id)),
      [],
      'invented',
    );
    assert.equal(kept.size, found.length, 'doubled');
  });

  it('says ready in one line of JSON, and ends cleanly on SIGTERM and SIGINT', async (context) => {
    const folder = temporaryFolder(context);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const broker = await startProcess(context, folder);
      assert.equal(
        broker.ready.connectionString,
        `Endpoint=sb://127.0.0.1:${broker.ready.port};SharedAccessKeyName=RootManageSharedAccessKey;` +
          'SharedAccessKey=development;UseDevelopmentEmulator=true',
      );
      assert.equal(await broker.end(signal), 0, broker.stderr());
    }
  });

  it('ends when its parent goes away', async (context) => {
    const broker = await startProcess(context, temporaryFolder(context));
    const exited = once(broker.process, 'exit');
    broker.process.disconnect();
    assert.deepEqual(await exited, [0, null]);
  });

  it('explains itself with --help, and says why it cannot start', async (context) => {
    const folder = temporaryFolder(context);
    const program = join(import.meta.dirname, '../../../infra/local/servicebus/main.ts');
    const run = (...more: string[]) => spawnSync(process.execPath, [program, ...more], { encoding: 'utf8' });
    assert.match(run('--help').stdout, /--config <file>[\s\S]*--port <number>[\s\S]*--data <folder>/);
    const badPort = run('--port', '70000');
    assert.notEqual(badPort.status, 0);
    assert.match(badPort.stderr, /0 \(any free one\) to 65535/);
    const noFile = run('--config', join(folder, 'none.json'), '--port', '0', '--data', folder);
    assert.equal(noFile.status, 1);
    assert.match(noFile.stderr, /none\.json cannot be used/);
    const broker = await startProcess(context, folder);
    const taken = run('--port', String(broker.ready.port), '--data', join(folder, 'other'));
    assert.equal(taken.status, 1);
    assert.match(taken.stderr, /EADDRINUSE/);
    await broker.end('SIGTERM');
  });
});
