import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startBroker } from '../../../infra/local/servicebus/broker.ts';
import { openBench, places, temporaryFolder, testQueues } from './support/broker.ts';
import { because, bodies, receive, receiveOne } from './support/waiting.ts';

describe('after a restart', () => {
  it('everything is as it was: messages, counts, deferred, scheduled, dead letters, session state', async (context) => {
    const bench = await openBench(context);
    const { client } = bench;
    const sender = client.createSender('plain');
    await sender.sendMessages([
      { body: 'deferred', applicationProperties: { mine: 1 } },
      { body: 'dead' },
      { body: 'abandoned' },
      { body: 'locked' },
      { body: 'done' },
      {
        body: 'waiting',
        messageId: 'evt-6',
        correlationId: 'c',
        subject: 's',
        applicationProperties: { at: 3 },
      },
    ]);
    const receiver = client.createReceiver('plain');
    const [deferred, dead, abandoned, , done] = await receive(receiver, 5);
    await receiver.deferMessage(deferred!, { why: 'later' });
    await receiver.deadLetterMessage(dead!, because('bad'));
    await receiver.completeMessage(done!);
    await receiver.close();
    await client.createReceiver('plain').abandonMessage(abandoned!, { tried: true });
    await sender.scheduleMessages({ body: 'scheduled' }, new Date(Date.now() + 3_600_000));
    await client.createSender('session').sendMessages({ body: 's', sessionId: 'A' });
    const session = await client.acceptSession('session', 'A');
    await session.setSessionState({ cursor: 3 });
    const [lastNumber] = await sender.scheduleMessages({ body: 'soon' }, new Date(Date.now() + 500));
    await client.close();

    await bench.restart();
    const later = bench.connect();
    const again = later.createReceiver('plain');
    const messages = await receive(again, 4);
    assert.deepEqual(bodies(messages), ['abandoned', 'locked', 'waiting', 'soon']);
    assert.deepEqual(
      messages.map(({ deliveryCount }) => deliveryCount),
      [1, 0, 0, 0],
    );
    assert.deepEqual(messages[0]!.applicationProperties, { tried: true });
    assert.deepEqual([messages[2]!.messageId, messages[2]!.correlationId], ['evt-6', 'c']);
    assert.ok(messages[3]!.sequenceNumber!.greaterThan(lastNumber!), 'numbers never go back');
    const [fetched] = await again.receiveDeferredMessages(deferred!.sequenceNumber!);
    assert.deepEqual(fetched!.applicationProperties, { mine: 1, why: 'later' });
    const buried = await receiveOne(later.createReceiver('plain', { subQueueType: 'deadLetter' }));
    assert.deepEqual(
      [buried.body, buried.deadLetterReason, buried.deadLetterSource],
      ['dead', 'bad', 'plain'],
    );
    const sameSession = await later.acceptSession('session', 'A');
    assert.deepEqual(await sameSession.getSessionState(), { cursor: 3 });
    assert.equal((await receiveOne(sameSession)).body, 's');
    assert.equal(bench.broker.queueDepths()[places.plain]!.scheduled, 1);
  });

  it('what was consumed stays consumed, and new messages get higher numbers', async (context) => {
    const bench = await openBench(context);
    let highest = 0;
    for (let round = 0; round < 3; round += 1) {
      const client = bench.connect();
      await client.createSender('plain').sendMessages({ body: round });
      const receiver = client.createReceiver('plain', { receiveMode: 'receiveAndDelete' });
      const message = await receiveOne(receiver);
      assert.equal(message.body, round);
      assert.ok(Number(message.sequenceNumber) > highest);
      highest = Number(message.sequenceNumber);
      await client.close();
      await bench.restart();
    }
    assert.equal(bench.broker.idle(), true);
  });

  it('a second broker on the same folder is refused while the first one runs', async (context) => {
    const dataDirectory = temporaryFolder(context);
    const first = await startBroker({ config: testQueues, port: 0, dataDirectory, patience: 0 });
    context.after(() => first.stop());
    await assert.rejects(
      startBroker({ config: testQueues, port: 0, dataDirectory, patience: 0 }),
      /another broker running/,
    );
  });
});
