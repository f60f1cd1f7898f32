import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PlatformHarness } from '../harness/platform.ts';
import { objectsOf, phaseOf, pools, readState, workspaceDocument } from '../harness/workspaces.ts';

describe('a workspace from request to answer to nothing', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await PlatformHarness.start();
    await platform.until(
      'the CRD is installed',
      async () => (await platform.request('GET', '/healthz')).status === 200,
    );
  });
  after(() => platform.stop());

  it('posted by HTTP becomes Ready on one pool, and goes without a trace', async () => {
    const posted = await platform.request('POST', '/workspaces', workspaceDocument('by-http'));
    assert.equal(posted.status, 202, posted.text);
    assert.equal(posted.headers.get('location'), '/api/workspaces/default/by-http');
    await platform.until('Ready', () => phaseOf(platform, 'by-http') === 'Ready');
    const state = readState(platform, 'by-http');
    assert.equal(state?.state, 'Ready');
    assert.equal(state.conditions['WorkspaceSucceeded'], 'True');
    assert.equal(state.workerNodes.length, 1);
    assert.equal((await pools(platform)).length, 1);

    const deleted = await platform.request('DELETE', '/workspaces/default/by-http');
    assert.equal(deleted.status, 202, deleted.text);
    await platform.until('gone', () => phaseOf(platform, 'by-http') === 'Gone');
    assert.deepEqual(objectsOf(platform, 'by-http'), []);
    assert.deepEqual(await pools(platform), []);
  });

  it('posted to the queue as YAML becomes Ready', async () => {
    await platform.send(
      'workspace-created',
      [
        'apiVersion: kaito.sh/v1alpha1',
        'kind: Workspace',
        'metadata: {name: by-queue}',
        'resource:',
        '  instanceType: Standard_NC24ads_A100_v4',
        '  labelSelector: {matchLabels: {apps: phi-3}}',
        'inference: {preset: {name: phi-3-mini-128k-instruct}}',
      ].join('\n'),
      { sessionId: 'any', messageId: 'first' },
    );
    await platform.until('Ready', () => phaseOf(platform, 'by-queue') === 'Ready');
  });
});
