import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeRequest } from '../../../shared/events/decode-request.ts';
import { encodeReference } from '../../../shared/events/encode-event.ts';
import { EventType, Queue } from '../../../shared/events/event-types.ts';
import { redeliveredMessageId, redeliveryDelaySeconds } from '../../../shared/events/redelivery.ts';
import { document } from '../planning/workspaces.ts';

const reference = { cluster: 'main', namespace: 'default', name: 'phi', uid: 'u-1' };

describe('an event about a record', () => {
  const event = (occasion: string) =>
    encodeReference(Queue.workspaceCreated, EventType.workspaceCreated, reference, occasion);

  it('comes back as the reference it was sent with', () => {
    assert.deepEqual(decodeRequest(Queue.workspaceCreated, event('a').body), {
      ok: true,
      request: { kind: 'reference', reference },
    });
  });

  it('has the same id for the same occasion alone, so that duplicates are dropped and news is not', () => {
    assert.equal(event('a').messageId, event('a').messageId);
    assert.notEqual(event('a').messageId, event('b').messageId);
    assert.match(event('a').messageId, /u-1/);
  });

  it('has a session on the request queues only, within 128 characters however long the key', () => {
    const long = { ...reference, namespace: 'n'.repeat(63), name: 'x'.repeat(250) };
    const session = encodeReference(Queue.workspaceDeleted, EventType.workspaceDeleted, long, 'a').sessionId;
    assert.ok(session !== undefined && session.length <= 128);
    assert.equal(
      encodeReference(Queue.workloadReady, EventType.workloadReady, reference, 'a').sessionId,
      undefined,
    );
  });
});

describe('a request from outside', () => {
  const bare = document();
  const accepted: [what: string, body: unknown, path: string][] = [
    ['a bare Workspace', bare, ''],
    [
      'a CloudEvent around it',
      { specversion: '1.0', id: '1', source: '/me', type: 'dev.slipway.workspace.created', data: bare },
      'data.',
    ],
  ];
  for (const [what, body, path] of accepted) {
    it(`may be ${what}`, () => {
      const decoded = decodeRequest(Queue.workspaceCreated, JSON.stringify(body), 'west');
      assert.deepEqual(decoded, {
        ok: true,
        request: { kind: 'document', document: bare, cluster: 'west', path },
      });
    });
  }

  it('to delete needs a name alone', () => {
    assert.deepEqual(decodeRequest(Queue.workspaceDeleted, '{"name":"phi"}'), {
      ok: true,
      request: { kind: 'delete', namespace: 'default', name: 'phi', cluster: undefined },
    });
  });

  it('may be Azure’s own notice of a changed pool', () => {
    const resourceId = '/subscriptions/s/resourceGroups/g/providers/x';
    const body = {
      specversion: '1.0',
      id: '1',
      source: '/subscriptions/s',
      type: 'Microsoft.Resources.ResourceWriteSuccess',
      subject: resourceId,
      data: {},
    };
    assert.deepEqual(decodeRequest(Queue.nodeProvisioned, JSON.stringify(body)), {
      ok: true,
      request: { kind: 'azure-resource', resourceId },
    });
  });

  const refused: [what: string, queue: Queue, body: unknown, fields: string[]][] = [
    ['a list', Queue.workspaceCreated, [], ['']],
    ['a number', Queue.workspaceCreated, 7, ['']],
    [
      'an older CloudEvent',
      Queue.workspaceCreated,
      { specversion: '0.3' },
      ['specversion', 'id', 'source', 'type'],
    ],
    [
      'a CloudEvent without an id',
      Queue.workspaceCreated,
      { specversion: '1.0', type: 't' },
      ['id', 'source'],
    ],
    [
      'a CloudEvent without data',
      Queue.workspaceCreated,
      { specversion: '1.0', id: '1', source: '/me', type: 't' },
      ['data'],
    ],
    ['a delete without a name', Queue.workspaceDeleted, { namespace: 'default' }, ['name']],
    ['a fact without a uid', Queue.workloadReady, { cluster: 'c', namespace: 'n', name: 'x' }, ['uid']],
  ];
  for (const [what, queue, body, fields] of refused) {
    it(`is refused by the field when it is ${what}`, () => {
      const decoded = decodeRequest(queue, JSON.stringify(body));
      assert.deepEqual(decoded.ok ? [] : decoded.faults.map(({ field }) => field), fields);
    });
  }
});

describe('a message that comes back', () => {
  it('waits longer each time, up to five minutes, and never less than asked for', () => {
    assert.deepEqual(
      [0, 1, 2, 50].map((attempt) => redeliveryDelaySeconds(attempt, undefined)),
      [5, 10, 20, 300],
    );
    assert.equal(redeliveryDelaySeconds(0, 900), 900);
  });

  it('has another id each time, which still fits', () => {
    assert.equal(redeliveredMessageId('m', 1), 'm.attempt-1');
    assert.equal(redeliveredMessageId('m.attempt-1', 2), 'm.attempt-2');
    assert.equal(redeliveredMessageId('x'.repeat(128), 10).length, 128);
  });
});
