import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openBench, places } from './support/broker.ts';
import { because, bodies, receive, receiveAvailable, receiveOne, withCode } from './support/waiting.ts';

const soon = (milliseconds: number) => new Date(Date.now() + milliseconds);

describe('peeking', { concurrency: 6 }, () => {
  it('shows messages in order and goes on where it stopped, taking nothing', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
    const receiver = client.createReceiver('plain');
    assert.deepEqual(bodies(await receiver.peekMessages(2)), [1, 2]);
    const last = await receiver.peekMessages(5);
    assert.deepEqual(bodies(last), [3]);
    assert.equal(last[0]!.lockToken, undefined);
    assert.deepEqual(await receiver.peekMessages(5), []);
    assert.deepEqual(bodies(await receive(receiver, 3)), [1, 2, 3]);
  });

  it('starts at a given sequence number, that one included', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
    const receiver = client.createReceiver('plain');
    const [, second] = await receiver.peekMessages(2);
    const rest = await receiver.peekMessages(9, { fromSequenceNumber: second!.sequenceNumber! });
    assert.deepEqual(bodies(rest), [2, 3]);
    assert.deepEqual(
      bodies(await receiver.peekMessages(9, { fromSequenceNumber: second!.sequenceNumber!.mul(0) })),
      [1, 2, 3],
    );
  });

  it('shows locked, deferred and scheduled messages with their state', async (context) => {
    const { client } = await openBench(context);
    const sender = client.createSender('plain');
    await sender.sendMessages([{ body: 'locked' }, { body: 'deferred' }, { body: 'active' }]);
    await sender.scheduleMessages({ body: 'scheduled' }, soon(60_000));
    const receiver = client.createReceiver('plain');
    const [, deferred] = await receive(receiver, 2);
    await receiver.deferMessage(deferred!);
    const peeked = await receiver.peekMessages(10);
    assert.deepEqual(
      peeked.map(({ body, state }): unknown => [body, state]),
      [
        ['locked', 'active'],
        ['deferred', 'deferred'],
        ['active', 'active'],
        ['scheduled', 'scheduled'],
      ],
    );
  });

  it('shows dead letters on the dead-letter queue only', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages([{ body: 1 }, { body: 2 }]);
    const receiver = client.createReceiver('plain');
    await receiver.deadLetterMessage(await receiveOne(receiver), because('r'));
    const [dead] = await client.createReceiver('plain', { subQueueType: 'deadLetter' }).peekMessages(5);
    assert.deepEqual([dead!.body, dead!.deadLetterReason], [1, 'r']);
    assert.deepEqual(bodies(await receiver.peekMessages(5)), [2]);
  });

  it('leaves the body out when asked to', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages({ body: 'long', messageId: 'evt-1' });
    // The SDK passes this option on without declaring it.
    const receiver = client.createReceiver('plain');
    const [whole] = await receiver.peekMessages(1);
    const withoutBody = { fromSequenceNumber: whole!.sequenceNumber!, omitMessageBody: true };
    const [peeked] = await receiver.peekMessages(1, withoutBody);
    assert.equal(peeked!.messageId, 'evt-1');
    assert.equal(peeked!.body, undefined);
  });
});

describe('scheduled messages', { concurrency: 6 }, () => {
  it('come when their time has come, not before, with a new sequence number', async (context) => {
    const { client } = await openBench(context);
    const sender = client.createSender('plain');
    const due = soon(600);
    const [number] = await sender.scheduleMessages({ body: 'later' }, due);
    await sender.sendMessages({ body: 'now' });
    const receiver = client.createReceiver('plain');
    assert.deepEqual(bodies(await receiveAvailable(receiver, 1)), ['now']);
    const message = await receiveOne(receiver);
    assert.equal(message.body, 'later');
    assert.ok(Date.now() >= due.getTime(), 'not early');
    assert.ok(message.sequenceNumber!.greaterThan(number!));
    assert.equal(message.enqueuedSequenceNumber, number!.toNumber());
    assert.equal(message.state, 'active');
    assert.ok(message.enqueuedTimeUtc!.getTime() >= due.getTime());
    assert.equal(message.scheduledEnqueueTimeUtc?.getTime(), due.getTime());
  });

  it('may be scheduled by the property of a sent message, a past time meaning now', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages([
      { body: 'third', scheduledEnqueueTimeUtc: soon(700) },
      { body: 'second', scheduledEnqueueTimeUtc: soon(400) },
      { body: 'first', scheduledEnqueueTimeUtc: soon(-60_000) },
    ]);
    const receiver = client.createReceiver('plain', { receiveMode: 'receiveAndDelete' });
    assert.deepEqual(bodies(await receive(receiver, 3)), ['first', 'second', 'third']);
  });

  it('can be cancelled until they are due', async (context) => {
    const { client, broker } = await openBench(context);
    const sender = client.createSender('plain');
    const numbers = await sender.scheduleMessages([{ body: 1 }, { body: 2 }, { body: 3 }], soon(400));
    assert.equal(numbers.length, 3);
    assert.equal(broker.queueDepths()[places.plain]!.scheduled, 3);
    await sender.cancelScheduledMessages(numbers.slice(0, 2));
    const receiver = client.createReceiver('plain', { receiveMode: 'receiveAndDelete' });
    assert.deepEqual(bodies(await receive(receiver, 1)), [3]);
    assert.deepEqual(await receiveAvailable(receiver), []);
  });

  it('cancelling twice, or what became active, fails with MessageNotFound', async (context) => {
    const { client } = await openBench(context);
    const sender = client.createSender('plain');
    const [cancelled] = await sender.scheduleMessages({ body: 1 }, soon(60_000));
    await sender.cancelScheduledMessages(cancelled!);
    await assert.rejects(sender.cancelScheduledMessages(cancelled!), withCode('MessageNotFound'));
    const [active] = await sender.scheduleMessages({ body: 2 }, soon(50));
    await receiveOne(client.createReceiver('plain'));
    await assert.rejects(sender.cancelScheduledMessages(active!), withCode('MessageNotFound'));
  });

  it('work on a session queue, where a session id is needed', async (context) => {
    const { client } = await openBench(context);
    const sender = client.createSender('session');
    await assert.rejects(sender.scheduleMessages({ body: 1 }, soon(100)), /SessionId/);
    await sender.scheduleMessages({ body: 1, sessionId: 'A' }, soon(300));
    const session = await client.acceptNextSession('session');
    assert.equal(session.sessionId, 'A');
    assert.equal((await receiveOne(session)).body, 1);
  });

  it('live their time to live from the moment they become active', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('ttl').scheduleMessages({ body: 1, timeToLive: 400 }, soon(500));
    assert.equal((await receiveOne(client.createReceiver('ttl'))).body, 1);
  });
});
