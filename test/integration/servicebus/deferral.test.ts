import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { lockDuration, openBench } from './support/broker.ts';
import { receiveAvailable, receiveOne, withCode } from './support/waiting.ts';

describe('deferred messages', { concurrency: 6 }, () => {
  it('are passed over by receivers and fetched by number, with changed properties', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages({ body: 'later', applicationProperties: { a: 1 } });
    const receiver = client.createReceiver('plain');
    const message = await receiveOne(receiver);
    await receiver.deferMessage(message, { a: 2, b: 'x' });
    assert.deepEqual(await receiveAvailable(receiver), []);
    const [deferred] = await receiver.receiveDeferredMessages(message.sequenceNumber!);
    assert.equal(deferred!.state, 'deferred');
    assert.equal(deferred!.body, 'later');
    assert.deepEqual(deferred!.applicationProperties, { a: 2, b: 'x' });
    assert.equal(deferred!.deliveryCount, 1, 'as the SDK tests pin it: deferring counts');
    await receiver.completeMessage(deferred!);
    assert.deepEqual(await receiver.peekMessages(10), []);
  });

  it('stay deferred when abandoned or deferred again', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages({ body: 1 });
    const receiver = client.createReceiver('plain');
    const message = await receiveOne(receiver);
    await receiver.deferMessage(message);
    const [first] = await receiver.receiveDeferredMessages(message.sequenceNumber!);
    await receiver.abandonMessage(first!);
    assert.deepEqual(await receiveAvailable(receiver), []);
    const [second] = await receiver.receiveDeferredMessages(message.sequenceNumber!);
    assert.equal(second!.deliveryCount, 2);
    await receiver.deferMessage(second!);
    const [third] = await receiver.receiveDeferredMessages(message.sequenceNumber!);
    assert.equal(third!.deliveryCount, 3);
    await receiver.completeMessage(third!);
  });

  it('can be dead-lettered with a reason', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages({ body: 1 });
    const receiver = client.createReceiver('plain');
    const message = await receiveOne(receiver);
    await receiver.deferMessage(message);
    const [deferred] = await receiver.receiveDeferredMessages(message.sequenceNumber!);
    await receiver.deadLetterMessage(deferred!, {
      deadLetterReason: 'r',
      deadLetterErrorDescription: 'd',
      extra: 1,
    });
    const dead = await receiveOne(client.createReceiver('plain', { subQueueType: 'deadLetter' }));
    assert.deepEqual([dead.deadLetterReason, dead.deadLetterErrorDescription], ['r', 'd']);
    assert.equal(dead.applicationProperties?.['extra'], 1);
    assert.equal(dead.deliveryCount, 1);
  });

  it('are locked while fetched, renewable, and free again when the lock runs out', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages({ body: 1 });
    const receiver = client.createReceiver('plain', { maxAutoLockRenewalDurationInMs: 0 });
    const message = await receiveOne(receiver);
    await receiver.deferMessage(message);
    const { sequenceNumber } = message;
    const [held] = await receiver.receiveDeferredMessages(sequenceNumber!);
    await assert.rejects(receiver.receiveDeferredMessages(sequenceNumber!), withCode('MessageNotFound'));
    await delay(lockDuration * 0.4);
    const lockedUntil = held!.lockedUntilUtc!;
    assert.ok((await receiver.renewMessageLock(held!)) > lockedUntil);
    await delay(lockDuration * 1.3);
    await assert.rejects(receiver.completeMessage(held!), withCode('MessageLockLost'));
    const [again] = await receiver.receiveDeferredMessages(sequenceNumber!);
    assert.equal(again!.deliveryCount, 2);
  });

  it('are removed at once when fetched destructively', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages({ body: 1 });
    const receiver = client.createReceiver('plain');
    const message = await receiveOne(receiver);
    await receiver.deferMessage(message);
    const taker = client.createReceiver('plain', { receiveMode: 'receiveAndDelete' });
    const [taken] = await taker.receiveDeferredMessages([message.sequenceNumber!]);
    assert.equal(taken!.body, 1);
    assert.deepEqual(await taker.peekMessages(1), []);
  });

  it('asking for a number that is not deferred fails with MessageNotFound and takes nothing', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages([{ body: 1 }, { body: 2 }]);
    const receiver = client.createReceiver('plain');
    const message = await receiveOne(receiver);
    await receiver.deferMessage(message);
    const both = [message.sequenceNumber!, message.sequenceNumber!.add(987_654)];
    await assert.rejects(receiver.receiveDeferredMessages(both), withCode('MessageNotFound'));
    assert.equal((await receiver.receiveDeferredMessages(message.sequenceNumber!)).length, 1);
    assert.deepEqual(await receiver.receiveDeferredMessages([]), []);
  });
});
