import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { lockDuration, openBench, places } from './support/broker.ts';
import { bodies, receive, receiveAvailable, receiveOne, until } from './support/waiting.ts';

const destructive = { receiveMode: 'receiveAndDelete' } as const;

describe('duplicate detection', { concurrency: 6 }, () => {
  it('drops a repeated id silently, whatever the body', async (context) => {
    const { client } = await openBench(context);
    const sender = client.createSender('dedup');
    await sender.sendMessages({ body: 'first', messageId: 'evt-1' });
    await sender.sendMessages({ body: 'second', messageId: 'evt-1' });
    await sender.sendMessages({ body: 'other', messageId: 'evt-2' });
    const receiver = client.createReceiver('dedup', { ...destructive });
    assert.deepEqual(bodies(await receive(receiver, 2)), ['first', 'other']);
    assert.deepEqual(await receiveAvailable(receiver), []);
  });

  it('still knows an id whose message was completed', async (context) => {
    const { client } = await openBench(context);
    const sender = client.createSender('dedup');
    const receiver = client.createReceiver('dedup', { ...destructive });
    await sender.sendMessages({ body: 1, messageId: 'evt-1' });
    await receive(receiver, 1);
    await sender.sendMessages({ body: 2, messageId: 'evt-1' });
    assert.deepEqual(await receiveAvailable(receiver), []);
  });

  it('works within a batch and between batch and single', async (context) => {
    const { client } = await openBench(context);
    const sender = client.createSender('dedup');
    await sender.sendMessages([
      { body: 1, messageId: 'a' },
      { body: 2, messageId: 'a' },
      { body: 3, messageId: 'b' },
    ]);
    await sender.sendMessages({ body: 4, messageId: 'b' });
    const receiver = client.createReceiver('dedup', { ...destructive });
    assert.deepEqual(bodies(await receive(receiver, 2)), [1, 3]);
    assert.deepEqual(await receiveAvailable(receiver), []);
  });

  it('covers scheduled messages', async (context) => {
    const { client } = await openBench(context);
    const sender = client.createSender('dedup');
    const due = new Date(Date.now() + 200);
    await sender.scheduleMessages({ body: 1, messageId: 'a' }, due);
    await sender.scheduleMessages({ body: 2, messageId: 'a' }, due);
    await sender.sendMessages({ body: 3, messageId: 'a' });
    const receiver = client.createReceiver('dedup', { ...destructive });
    assert.deepEqual(bodies(await receive(receiver, 1)), [1]);
    assert.deepEqual(await receiveAvailable(receiver), []);
  });

  it('admits the id again after the window', async (context) => {
    const { client } = await openBench(context);
    const sender = client.createSender('dedup');
    await sender.sendMessages({ body: 1, messageId: 'a' });
    await delay(1100);
    await sender.sendMessages({ body: 2, messageId: 'a' });
    assert.deepEqual(bodies(await receive(client.createReceiver('dedup', { ...destructive }), 2)), [1, 2]);
  });

  it('never drops messages without an id, and does not run on other queues', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('dedup').sendMessages([{ body: 1 }, { body: 2 }]);
    assert.equal((await receive(client.createReceiver('dedup', { ...destructive }), 2)).length, 2);
    await client.createSender('plain').sendMessages([
      { body: 1, messageId: 'a' },
      { body: 2, messageId: 'a' },
    ]);
    assert.equal((await receive(client.createReceiver('plain', { ...destructive }), 2)).length, 2);
  });

  it('survives a restart', async (context) => {
    const bench = await openBench(context);
    await bench.client.createSender('remembers').sendMessages({ body: 1, messageId: 'a' });
    await bench.client.close();
    await bench.restart();
    await bench.connect().createSender('remembers').sendMessages({ body: 2, messageId: 'a' });
    assert.equal(bench.broker.queueDepths()[places.remembers]!.active, 1);
  });
});

describe('time to live', { concurrency: 6 }, () => {
  it('moves an expired message to the dead letters with a reason, without any receiver', async (context) => {
    const { client, broker } = await openBench(context);
    await client.createSender('ttl').sendMessages({ body: 'old', timeToLive: 200 });
    await until(() => broker.queueDepths()[places.ttl]!.deadLettered === 1, 'it expired');
    const dead = await receiveOne(client.createReceiver('ttl', { subQueueType: 'deadLetter' }));
    assert.equal(dead.body, 'old');
    assert.equal(dead.deadLetterReason, 'TTLExpiredException');
    assert.equal(dead.deadLetterSource, 'ttl');
  });

  it('drops an expired message where dead-lettering on expiration is off', async (context) => {
    const { client, broker } = await openBench(context);
    await client.createSender('plain').sendMessages([{ body: 'old', timeToLive: 100 }, { body: 'kept' }]);
    await until(() => broker.queueDepths()[places.plain]!.active === 1, 'it expired');
    assert.equal((await receiveOne(client.createReceiver('plain'))).body, 'kept');
    assert.equal(broker.queueDepths()[places.plain]!.deadLettered, 0);
  });

  it('is shortened by the queue, and shows in expiresAt', async (context) => {
    const { client, broker } = await openBench(context);
    await client.createSender('short-lived').sendMessages([{ body: 1 }, { body: 2, timeToLive: 3_600_000 }]);
    const peeked = await client.createReceiver('short-lived').peekMessages(2);
    for (const { timeToLive, expiresAtUtc, enqueuedTimeUtc } of peeked) {
      assert.equal(timeToLive, 1000);
      assert.equal(expiresAtUtc!.getTime(), enqueuedTimeUtc!.getTime() + 1000);
    }
    await until(() => broker.queueDepths()[places.shortLived]!.active === 0, 'both expired');
  });

  it('does not end a locked message, which can still be completed', async (context) => {
    const { client, broker } = await openBench(context);
    await client.createSender('ttl').sendMessages({ body: 1, timeToLive: 300 });
    const receiver = client.createReceiver('ttl');
    const message = await receiveOne(receiver);
    await delay(500);
    await receiver.completeMessage(message);
    assert.equal(broker.queueDepths()[places.ttl]!.deadLettered, 0);
  });

  it('ends a message abandoned after its time', async (context) => {
    const { client, broker } = await openBench(context);
    await client.createSender('ttl').sendMessages({ body: 1, timeToLive: 300 });
    const receiver = client.createReceiver('ttl');
    const message = await receiveOne(receiver);
    await delay(lockDuration * 0.5);
    await receiver.abandonMessage(message);
    const dead = await receiveOne(client.createReceiver('ttl', { subQueueType: 'deadLetter' }));
    assert.equal(dead.deadLetterReason, 'TTLExpiredException');
    assert.equal(broker.queueDepths()[places.ttl]!.active, 0);
  });
});
