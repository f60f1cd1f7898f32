import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { PlatformHarness } from '../../harness/platform.ts';
import { workspaceDocument } from '../../harness/workspaces.ts';
import { readRejected, readStatus, untilPrepared } from './support/answers.ts';
import { ApiDocument } from './support/api-document.ts';
import { brokenBodies } from './support/broken-bodies.ts';

const document = ApiDocument.read();

describe('broken bodies at both doors', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await PlatformHarness.start();
    await untilPrepared(platform);
  });
  after(() => platform.stop());

  const workspaces = { group: 'kaito.sh', version: 'v1beta1', plural: 'workspaces' };

  for (const { what, body, status, fields, says, nameless = false } of brokenBodies) {
    it(`refuses ${what} over HTTP`, async () => {
      const answer = await platform.request('POST', '/workspaces', body);
      // Nothing says whether it is JSON or YAML: the text decides.
      const unnamed = await platform.request('POST', '/workspaces', body, 'text/plain');
      const put = nameless
        ? answer
        : await platform.request('PUT', '/workspaces/default/broken', body, 'text/plain');
      assert.equal(unnamed.status, status, unnamed.text);
      document.check('createWorkspace', answer);
      document.check('createWorkspace', unnamed);
      document.check('putWorkspace', put);
      assert.ok(answer.status >= 400 && answer.status < 500 && put.status < 500 && put.status >= 400);
      const told = readStatus(unnamed.json);
      const found = told.details.causes.map(({ field }) => field);
      for (const field of fields)
        assert.ok(found.includes(field), `${field} is not among ${found.join(', ')}`);
      assert.match(`${told.message} ${JSON.stringify(told.details.causes)}`, says);
    });
  }

  it('puts each of them from the queue among the rejected, with body and reason, and starts nothing', async () => {
    for (const [index, { body }] of brokenBodies.entries()) {
      await platform.send('workspace-created', body, {
        messageId: `broken-${index}`,
        sessionId: `session-${index % 8}`,
      });
    }
    await platform.quiet();
    const { json } = await platform.request('GET', '/rejected?limit=100');
    document.checkSchema('RejectedList', json);
    const rejected = new Map(readRejected(json).map((item) => [item.messageId, item]));
    assert.equal(rejected.size, brokenBodies.length);
    for (const [index, { what, body, fields, says, status }] of brokenBodies.entries()) {
      const item = rejected.get(`broken-${index}`);
      assert.ok(item, `${what} is not among the rejected`);
      assert.equal(item.queue, 'workspace-created');
      assert.ok(['MessageInvalid', 'WorkspaceInvalid'].includes(item.reason), item.reason);
      for (const field of fields)
        assert.ok(field === '' || item.description.includes(field), `${what}: ${item.description}`);
      if (status !== 413 && body !== '') assert.match(item.description, says, what);
      if (status !== 413) assert.deepEqual(item.body, asShown(body), what);
    }
    assert.deepEqual(platform.store.list(workspaces), []);
    assert.ok(platform.broker.queueDepths().every(({ deadLettered }) => deadLettered === 0));
  });

  it('refuses a chunked body as soon as it is too large, and one that is not what its headers say', async () => {
    assert.equal(await sendRaw({ 'transfer-encoding': 'chunked' }, 'x'.repeat(400_000)), 413);
    const valid = JSON.stringify(workspaceDocument('encoded'));
    assert.equal(await sendRaw({ 'content-encoding': 'gzip' }, valid), 415);
    assert.equal(await sendRaw({}, Buffer.from(valid, 'utf16le')), 400);
    assert.equal(await sendRaw({ 'content-type': 'multipart/form-data; boundary=x' }, valid), 415);
  });

  it('takes no header from a body or a query', async () => {
    const answer = await platform.request(
      'POST',
      '/workspaces?cluster=demo%0d%0aX-Injected:%201',
      workspaceDocument('x'),
    );
    assert.equal(answer.status, 404);
    assert.equal(answer.headers.get('x-injected'), null);
  });

  /** The status that a POST with these very headers and bytes is answered with. */
  const sendRaw = (headers: Record<string, string>, body: string | Buffer): Promise<number> =>
    new Promise((resolve, reject) => {
      const sending = httpRequest(`${platform.host.url}/api/workspaces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
      });
      sending.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sending.on('error', reject);
      sending.end(body);
    });
});

/** Bodies are shown as JSON where they are JSON. */
function asShown(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
