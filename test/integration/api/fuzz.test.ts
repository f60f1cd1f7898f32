import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { PlatformHarness } from '../../harness/platform.ts';
import { workspaceDocument } from '../../harness/workspaces.ts';
import { documents } from '../../property/core/broken-documents.ts';
import { seed } from '../../property/core/seed.ts';
import { untilPrepared } from './support/answers.ts';
import { ApiDocument } from './support/api-document.ts';

const document = ApiDocument.read();
const overHttp = 300;
const overQueues = 150;

/** Text with a few characters cut out, doubled, or replaced by ones that mean something. */
const mangled = (text: string): fc.Arbitrary<string> =>
  fc
    .array(
      fc.record({
        at: fc.nat(text.length),
        length: fc.nat(12),
        put: fc.constantFrom(
          '',
          '"',
          '{',
          ']',
          ': ',
          '\n',
          '\u0000',
          '&a ',
          '*a',
          '\\',
          '\uD800',
          '🙂',
          '-1',
          'null',
          '\t',
        ),
      }),
      { minLength: 1, maxLength: 4 },
    )
    .map((cuts) =>
      cuts.reduce(
        (mangling, { at, length, put }) => mangling.slice(0, at) + put + mangling.slice(at + length),
        text,
      ),
    );

const event = (data: unknown): unknown => ({ specversion: '1.0', id: 'x', source: '/x', type: 'x', data });
const name = (text: string): string => `fuzz-${text}`;
const whole = workspaceDocument(name('whole'));
const bodies: fc.Arbitrary<string> = fc.oneof(
  documents.map((made) => JSON.stringify(made)),
  documents.map((made) => stringify(made)),
  documents.map((made) => JSON.stringify(event(made))),
  fc.json(),
  mangled(JSON.stringify(whole)),
  mangled(stringify(whole)),
  mangled(JSON.stringify(event(whole))),
  mangled(JSON.stringify({ cluster: 'demo', namespace: 'default', name: 'fuzz-x', uid: 'x' })),
);

describe('mutated documents at both doors', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await PlatformHarness.start();
    await untilPrepared(platform);
  });
  after(() => platform.stop());

  it('never get an answer that the document of the API does not know, and never a 500', async () => {
    const chosen = seed('fuzz over HTTP');
    const requests = fc.record({
      body: bodies,
      type: fc.constantFrom('application/json', 'application/yaml', 'text/plain'),
      operation: fc.constantFrom('createWorkspace', 'putWorkspace'),
    });
    for (const { body, type, operation } of fc.sample(requests, { seed: chosen, numRuns: overHttp })) {
      const [method, path] =
        operation === 'createWorkspace' ? ['POST', '/workspaces'] : ['PUT', '/workspaces/default/fuzz-put'];
      const answer = await platform.request(method, path, body, type);
      assert.notEqual(answer.status, 500, body);
      document.check(operation, answer);
    }
  });

  it('never get lost in a queue: each is handled or among the rejected, none among the dead letters', async () => {
    const chosen = seed('fuzz over the queues');
    const messages = fc.record({
      body: bodies,
      queue: fc.constantFrom(
        'workspace-created',
        'workspace-created',
        'workspace-deleted',
        'node-provisioned',
        'workload-ready',
      ),
    });
    const sample = fc.sample(messages, { seed: chosen, numRuns: overQueues });
    const depth = (queue: string) => platform.broker.queueDepths().find((found) => found.queue === queue)!;
    const rejectedBefore = depth('workspace-rejected').active;
    for (const [index, { body, queue }] of sample.entries()) {
      const session = queue.startsWith('workspace-') ? { sessionId: `fuzz-${index % 16}` } : {};
      await platform.send(queue, body, { ...session, messageId: `fuzz-${index}` });
    }
    await platform.quiet();
    const rejected = depth('workspace-rejected').active - rejectedBefore;
    assert.ok(rejected > overQueues / 3 && rejected <= overQueues, `${rejected} were rejected`);
    assert.ok(
      platform.broker.queueDepths().every(({ deadLettered }) => deadLettered === 0),
      platform.tail(),
    );
    assert.deepEqual(
      platform.logLines.filter((line) => line.includes("Executed 'Functions.w") && line.includes('(Failed')),
      [],
    );
  });
});
