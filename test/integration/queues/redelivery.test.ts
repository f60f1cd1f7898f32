import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, it } from 'node:test';
import { ServiceBusClient } from '@azure/service-bus';
import type { ServiceBusReceivedMessage } from '@azure/service-bus';
import { PlatformHarness } from '../../harness/platform.ts';
import { phaseOf, workspaceDocument } from '../../harness/workspaces.ts';
import { readRejected, untilPrepared } from '../api/support/answers.ts';

const queue = 'workspace-created';
/** Real milliseconds: Service Bus schedules in real time, five seconds for a first copy. */
const longestWait = 60_000;

describe('messages that cannot be handled now', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await PlatformHarness.start();
    await untilPrepared(platform);
  });
  after(() => platform.stop());

  /** All messages of the queue, or of its dead letters. A client goes on peeking where it stopped, so each look has its own. */
  const peek = async (subQueueType?: 'deadLetter'): Promise<ServiceBusReceivedMessage[]> => {
    const client = new ServiceBusClient(platform.broker.connectionString);
    try {
      return await client.createReceiver(queue, { ...(subQueueType && { subQueueType }) }).peekMessages(100);
    } finally {
      await client.close();
    }
  };
  const eventually = async (what: string, holds: () => Promise<boolean> | boolean): Promise<void> => {
    for (const deadline = Date.now() + longestWait; !(await holds());) {
      if (Date.now() > deadline) throw new Error(`still not: ${what}\n${platform.tail()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const depth = () => platform.broker.queueDepths().find((found) => found.queue === queue)!;

  it('come back as a copy of their own id that keeps the first time, and are done once the fault has passed', async () => {
    platform.cluster.api.setFaults([
      { action: 'status', code: 503, match: { resource: 'workspaces', name: 'postponed' } },
    ]);
    const body = workspaceDocument('postponed');
    for (const messageId of ['first', undefined, 'f'.repeat(128)])
      await platform.send(queue, body, { sessionId: 'postponed', ...(messageId && { messageId }) });
    await platform.quiet();
    assert.equal(depth().active, 0, 'the originals are completed');
    assert.equal(depth().scheduled, 3, 'one copy each, none taken for another');
    const copies = (await peek()).filter(({ state }) => state === 'scheduled');
    const ids = copies.map(({ messageId }) => String(messageId));
    assert.equal(ids[0], 'first.attempt-1');
    assert.match(ids[1] ?? '', /^(sequence-\d+|[0-9a-f]{32})\.attempt-1$/);
    assert.match(ids[2] ?? '', /^f+-[0-9a-f]{32}\.attempt-1$/);
    for (const { applicationProperties, sessionId, messageId } of copies) {
      assert.equal(sessionId, 'postponed');
      assert.equal(applicationProperties?.['attempt'], 1);
      const asked = Date.parse(String(applicationProperties['requestedAt']));
      assert.ok(asked <= platform.clock.now(), String(messageId));
    }
    assert.equal(phaseOf(platform, 'postponed'), 'Gone');
    const asked = String(copies[0]?.applicationProperties?.['requestedAt']);

    platform.cluster.api.setFaults([]);
    await eventually('the copies are handled', () => depth().scheduled === 0 && depth().active === 0);
    await platform.quiet();
    assert.notEqual(phaseOf(platform, 'postponed'), 'Gone');
    const record = (await platform.request('GET', '/workspaces/default/postponed')).text;
    assert.ok(record.includes(`"slipway.dev/accepted-at":"${asked}"`), 'the record tells the first time');
    assert.deepEqual(readRejected((await platform.request('GET', '/rejected')).json), []);
  });

  it('wait for a workspace of that name to be gone, and then make the new one', async () => {
    await platform.until('on its way', () => phaseOf(platform, 'postponed') === 'Ready');
    await platform.request('DELETE', '/workspaces/default/postponed');
    await platform.send(queue, workspaceDocument('postponed'), {
      sessionId: 'again',
      messageId: 'successor',
    });
    await platform.quiet();
    assert.ok((await peek()).some(({ messageId }) => messageId === 'successor.attempt-1'));
    await platform.until('gone', () => phaseOf(platform, 'postponed') === 'Gone');
    // Its 15 seconds are real ones; that a scheduled copy is handled is shown above.
    const [copy] = await peek();
    assert.equal(copy?.state, 'scheduled');
  });

  it('are rejected when they have been tried for a day', async () => {
    platform.cluster.api.setFaults([
      { action: 'status', code: 503, match: { resource: 'workspaces', name: 'hopeless' } },
    ]);
    const triedSince = new Date(Date.now() - 25 * 3_600_000).toISOString();
    await platform.send(queue, workspaceDocument('hopeless'), {
      sessionId: 'hopeless',
      messageId: 'hopeless.attempt-290',
      applicationProperties: { attempt: 290, triedSince, requestedAt: triedSince },
    });
    await platform.quiet();
    platform.cluster.api.setFaults([]);
    const items = readRejected((await platform.request('GET', '/rejected')).json);
    const item = items.find(({ messageId }) => messageId === 'hopeless.attempt-290');
    assert.equal(item?.reason, 'RetriesExhausted');
    assert.match(item.description, /ClusterUnreachable/);
  });

  it('end among the dead letters, whole, when their handler crashes every time', async (test) => {
    const { request } = http;
    // The client of the Durable endpoint goes through here; a broken endpoint is no error that the handler knows.
    const calls = test.mock.method(http, 'request', (...given: Parameters<typeof request>) => {
      if (JSON.stringify(given[0]).includes('durabletask')) throw new TypeError('the Durable client broke');
      return request(...given);
    });
    const body = { cluster: 'demo', namespace: 'default', name: 'crash', uid: 'crash' };
    await platform.send(queue, body, { sessionId: 'crash', messageId: 'crash' });
    await eventually('ten deliveries', () => depth().deadLettered === 1);
    calls.mock.restore();
    await platform.quiet();
    const [dead] = await peek('deadLetter');
    assert.equal(dead?.messageId, 'crash');
    assert.equal(dead.deadLetterReason, 'MaxDeliveryCountExceeded');
    assert.deepEqual(dead.body, body);
  });
});
