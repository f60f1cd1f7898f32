import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { ApiAnswer } from '../../harness/platform.ts';
import { PlatformHarness } from '../../harness/platform.ts';
import { phaseOf, tuningDocument, workspaceDocument } from '../../harness/workspaces.ts';
import { readList, readRejected, readStatus, untilPrepared } from './support/answers.ts';
import { ApiDocument } from './support/api-document.ts';

const document = ApiDocument.read();

describe('the HTTP API and its document', () => {
  let platform: PlatformHarness;
  /** `operation status` pairs that were seen and were as documented. */
  const seen = new Set<string>();
  before(async () => {
    platform = await PlatformHarness.start({ disabledTriggers: ['timerTrigger'] });
  });
  after(() => platform.stop());

  /** Sends, and holds the answer to the document. */
  const expect = async (
    operationId: string,
    status: number,
    path: string,
    { body, type }: { body?: unknown; type?: string } = {},
  ): Promise<ApiAnswer> => {
    const answer = await platform.request(document.find(operationId).method, path, body, type);
    assert.equal(answer.status, status, `${operationId} ${path}: ${answer.text}`);
    document.check(operationId, answer);
    seen.add(`${operationId} ${status}`);
    return answer;
  };
  const example = '/workspaces/default/example';

  it('has a function for each operation, and an operation for each function', () => {
    const registered = platform.host.functions().flatMap(({ trigger: { type, options } }) => {
      if (type.toLowerCase() !== 'httptrigger') return [];
      const methods = Array.isArray(options['methods']) ? options['methods'].map(String) : [];
      return methods.map(
        (method) => `${method} /${String(options['route'])} ${String(options['authLevel'])}`,
      );
    });
    const documented = document.operations.map(
      ({ method, path, secured }) => `${method} ${path} ${secured ? 'function' : 'anonymous'}`,
    );
    assert.deepEqual(registered.toSorted(), documented.toSorted());
  });

  it('declares exactly the parameters of each path', () => {
    for (const { path, parameters, id } of document.operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      assert.deepEqual(declared, inPath, id);
    }
  });

  it('answers 503 with Retry-After until the cluster is prepared', async () => {
    await expect('health', 503, '/healthz');
    const body = workspaceDocument('example');
    const answers = [
      await expect('createWorkspace', 503, '/workspaces', { body }),
      await expect('putWorkspace', 503, example, { body }),
      await expect('listWorkspaces', 503, '/workspaces'),
      await expect('getWorkspace', 503, example),
      await expect('deleteWorkspace', 503, example),
      await expect('listWorkspaceEvents', 503, `${example}/events`),
      await expect('suspendWorkspace', 503, `${example}/suspend`),
      await expect('resumeWorkspace', 503, `${example}/resume`),
      await expect('listOrphans', 503, '/orphans'),
    ];
    for (const { headers } of answers) assert.match(headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  });

  it('answers 503 while Service Bus cannot be reached', async (test) => {
    const { connect } = net;
    // The app has not connected yet; nothing listens where this leads it.
    const lost = test.mock.method(net, 'connect', (options: net.TcpNetConnectOpts) =>
      connect({ ...options, host: '127.0.0.1', port: 1 }),
    );
    await expect('listRejected', 503, '/rejected');
    assert.ok(lost.mock.callCount() > 0, 'the app was connected already');
    lost.mock.restore();
    await expect('listRejected', 200, '/rejected');
  });

  it('answers 200, 202 and 404 as documented through the life of a workspace', async () => {
    await platform.host.runFunction('startClusters');
    await untilPrepared(platform);
    await expect('health', 200, '/healthz');
    await expect('getWorkspace', 404, example);
    await expect('listWorkspaceEvents', 404, `${example}/events`);
    await expect('deleteWorkspace', 404, example);
    await expect('listWorkspaces', 200, '/workspaces');
    await expect('createWorkspace', 202, '/workspaces', { body: workspaceDocument('example') });
    await platform.until('Ready', async () => {
      await expect('getWorkspace', 200, example);
      return phaseOf(platform, 'example') === 'Ready';
    });
    await expect('putWorkspace', 202, example, {
      body: workspaceDocument('example', { annotations: { 'slipway.dev/retry': 'true' } }),
    });
    await expect('suspendWorkspace', 202, `${example}/suspend`);
    await platform.until('Suspended', async () => {
      await expect('getWorkspace', 200, example);
      return phaseOf(platform, 'example') === 'Suspended';
    });
    await expect('resumeWorkspace', 202, `${example}/resume`);
    await platform.until('Ready', () => phaseOf(platform, 'example') === 'Ready');
    await expect('listWorkspaces', 200, '/workspaces?namespace=default&state=Ready&limit=5');
    const ends = { 'slipway.dev/ttl': '8h', 'slipway.dev/fallback-instance-types': 'Standard_NC999ads_X_v9' };
    for (const query of ['', '?manifests=true', '?manifests=yaml']) {
      await expect('previewPlan', 200, `/plan${query}`, {
        body: workspaceDocument('another', { annotations: ends }),
      });
    }
    await expect('listWorkspaceEvents', 200, `${example}/events`);
  });

  it('answers 404 for clusters and namespaces that are not there', async () => {
    const body = workspaceDocument('stray');
    for (const [id, path] of [
      ['createWorkspace', '/workspaces'],
      ['previewPlan', '/plan'],
      ['putWorkspace', '/workspaces/default/stray'],
      ['listWorkspaces', '/workspaces'],
      ['getWorkspace', example],
      ['deleteWorkspace', example],
      ['listWorkspaceEvents', `${example}/events`],
      ['suspendWorkspace', `${example}/suspend`],
      ['resumeWorkspace', `${example}/resume`],
      ['listOrphans', '/orphans'],
    ] as const) {
      const sends = id === 'createWorkspace' || id === 'putWorkspace' || id === 'previewPlan';
      await expect(id, 404, `${path}?cluster=elsewhere`, sends ? { body } : {});
    }
    await expect('createWorkspace', 404, '/workspaces', {
      body: { ...body, metadata: { name: 'stray', namespace: 'nowhere' } },
    });
  });

  it('answers 400 for parameters that cannot be, without asking the cluster', async () => {
    await platform.quiet();
    const before = JSON.stringify(platform.cluster.api.requestCounts());
    const badPaths = ['Default/example', 'default/Ex_ample', 'default/a%2Fb', 'default/%2e%2e%2fx', 'a b/c'];
    for (const path of [...badPaths, `default/${'x'.repeat(300)}`, 'default/%00', '%F0%9F%92%A9/x']) {
      await expect('getWorkspace', 400, `/workspaces/${path}`);
      await expect('deleteWorkspace', 400, `/workspaces/${path}`);
      await expect('listWorkspaceEvents', 400, `/workspaces/${path}/events`);
      await expect('suspendWorkspace', 400, `/workspaces/${path}/suspend`);
      await expect('resumeWorkspace', 400, `/workspaces/${path}/resume`);
      await expect('putWorkspace', 400, `/workspaces/${path}`, { body: workspaceDocument('x') });
    }
    const wrong = ['limit=0', 'limit=501', 'limit=ten', 'limit=1e2', 'limit=-1', 'limit=', 'state=Happy'];
    const huge = 'y'.repeat(6000);
    for (const query of [...wrong, 'namespace=..', 'namespace=Default', `namespace=${huge}`, 'state=ready']) {
      await expect('listWorkspaces', 400, `/workspaces?${query}`);
    }
    for (const query of ['limit=0', 'limit=101', 'limit=NaN'])
      await expect('listRejected', 400, `/rejected?${query}`);
    for (const query of ['watch=maybe', 'watch=true&timeoutSeconds=221', 'watch=true&timeoutSeconds=0.5'])
      await expect('getWorkspace', 400, `${example}?${query}`);
    await expect('getWorkspace', 400, `${example}?watch=true&resourceVersion=latest`);
    await expect('previewPlan', 400, '/plan?manifests=xml', { body: workspaceDocument('x') });
    assert.equal(JSON.stringify(platform.cluster.api.requestCounts()), before);
    await expect('listWorkspaces', 400, '/workspaces?continue=made-up');
  });

  it('answers what is wrong with a body by the documented status', async () => {
    const tooLarge = { ...workspaceDocument('large'), padding: 'x'.repeat(200 * 1024) };
    const invalid = workspaceDocument('invalid', { preset: 'no-such-model' });
    for (const [id, path] of [
      ['createWorkspace', '/workspaces'],
      ['previewPlan', '/plan'],
      ['putWorkspace', '/workspaces/default/invalid'],
    ] as const) {
      await expect(id, 400, path, { body: '{"apiVersion": ' });
      await expect(id, 413, path, { body: tooLarge });
      await expect(id, 415, path, { body: 'a,b', type: 'text/csv' });
      await expect(id, 422, path, { body: invalid });
    }
  });

  it('answers what is wrong with a suspend or a resume by the documented status', async () => {
    const padding = 'x'.repeat(200 * 1024);
    const future = new Date(platform.clock.now() + 3_600_000).toISOString();
    const past = new Date(platform.clock.now() - 3_600_000).toISOString();
    for (const [id, verb] of [
      ['suspendWorkspace', 'suspend'],
      ['resumeWorkspace', 'resume'],
    ] as const) {
      const path = `${example}/${verb}`;
      await expect(id, 400, path, { body: '{"until": ' });
      await expect(id, 413, path, { body: { padding } });
      await expect(id, 415, path, { body: 'a,b', type: 'text/csv' });
      const wrong: [body: unknown, field: string][] = [
        [[], ''],
        ['"now"', ''],
        [{ until: past }, 'until'],
        [{ until: 'tomorrow' }, 'until'],
        [{ until: 5 }, 'until'],
        [{ until: '2026-02-30T25:00:00Z' }, 'until'],
        [{ untill: future }, 'untill'],
        [{ mode: 'sleep' }, 'mode'],
        [{ mode: 1 }, 'mode'],
      ];
      for (const [body, field] of wrong) {
        const { json } = await expect(id, 422, path, { body });
        assert.deepEqual(
          readStatus(json).details.causes.map((cause) => cause.field),
          [field],
          JSON.stringify(body),
        );
      }
    }
    // What a suspend may say, a resume may not.
    await expect('resumeWorkspace', 422, `${example}/resume`, { body: { mode: 'stop' } });
    assert.equal(phaseOf(platform, 'example'), 'Ready');
  });

  it('answers 409 to who would suspend a tuning Job, or resume what has expired', async () => {
    const expired = new Date(platform.clock.now() - 1000).toISOString();
    await expect('createWorkspace', 202, '/workspaces', { body: tuningDocument('tuned') });
    const refused = await expect('suspendWorkspace', 409, '/workspaces/default/tuned/suspend');
    assert.match(refused.text, /its Job would begin from the start/);
    await expect('createWorkspace', 202, '/workspaces', {
      body: workspaceDocument('over', {
        annotations: { 'slipway.dev/expires-at': expired, 'slipway.dev/on-expiry': 'suspend' },
      }),
    });
    await expect('resumeWorkspace', 409, '/workspaces/default/over/resume');
    for (const name of ['tuned', 'over']) await expect('deleteWorkspace', 202, `/workspaces/default/${name}`);
    await platform.until('gone', () => ['tuned', 'over'].every((name) => phaseOf(platform, name) === 'Gone'));
  });

  it('answers 409 for another spec under the name of a live workspace, and for an outdated PUT', async () => {
    const other = workspaceDocument('example', { preset: 'phi-3-mini-128k-instruct' });
    await expect('createWorkspace', 409, '/workspaces', { body: other });
    const metadata = { name: 'example', resourceVersion: '1' };
    await expect('putWorkspace', 409, example, { body: { ...other, metadata } });
  });

  it('answers 202 for a delete, and 409 with Retry-After to who would have the name back too early', async () => {
    await expect('deleteWorkspace', 202, example);
    for (const [id, verb] of [
      ['suspendWorkspace', 'suspend'],
      ['resumeWorkspace', 'resume'],
    ] as const)
      await expect(id, 409, `${example}/${verb}`);
    const early = await expect('createWorkspace', 409, '/workspaces', { body: workspaceDocument('example') });
    assert.match(early.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
    await platform.until('gone', () => phaseOf(platform, 'example') === 'Gone');
  });

  it('lists rejected messages as documented, whatever they were', async () => {
    for (const body of ['no: [yaml', '{"a":1}', '"text"', '42', '', 'null'])
      await platform.send('workspace-created', body, { sessionId: 'rejected' });
    await platform.quiet();
    await expect('listOrphans', 200, '/orphans');
    const { json } = await expect('listRejected', 200, '/rejected');
    assert.equal(readRejected(json).length, 6);
  });

  it('answers 410 for a page that was begun too long ago', async () => {
    for (const name of ['one', 'two']) {
      await expect('createWorkspace', 202, '/workspaces', { body: workspaceDocument(`page-${name}`) });
    }
    const { json } = await expect('listWorkspaces', 200, '/workspaces?limit=1');
    await expect('createWorkspace', 202, '/workspaces', { body: workspaceDocument('page-three') });
    platform.cluster.api.compact();
    const token = encodeURIComponent(readList(json).metadata.continue ?? '');
    await expect('listWorkspaces', 410, `/workspaces?limit=1&continue=${token}`);
  });

  it('was seen to give every documented answer of every operation', () => {
    const documented = document.operations.flatMap(({ id, statuses }) =>
      statuses.map((status) => `${id} ${status}`),
    );
    assert.deepEqual([...seen].toSorted(), documented.toSorted());
  });
});
