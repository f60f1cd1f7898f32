import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openBench, places } from './support/broker.ts';
import { receiveAvailable, receiveOne, until, withCode } from './support/waiting.ts';

const ignore = () => Promise.resolve();

describe('subscribed handlers', { concurrency: 6 }, () => {
  it('complete a message by returning', async (context) => {
    const { client, broker } = await openBench(context);
    await client.createSender('plain').sendMessages([{ body: 1 }, { body: 2 }]);
    const seen: unknown[] = [];
    client.createReceiver('plain').subscribe({
      processMessage: ({ body }) => {
        seen.push(body);
        return Promise.resolve();
      },
      processError: ignore,
    });
    await until(
      () => seen.length === 2 && broker.queueDepths()[places.plain]!.locked === 0,
      'both are settled',
    );
    assert.deepEqual(seen, [1, 2]);
    assert.equal(broker.queueDepths()[places.plain]!.active, 0);
  });

  it('abandon a message by throwing, until it is dead', async (context) => {
    const { client, broker } = await openBench(context);
    await client.createSender('plain').sendMessages({ body: 1 });
    const counts: (number | undefined)[] = [];
    const errors: string[] = [];
    client.createReceiver('plain').subscribe({
      processMessage: ({ deliveryCount }) => {
        counts.push(deliveryCount);
        return Promise.reject(new Error('handler failed'));
      },
      processError: ({ error, errorSource }) => {
        errors.push(`${errorSource}: ${error.message}`);
        return Promise.resolve();
      },
    });
    await until(() => broker.queueDepths()[places.plain]!.deadLettered === 1, 'the message is dead');
    assert.deepEqual(counts, [0, 1, 2]);
    assert.deepEqual(new Set(errors), new Set(['processMessageCallback: handler failed']));
  });

  it('run at most maxConcurrentCalls at once', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('plain').sendMessages(Array.from({ length: 12 }, (_, body) => ({ body })));
    let [running, most, done] = [0, 0, 0];
    client.createReceiver('plain').subscribe(
      {
        processMessage: async () => {
          running += 1;
          most = Math.max(most, running);
          await delay(40);
          running -= 1;
          done += 1;
        },
        processError: ignore,
      },
      { maxConcurrentCalls: 4 },
    );
    await until(() => done === 12, 'all were processed');
    assert.equal(most, 4);
  });

  it('settle by themselves when automatic completion is off', async (context) => {
    const { client, broker } = await openBench(context);
    await client.createSender('plain').sendMessages([{ body: 'complete' }, { body: 'leave' }]);
    const receiver = client.createReceiver('plain', { maxAutoLockRenewalDurationInMs: 0 });
    const seen: unknown[] = [];
    receiver.subscribe(
      {
        processMessage: async (message) => {
          seen.push(message.body);
          if (message.body === 'complete') await receiver.completeMessage(message);
        },
        processError: ignore,
      },
      { autoCompleteMessages: false },
    );
    await until(() => seen.length >= 3, 'the unsettled one comes again');
    assert.deepEqual(seen.slice(0, 3), ['complete', 'leave', 'leave']);
    assert.equal(broker.queueDepths()[places.plain]!.active + broker.queueDepths()[places.plain]!.locked, 1);
  });

  it('get messages sent while they wait, and none after they were closed', async (context) => {
    const { client, broker } = await openBench(context);
    const sender = client.createSender('plain');
    const receiver = client.createReceiver('plain');
    const seen: unknown[] = [];
    const subscription = receiver.subscribe({
      processMessage: ({ body }) => {
        seen.push(body);
        return Promise.resolve();
      },
      processError: ignore,
    });
    await delay(150);
    await sender.sendMessages({ body: 'during' });
    await until(() => seen.length === 1, 'it came');
    await subscription.close();
    await sender.sendMessages({ body: 'after' });
    await delay(200);
    assert.deepEqual(seen, ['during']);
    assert.equal(
      broker.queueDepths()[places.plain]!.active,
      1,
      'nothing is locked by the closed subscription',
    );
    await receiver.close();
  });

  it('go on after the broker came back from a restart', async (context) => {
    const bench = await openBench(context);
    const seen: unknown[] = [];
    bench.client.createReceiver('plain').subscribe({
      processMessage: ({ body }) => {
        seen.push(body);
        return Promise.resolve();
      },
      processError: ignore,
    });
    await bench.connect().createSender('plain').sendMessages({ body: 'before' });
    await until(() => seen.includes('before'), 'the first came');
    await bench.restart();
    await bench.connect().createSender('plain').sendMessages({ body: 'after' });
    await until(() => seen.includes('after'), 'the second came');
  });
});

describe('errors tell the client what is wrong', { concurrency: 6 }, () => {
  it('an unknown queue is MessagingEntityNotFound for senders, receivers and peeks', async (context) => {
    const { client } = await openBench(context);
    const missing = withCode('MessagingEntityNotFound');
    await assert.rejects(client.createSender('nowhere').sendMessages({ body: 1 }), missing);
    await assert.rejects(client.createReceiver('nowhere').receiveMessages(1), missing);
    await assert.rejects(client.createReceiver('nowhere').peekMessages(1), missing);
    await assert.rejects(client.acceptSession('nowhere', 'A'), missing);
  });

  it('a message above 256 KiB is MessageSizeExceeded, and the sender still works', async (context) => {
    const { client } = await openBench(context);
    const sender = client.createSender('plain');
    await assert.rejects(sender.sendMessages({ body: 'x'.repeat(300_000) }), withCode('MessageSizeExceeded'));
    await sender.sendMessages({ body: 'fits' });
    assert.equal((await receiveOne(client.createReceiver('plain'))).body, 'fits');
  });

  it('a session queue refuses messages without a session id, whole batches included', async (context) => {
    const { client, broker } = await openBench(context);
    const sender = client.createSender('session');
    await assert.rejects(sender.sendMessages({ body: 1 }), /SessionId was not set/);
    await assert.rejects(
      sender.sendMessages([{ body: 1, sessionId: 'A' }, { body: 2 }]),
      /SessionId was not set/,
    );
    assert.equal(broker.queueDepths()[places.session]!.active, 0, 'nothing of the batch was taken');
  });

  it('receivers with and without sessions need the right kind of queue', async (context) => {
    const { client } = await openBench(context);
    await assert.rejects(client.createReceiver('session').receiveMessages(1), /requires sessions/);
    // For a named session the SDK reports any refusal as this.
    await assert.rejects(client.acceptSession('plain', 'A'), withCode('SessionCannotBeLocked'));
    await assert.rejects(client.acceptNextSession('plain'), /does not require sessions/);
  });

  it('queue names are found whatever their case', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('PLAIN').sendMessages({ body: 1 });
    assert.equal((await receiveAvailable(client.createReceiver('Plain'))).length, 1);
  });
});
