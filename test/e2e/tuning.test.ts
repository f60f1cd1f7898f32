import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PlatformHarness } from '../harness/platform.ts';
import { objectsOf, phaseOf, pools, readState, tuningDocument } from '../harness/workspaces.ts';

describe('a tuning workspace', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await PlatformHarness.start();
    await platform.until(
      'the CRD is installed',
      async () => (await platform.request('GET', '/healthz')).status === 200,
    );
  });
  after(() => platform.stop());

  it('runs its Job to the end, gives the nodes back, and goes without a trace', async () => {
    const posted = await platform.request('POST', '/workspaces', tuningDocument('tune'));
    assert.equal(posted.status, 202, posted.text);
    await platform.until('Running', () => phaseOf(platform, 'tune') === 'Running');
    assert.equal(readState(platform, 'tune')?.conditions['JobStarted'], 'True');
    assert.equal(readState(platform, 'tune')?.state, 'Running');

    await platform.until('Succeeded', () => phaseOf(platform, 'tune') === 'Succeeded');
    const state = readState(platform, 'tune');
    assert.equal(state?.conditions['WorkspaceSucceeded'], 'True');
    assert.equal(state.state, 'Succeeded');
    await platform.until('the nodes are given back', async () => (await pools(platform)).length === 0);
    await platform.pass(3600);
    assert.equal(phaseOf(platform, 'tune'), 'Succeeded');
    assert.deepEqual(await pools(platform), []);

    await platform.request('DELETE', '/workspaces/default/tune');
    await platform.until('gone', () => phaseOf(platform, 'tune') === 'Gone');
    assert.deepEqual(objectsOf(platform, 'tune'), []);
  });

  it('that failed says why, gives the nodes back, and runs again on a retry', async () => {
    platform.azure.faults.add({ pods: [{ match: { name: 'tune-again-*' }, effect: 'fails', exitCode: 1 }] });
    await platform.request('POST', '/workspaces', tuningDocument('tune-again'));
    await platform.until('Failed', () => phaseOf(platform, 'tune-again') === 'Failed');
    const failed = readState(platform, 'tune-again');
    assert.equal(failed?.failure?.code, 'TuningJobFailed');
    assert.match(failed.failure.remedy ?? '', /kubectl logs/);
    await platform.until('the nodes are given back', async () => (await pools(platform)).length === 0);

    platform.azure.faults.clear();
    const again = tuningDocument('tune-again', { 'slipway.dev/retry': '1' });
    assert.equal((await platform.request('PUT', '/workspaces/default/tune-again', again)).status, 202);
    await platform.until('Succeeded', () => phaseOf(platform, 'tune-again') === 'Succeeded');
  });
});
