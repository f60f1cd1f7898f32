import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { lockDuration, openBench, places } from './support/broker.ts';
import {
  because,
  bodies,
  receive,
  receiveAvailable,
  receiveOne,
  until,
  withCode,
} from './support/waiting.ts';

describe('locks of a plain queue', { concurrency: 6 }, () => {
  it('a completed message never comes again', async (context) => {
    const { client, broker } = await openBench(context);
    await client.createSender('plain').sendMessages({ body: 1 });
    const receiver = client.createReceiver('plain');
    await receiver.completeMessage(await receiveOne(receiver));
    await delay(lockDuration * 1.2);
    assert.deepEqual(await receiveAvailable(receiver), []);
    assert.equal(broker.idle(), true);
  });

  it('a locked message is hidden from other receivers and comes back when the lock runs out', async (context) => {
    const { client, connect } = await openBench(context);
    await client.createSender('plain').sendMessages({ body: 1 });
    const holder = client.createReceiver('plain', { maxAutoLockRenewalDurationInMs: 0 });
    const first = await receiveOne(holder);
    const other = connect().createReceiver('plain');
    assert.deepEqual(await receiveAvailable(other), []);
    const again = await receiveOne(other);
    assert.equal(again.deliveryCount, 1);
    assert.equal(String(again.sequenceNumber), String(first.sequenceNumber));
    assert.notEqual(again.lockToken, first.lockToken);
  });

  it('settling after the lock ran out fails with MessageLockLost', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }, { body: 4 }]);
    const receiver = client.createReceiver('plain', { maxAutoLockRenewalDurationInMs: 0 });
    const [first, second, third, fourth] = await receive(receiver, 4);
    await delay(lockDuration * 1.3);
    await assert.rejects(receiver.completeMessage(first!), withCode('MessageLockLost'));
    await assert.rejects(receiver.abandonMessage(second!), withCode('MessageLockLost'));
    await assert.rejects(receiver.deferMessage(third!), withCode('MessageLockLost'));
    await assert.rejects(receiver.renewMessageLock(fourth!), withCode('MessageLockLost'));
    assert.equal(
      (await receive(receiver, 4)).every((message) => message.deliveryCount === 1),
      true,
    );
  });

  it('a renewed lock holds longer', async (context) => {
    const { client, broker } = await openBench(context);
    await client.createSender('plain').sendMessages({ body: 1 });
    const receiver = client.createReceiver('plain', { maxAutoLockRenewalDurationInMs: 0 });
    const message = await receiveOne(receiver);
    let before = message.lockedUntilUtc!;
    for (let round = 0; round < 4; round += 1) {
      await delay(lockDuration * 0.5);
      const renewed = await receiver.renewMessageLock(message);
      assert.ok(renewed > before);
      before = renewed;
    }
    assert.equal(broker.queueDepths()[places.plain]!.locked, 1);
    await receiver.completeMessage(message);
    assert.equal(broker.queueDepths()[places.plain]!.active, 0);
  });

  it('an abandoned message comes back at once, in its old place, counted, with changed properties', async (context) => {
    const { client } = await openBench(context);
    await client
      .createSender('plain')
      .sendMessages([
        { body: 1, applicationProperties: { kept: 'yes', changed: 'no' } },
        { body: 2 },
        { body: 3 },
      ]);
    const receiver = client.createReceiver('plain');
    const message = await receiveOne(receiver);
    await receiver.abandonMessage(message, { changed: 'now', added: 5 });
    const all = await receive(receiver, 3);
    assert.deepEqual(bodies(all), [1, 2, 3]);
    assert.deepEqual(
      all.map(({ deliveryCount }) => deliveryCount),
      [1, 0, 0],
    );
    assert.deepEqual(all[0]!.applicationProperties, { kept: 'yes', changed: 'now', added: 5 });
  });

  it('messages outlive the receiver that holds them and can still be settled after it closed', async (context) => {
    const { client, broker } = await openBench(context);
    await client.createSender('plain').sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
    const closed = client.createReceiver('plain');
    const [first, second, third] = await receive(closed, 3);
    await closed.close();
    const receiver = client.createReceiver('plain');
    assert.deepEqual(await receiveAvailable(receiver), [], 'closing frees no lock');
    await receiver.completeMessage(first!);
    await receiver.deadLetterMessage(second!, because('late'));
    await receiver.abandonMessage(third!);
    assert.equal((await receiveOne(receiver)).deliveryCount, 1);
    assert.equal(broker.queueDepths()[places.plain]!.deadLettered, 1);
  });

  it('a client that vanishes loses its messages only when their locks run out', async (context) => {
    const { client, connect } = await openBench(context);
    await client.createSender('plain').sendMessages({ body: 1 });
    const vanishing = connect();
    await receiveOne(vanishing.createReceiver('plain'));
    await vanishing.close();
    const again = await receiveOne(client.createReceiver('plain'));
    assert.equal(again.deliveryCount, 1);
  });

  it('a slow handler keeps its message by automatic renewal', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages({ body: 1 });
    const receiver = client.createReceiver('plain', { maxAutoLockRenewalDurationInMs: 60_000 });
    const counts: (number | undefined)[] = [];
    let done = false;
    receiver.subscribe({
      processMessage: async ({ deliveryCount }) => {
        counts.push(deliveryCount);
        await delay(lockDuration * 2.5);
        done = true;
      },
      processError: () => Promise.resolve(),
    });
    await until(() => done, 'the handler ended');
    await delay(lockDuration * 0.3);
    assert.deepEqual(counts, [0]);
  });
});
