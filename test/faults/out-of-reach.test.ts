import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PlatformHarness } from '../harness/platform.ts';
import { phaseOf, pools, workspaceDocument } from '../harness/workspaces.ts';

/** The cluster's API server refuses everything. */
const unreachable = { kubernetes: [{ match: {}, action: 'unavailable' as const }] };

describe('a cluster that does not answer', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await PlatformHarness.start();
    await platform.until(
      'the CRD is installed',
      async () => (await platform.request('GET', '/healthz')).status === 200,
    );
    await platform.request('POST', '/workspaces', workspaceDocument('served'));
    await platform.until('Ready', () => phaseOf(platform, 'served') === 'Ready');
  });
  after(() => platform.stop());

  it('is read from memory and marked stale, refuses writes with a remedy, and takes deletes for later', async () => {
    platform.azure.faults.add(unreachable);
    const read = await platform.request('GET', '/workspaces/default/served');
    assert.equal(read.status, 200, read.text);
    assert.match(read.headers.get('warning') ?? '', /^110 /);
    assert.match(read.text, /"phase":"Ready"/);
    assert.match(read.text, /slipway\.dev\/stale-since/);

    const unknown = await platform.request('GET', '/workspaces/default/never-seen');
    assert.equal(unknown.status, 503, unknown.text);

    const write = await platform.request('POST', '/workspaces', workspaceDocument('new'));
    assert.equal(write.status, 503, write.text);
    assert.ok(Number(write.headers.get('retry-after')) > 0);
    assert.match(write.text, /"kind":"Status"/);

    const deleted = await platform.request('DELETE', '/workspaces/default/served');
    assert.equal(deleted.status, 202, deleted.text);
    await platform.pass(60);
    assert.equal((await pools(platform)).length, 1, 'no pool is touched while the cluster does not answer');

    platform.azure.faults.clear();
    await platform.until('gone', () => phaseOf(platform, 'served') === 'Gone');
    assert.deepEqual(await pools(platform), []);
  });
});
