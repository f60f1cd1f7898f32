import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { openBench, places } from './support/broker.ts';
import { bodies, receive, receiveAvailable, receiveOne, until } from './support/waiting.ts';

describe('messages of a plain queue', { concurrency: 6 }, () => {
  it('arrive with every property the sender set', async (context) => {
    const { client } = await openBench(context);
    const sent = {
      body: { text: 'grüße', list: [1, null, true] },
      messageId: 'evt-1',
      correlationId: 'corr',
      subject: 'subject',
      to: 'to',
      replyTo: 'reply',
      replyToSessionId: 'reply-session',
      contentType: 'application/json',
      sessionId: 'kept-on-a-plain-queue',
      timeToLive: 60_000,
      applicationProperties: { text: 't', integer: 7, negative: -7, real: 1.5, yes: true },
    };
    await client.createSender('plain').sendMessages(sent);
    const received = await receiveOne(client.createReceiver('plain'));
    for (const [name, value] of Object.entries(sent)) {
      assert.deepEqual(Reflect.get(received, name), value, name);
    }
    assert.equal(received.deliveryCount, 0);
    assert.equal(received.state, 'active');
    assert.ok(received.enqueuedTimeUtc instanceof Date);
    assert.ok(received.lockedUntilUtc !== undefined && received.lockedUntilUtc > received.enqueuedTimeUtc);
    assert.match(received.lockToken ?? '', /^[0-9a-f-]{36}$/);
  });

  for (const [kind, body] of [
    ['text', 'plain text'],
    ['number', 42],
    ['null', null],
    ['bytes', randomBytes(64)],
    ['a list', [1, 'two', { three: 3 }]],
    ['200 kB of text', 'x'.repeat(200_000)],
  ] as const) {
    it(`carry ${kind} unchanged`, async (context) => {
      const { client } = await openBench(context);
      await client.createSender('plain').sendMessages({ body });
      assert.deepEqual((await receiveOne(client.createReceiver('plain'))).body, body);
    });
  }

  it('keep AMQP bodies, header, annotations and footer of other clients', async (context) => {
    const { client } = await openBench(context);
    const annotations = { 'x-custom': 'annotation' };
    const sender = client.createSender('plain');
    await sender.sendMessages([
      { bodyType: 'value', body: { key: 'value' }, messageAnnotations: annotations, header: { priority: 7 } },
      { bodyType: 'sequence', body: [[1, 2], [3]], footer: { checksum: 'abc' } },
    ]);
    const [value, sequence] = (await receive(client.createReceiver('plain'), 2)).map(
      (m) => m._rawAmqpMessage,
    );
    assert.equal(value!.bodyType, 'value');
    assert.deepEqual(value!.body, { key: 'value' });
    assert.equal(value!.messageAnnotations?.['x-custom'], 'annotation');
    assert.equal(value!.header?.priority, 7);
    assert.equal(sequence!.bodyType, 'sequence');
    assert.deepEqual(sequence!.footer, { checksum: 'abc' });
  });

  it('get an id when the sender gave none, and ids of other types stay what they are', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages([{ body: 1 }, { body: 2, messageId: 77 }]);
    const [first, second] = await receive(client.createReceiver('plain'), 2);
    assert.match(String(first!.messageId), /^[0-9a-f]{32}$/);
    assert.equal(second!.messageId, 77);
  });

  it('come in the order they were sent, with rising sequence numbers', async (context) => {
    const { client } = await openBench(context);
    const sender = client.createSender('plain');
    for (let index = 0; index < 20; index += 1) await sender.sendMessages({ body: index });
    const received = await receive(client.createReceiver('plain'), 20);
    assert.deepEqual(bodies(received), [...Array(20).keys()]);
    const numbers = received.map((message) => Number(message.sequenceNumber));
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(numbers).size, 20);
  });

  it('can be sent as a batch, and a batch fills up at the size limit', async (context) => {
    const { client } = await openBench(context);
    const sender = client.createSender('plain');
    const batch = await sender.createMessageBatch();
    let added = 0;
    while (batch.tryAddMessage({ body: 'x'.repeat(10_000), applicationProperties: { added } })) added += 1;
    assert.ok(added > 20 && added <= 26, `${added} messages of 10 kB fit into 256 KiB`);
    await sender.sendMessages(batch);
    const received = await receive(client.createReceiver('plain'), added);
    assert.deepEqual(
      received.map((message) => message.applicationProperties?.['added']),
      [...Array(added).keys()],
    );
  });

  it('are gone after a receive-and-delete, and nothing comes twice', async (context) => {
    const { client, broker } = await openBench(context);
    await client.createSender('plain').sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
    const receiver = client.createReceiver('plain', { receiveMode: 'receiveAndDelete' });
    assert.deepEqual(bodies(await receive(receiver, 2)), [1, 2]);
    assert.deepEqual(bodies(await receive(receiver, 1)), [3]);
    assert.deepEqual(await receiveAvailable(receiver), []);
    assert.deepEqual(broker.queueDepths()[places.plain], {
      queue: 'plain',
      active: 0,
      locked: 0,
      deferred: 0,
      scheduled: 0,
      deadLettered: 0,
    });
  });

  it('reach a receiver that was waiting before they were sent', async (context) => {
    const { client } = await openBench(context);
    const receiver = client.createReceiver('plain');
    const waiting = receiver.receiveMessages(1, { maxWaitTimeInMs: 20_000 });
    await client.createSender('plain').sendMessages({ body: 'late' });
    assert.deepEqual(bodies(await waiting), ['late']);
  });

  it('an empty receive ends at its time-out and the receiver still works', async (context) => {
    const { client } = await openBench(context);
    const receiver = client.createReceiver('plain');
    for (let round = 0; round < 3; round += 1) assert.deepEqual(await receiveAvailable(receiver), []);
    await client.createSender('plain').sendMessages({ body: 1 });
    assert.deepEqual(bodies(await receive(receiver, 1)), [1]);
  });

  it('are shared among competing receivers of several connections, each message once', async (context) => {
    const { client, connect } = await openBench(context);
    const count = 120;
    const seen: unknown[] = [];
    const shares = [0, 0, 0];
    for (const index of shares.keys()) {
      connect()
        .createReceiver('plain')
        .subscribe({
          processMessage: (message) => {
            seen.push(message.body);
            shares[index]! += 1;
            return Promise.resolve();
          },
          processError: ({ error }) => Promise.reject(error),
        });
    }
    const sender = client.createSender('plain');
    await Promise.all(Array.from({ length: count }, (_, body) => sender.sendMessages({ body })));
    await until(() => seen.length >= count, 'all messages were processed');
    assert.equal(new Set(seen).size, count);
    assert.equal(seen.length, count);
    assert.ok(
      shares.every((share) => share > 0),
      `every receiver got some: ${shares.join(', ')}`,
    );
  });

  it('can be received by the thousand while none is settled', async (context) => {
    const { client } = await openBench(context);
    const sender = client.createSender('plain');
    await sender.sendMessages(Array.from({ length: 2500 }, (_, body) => ({ body })));
    const receiver = client.createReceiver('plain', { receiveMode: 'receiveAndDelete' });
    assert.equal((await receive(receiver, 2500)).length, 2500);
  });
});
