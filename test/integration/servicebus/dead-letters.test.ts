import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { lockDuration, openBench, places } from './support/broker.ts';
import { because, bodies, receive, receiveAvailable, receiveOne, until } from './support/waiting.ts';

const deadLetters = { subQueueType: 'deadLetter' } as const;

describe('the dead-letter queue', { concurrency: 6 }, () => {
  it('receives a dead-lettered message with reason, description, source and further properties', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages({
      body: { kept: true },
      messageId: 'evt-1',
      correlationId: 'c',
      applicationProperties: { mine: 1 },
    });
    const receiver = client.createReceiver('plain');
    const message = await receiveOne(receiver);
    await receiver.deadLetterMessage(message, {
      deadLetterReason: 'Unreadable',
      deadLetterErrorDescription: 'spec.preset is missing',
      added: 'yes',
    });
    assert.deepEqual(await receiveAvailable(receiver), []);
    const dead = await receiveOne(client.createReceiver('plain', { ...deadLetters }));
    assert.equal(dead.deadLetterReason, 'Unreadable');
    assert.equal(dead.deadLetterErrorDescription, 'spec.preset is missing');
    assert.equal(dead.deadLetterSource, 'plain');
    assert.equal(dead.messageId, 'evt-1');
    assert.equal(dead.correlationId, 'c');
    assert.deepEqual(dead.body, { kept: true });
    assert.equal(dead.applicationProperties?.['mine'], 1);
    assert.equal(dead.applicationProperties['added'], 'yes');
    assert.equal(dead.deliveryCount, 0, 'dead-lettering is no failed delivery');
  });

  it('takes a message dead-lettered without any reason', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages({ body: 1 });
    const receiver = client.createReceiver('plain');
    await receiver.deadLetterMessage(await receiveOne(receiver));
    const dead = await receiveOne(client.createReceiver('plain', { ...deadLetters }));
    assert.equal(dead.deadLetterReason, undefined);
  });

  it('receives a message abandoned as often as the queue allows', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages({ body: 1 });
    const receiver = client.createReceiver('plain');
    for (const attempt of [0, 1, 2]) {
      const message = await receiveOne(receiver);
      assert.equal(message.deliveryCount, attempt);
      await receiver.abandonMessage(message);
    }
    assert.deepEqual(await receiveAvailable(receiver), []);
    const dead = await receiveOne(client.createReceiver('plain', { ...deadLetters }));
    assert.equal(dead.deadLetterReason, 'MaxDeliveryCountExceeded');
    assert.match(dead.deadLetterErrorDescription ?? '', /3 delivery attempts/);
    assert.equal(dead.deliveryCount, 3);
  });

  it('receives a message whose lock ran out as often as the queue allows', async (context) => {
    const { client, broker } = await openBench(context);
    await client.createSender('plain').sendMessages({ body: 1 });
    const receiver = client.createReceiver('plain', { maxAutoLockRenewalDurationInMs: 0 });
    for (const attempt of [0, 1, 2]) assert.equal((await receiveOne(receiver)).deliveryCount, attempt);
    await until(() => broker.queueDepths()[places.plain]!.deadLettered === 1, 'the message is dead');
    const dead = await receiveOne(client.createReceiver('plain', { ...deadLetters }));
    assert.equal(dead.deadLetterReason, 'MaxDeliveryCountExceeded');
  });

  it('has no delivery limit of its own', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages({ body: 1 });
    const receiver = client.createReceiver('plain');
    await receiver.deadLetterMessage(await receiveOne(receiver), because('r'));
    const dead = client.createReceiver('plain', { ...deadLetters });
    for (let attempt = 0; attempt < 6; attempt += 1) await dead.abandonMessage(await receiveOne(dead));
    const message = await receiveOne(dead);
    assert.equal(message.deliveryCount, 6);
    assert.equal(message.deadLetterReason, 'r');
    await dead.completeMessage(message);
    assert.deepEqual(await receiveAvailable(dead), []);
  });

  it('locks, renews, defers and completes like any queue, but does not dead-letter again', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages({ body: 1 });
    const receiver = client.createReceiver('plain');
    await receiver.deadLetterMessage(await receiveOne(receiver));
    const dead = client.createReceiver('plain', { ...deadLetters, maxAutoLockRenewalDurationInMs: 0 });
    const message = await receiveOne(dead);
    await delay(lockDuration * 0.5);
    assert.ok((await dead.renewMessageLock(message)).getTime() > Date.now());
    await dead.deferMessage(message);
    const [deferred] = await dead.receiveDeferredMessages(message.sequenceNumber!);
    await assert.rejects(dead.deadLetterMessage(deferred!), /cannot be dead-lettered again/);
    await dead.completeMessage(deferred!);
    assert.deepEqual(await dead.peekMessages(10), []);
  });

  it('can be read destructively and emptied in order', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
    const receiver = client.createReceiver('plain');
    for (const message of (await receive(receiver, 3)).reverse()) await receiver.deadLetterMessage(message);
    const dead = client.createReceiver('plain', { ...deadLetters, receiveMode: 'receiveAndDelete' });
    assert.deepEqual(bodies(await receive(dead, 3)), [1, 2, 3]);
  });

  it('takes dead letters of a session queue, read without a session', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('session').sendMessages({ body: 1, sessionId: 'A' });
    const session = await client.acceptSession('session', 'A');
    await session.deadLetterMessage(await receiveOne(session), because('bad'));
    const dead = await receiveOne(client.createReceiver('session', { ...deadLetters }));
    assert.equal(dead.sessionId, 'A');
    assert.equal(dead.deadLetterReason, 'bad');
  });

  it('refuses messages sent to it', async (context) => {
    const { client } = await openBench(context);
    const sender = client.createSender('plain/$DeadLetterQueue');
    await assert.rejects(sender.sendMessages({ body: 1 }), /InvalidOperation/);
  });

  it('resends a dead letter to its queue as a new message', async (context) => {
    const { client } = await openBench(context);
    const sender = client.createSender('plain');
    await sender.sendMessages({ body: { n: 1 }, messageId: 'evt-1' });
    const receiver = client.createReceiver('plain');
    await receiver.deadLetterMessage(await receiveOne(receiver), because('r'));
    const dead = client.createReceiver('plain', { ...deadLetters });
    const message = await receiveOne(dead);
    await sender.sendMessages(message);
    await dead.completeMessage(message);
    const again = await receiveOne(receiver);
    assert.deepEqual([again.body, again.messageId, again.deliveryCount], [{ n: 1 }, 'evt-1', 0]);
    assert.deepEqual(await receiveAvailable(dead), []);
  });
});
