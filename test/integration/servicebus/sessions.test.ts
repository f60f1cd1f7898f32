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

const manual = { maxAutoLockRenewalDurationInMs: 0 };

describe('sessions', { concurrency: 6 }, () => {
  it('a named session gives its own messages, in order', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('session').sendMessages([
      { body: 'a1', sessionId: 'A' },
      { body: 'b1', sessionId: 'B' },
      { body: 'a2', sessionId: 'A' },
      { body: 'b2', sessionId: 'B' },
    ]);
    const b = await client.acceptSession('session', 'B');
    const a = await client.acceptSession('session', 'A');
    assert.deepEqual(bodies(await receive(b, 2)), ['b1', 'b2']);
    const received = await receive(a, 2);
    assert.deepEqual(bodies(received), ['a1', 'a2']);
    assert.equal(received[0]!.sessionId, 'A');
    assert.deepEqual(await receiveAvailable(a), []);
  });

  it('a session can be accepted before it has messages', async (context) => {
    const { client } = await openBench(context);
    const session = await client.acceptSession('session', 'future');
    assert.ok(session.sessionLockedUntilUtc > new Date());
    const waiting = session.receiveMessages(1, { maxWaitTimeInMs: 20_000 });
    await client.createSender('session').sendMessages({ body: 1, sessionId: 'future' });
    assert.deepEqual(bodies(await waiting), [1]);
  });

  it('a held session is refused to others with SessionCannotBeLocked, until it is closed', async (context) => {
    const { client, connect } = await openBench(context);
    const first = await client.acceptSession('session', 'A');
    const other = connect();
    await assert.rejects(other.acceptSession('session', 'A'), withCode('SessionCannotBeLocked'));
    await first.close();
    await (await other.acceptSession('session', 'A')).close();
  });

  it('"next available" gives each waiting receiver a session of its own', async (context) => {
    const { client, connect } = await openBench(context);
    await client.createSender('session').sendMessages([
      { body: 1, sessionId: 'A' },
      { body: 2, sessionId: 'B' },
      { body: 3, sessionId: 'C' },
    ]);
    const sessions = await Promise.all(
      [client, connect(), connect()].map((each) => each.acceptNextSession('session')),
    );
    assert.deepEqual(sessions.map(({ sessionId }) => sessionId).sort(), ['A', 'B', 'C']);
    await assert.rejects(client.acceptNextSession('session'), isNoSession);
  });

  it('"next available" waits for a session with messages', async (context) => {
    const { client } = await openBench(context);
    const accepting = client.acceptNextSession('session');
    await delay(200);
    await client.createSender('session').sendMessages({ body: 1, sessionId: 'late' });
    assert.equal((await accepting).sessionId, 'late');
  });

  it('"next available" without any session fails as the service does, and leaves nothing behind', async (context) => {
    const { client } = await openBench(context);
    await assert.rejects(client.acceptNextSession('session'), isNoSession);
    await client.createSender('session').sendMessages({ body: 1, sessionId: 'A' });
    await (await client.acceptSession('session', 'A')).close();
  });

  it('closing a session returns its messages uncounted', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('session').sendMessages([
      { body: 1, sessionId: 'A' },
      { body: 2, sessionId: 'A' },
    ]);
    for (let round = 0; round < 5; round += 1) {
      const session = await client.acceptSession('session', 'A');
      const messages = await receive(session, 2);
      assert.deepEqual(
        messages.map(({ body, deliveryCount }): unknown => [body, deliveryCount]),
        [
          [1, 0],
          [2, 0],
        ],
      );
      await session.close();
    }
  });

  it('a vanished client gives its session back', async (context) => {
    const { client, connect } = await openBench(context);
    await client.createSender('session').sendMessages({ body: 1, sessionId: 'A' });
    const vanishing = connect();
    await receiveOne(await vanishing.acceptSession('session', 'A', manual));
    await vanishing.close();
    assert.equal((await receiveOne(await client.acceptSession('session', 'A'))).deliveryCount, 0);
  });

  it('an abandoned message of a session comes again first, counted', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('session').sendMessages([
      { body: 1, sessionId: 'A' },
      { body: 2, sessionId: 'A' },
    ]);
    const session = await client.acceptSession('session', 'A');
    await session.abandonMessage(await receiveOne(session));
    const again = await receive(session, 2);
    assert.deepEqual(
      again.map(({ body, deliveryCount }): unknown => [body, deliveryCount]),
      [
        [1, 1],
        [2, 0],
      ],
    );
  });

  it('a session whose lock runs out goes to others, its messages counted, and the old holder is told', async (context) => {
    const { client, connect } = await openBench(context);
    await client.createSender('session').sendMessages({ body: 1, sessionId: 'A' });
    const lost = await client.acceptSession('session', 'A', manual);
    const message = await receiveOne(lost);
    await delay(lockDuration * 1.3);
    const other = await connect().acceptSession('session', 'A');
    assert.equal((await receiveOne(other)).deliveryCount, 1);
    await assert.rejects(lost.completeMessage(message), withCode('SessionLockLost'));
    await assert.rejects(lost.receiveMessages(1, { maxWaitTimeInMs: 300 }), /SessionLockLost|session lock/i);
  });

  it('losing a session as often as the queue allows kills its messages', async (context) => {
    const { client, broker } = await openBench(context);
    await client.createSender('session').sendMessages({ body: 1, sessionId: 'A' });
    for (const attempt of [0, 1, 2]) {
      const session = await client.acceptSession('session', 'A', manual);
      assert.equal((await receiveOne(session)).deliveryCount, attempt);
      await until(() => broker.queueDepths()[places.session]!.locked === 0, 'the lock ran out');
    }
    assert.equal(broker.queueDepths()[places.session]!.deadLettered, 1);
  });

  it('a renewed session lock holds longer', async (context) => {
    const { client, connect } = await openBench(context);
    await client.createSender('session').sendMessages({ body: 1, sessionId: 'A' });
    const session = await client.acceptSession('session', 'A', manual);
    const message = await receiveOne(session);
    let before = session.sessionLockedUntilUtc;
    for (let round = 0; round < 4; round += 1) {
      await delay(lockDuration * 0.5);
      const renewed = await session.renewSessionLock();
      assert.ok(renewed > before);
      before = renewed;
    }
    await assert.rejects(connect().acceptSession('session', 'A'), withCode('SessionCannotBeLocked'));
    await session.completeMessage(message);
  });

  it('state stays with the session after it is closed, and an empty state clears it', async (context) => {
    const { client } = await openBench(context);
    const first = await client.acceptSession('session', 'A');
    assert.equal(await first.getSessionState(), null);
    await first.setSessionState({ cursor: 7 });
    assert.deepEqual(await first.getSessionState(), { cursor: 7 });
    await first.close();
    const second = await client.acceptSession('session', 'A');
    assert.deepEqual(await second.getSessionState(), { cursor: 7 });
    await second.setSessionState('');
    assert.ok(!(await second.getSessionState()));
    await second.setSessionState(null);
    assert.equal(await second.getSessionState(), null);
    const other = await client.acceptSession('session', 'B');
    assert.equal(await other.getSessionState(), null);
  });

  it('peeking a session shows that session only', async (context) => {
    const { client } = await openBench(context);
    await client.createSender('session').sendMessages([
      { body: 'a', sessionId: 'A' },
      { body: 'b', sessionId: 'B' },
    ]);
    const session = await client.acceptSession('session', 'B');
    assert.deepEqual(bodies(await session.peekMessages(10)), ['b']);
  });

  it('messages of a session can be deferred, fetched and dead-lettered', async (context) => {
    const { client, broker } = await openBench(context);
    await client.createSender('session').sendMessages([
      { body: 1, sessionId: 'A' },
      { body: 2, sessionId: 'A' },
    ]);
    const session = await client.acceptSession('session', 'A');
    const message = await receiveOne(session);
    await session.deferMessage(message);
    assert.equal((await receiveOne(session)).body, 2);
    const [deferred] = await session.receiveDeferredMessages(message.sequenceNumber!);
    assert.deepEqual([deferred!.body, deferred!.sessionId], [1, 'A']);
    await session.deadLetterMessage(deferred!, because('r'));
    assert.equal(broker.queueDepths()[places.session]!.deadLettered, 1);
  });

  it('sessions can be read destructively', async (context) => {
    const { client, broker } = await openBench(context);
    await client.createSender('session').sendMessages([
      { body: 1, sessionId: 'A' },
      { body: 2, sessionId: 'A' },
    ]);
    const session = await client.acceptNextSession('session', { receiveMode: 'receiveAndDelete' });
    assert.deepEqual(bodies(await receive(session, 2)), [1, 2]);
    assert.equal(broker.queueDepths()[places.session]!.active, 0);
  });

  it('a subscribed session handles its messages one after the other, and keeps its lock meanwhile', async (context) => {
    const { client } = await openBench(context);
    await client
      .createSender('session')
      .sendMessages(Array.from({ length: 5 }, (_, body) => ({ body, sessionId: 'A' })));
    const session = await client.acceptNextSession('session', { maxAutoLockRenewalDurationInMs: 60_000 });
    const seen: unknown[] = [];
    let running = 0;
    let overlapped = false;
    session.subscribe({
      processMessage: async ({ body }) => {
        running += 1;
        overlapped ||= running > 1;
        await delay(lockDuration * 0.35);
        running -= 1;
        seen.push(body);
      },
      processError: () => Promise.resolve(),
    });
    await until(() => seen.length === 5, 'all were handled');
    assert.deepEqual(seen, [0, 1, 2, 3, 4]);
    assert.equal(overlapped, false);
  });

  it('many sessions are worked off by several receivers, each in order', async (context) => {
    const { client, connect } = await openBench(context);
    const sessions = Array.from({ length: 12 }, (_, index) => `s${index}`);
    const sender = client.createSender('session');
    for (let step = 0; step < 4; step += 1) {
      await sender.sendMessages(sessions.map((sessionId) => ({ sessionId, body: step })));
    }
    const seen = new Map<string, unknown[]>(sessions.map((name) => [name, []]));
    const work = async () => {
      const own = connect();
      for (;;) {
        const session = await own.acceptNextSession('session').catch(() => undefined);
        if (session === undefined) return;
        for (const message of await receive(session, 4)) {
          seen.get(session.sessionId)!.push(message.body);
          await session.completeMessage(message);
        }
        await session.close();
        if ([...seen.values()].every((steps) => steps.length === 4)) return;
      }
    };
    await Promise.all([work(), work(), work()]);
    for (const steps of seen.values()) assert.deepEqual(steps, [0, 1, 2, 3]);
  });
});

/** The SDK's own tests allow either. */
function isNoSession(error: unknown): boolean {
  return withCode('ServiceTimeout')(error) || withCode('SessionCannotBeLocked')(error);
}
