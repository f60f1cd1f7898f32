import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PlatformHarness } from '../harness/platform.ts';
import { objectsOf, phaseOf, readState, workspaceDocument } from '../harness/workspaces.ts';

const nodeClaims = { group: 'karpenter.sh', version: 'v1', plural: 'nodeclaims' };
const configMaps = { group: '', version: 'v1', plural: 'configmaps' };

describe('a workspace on NodeClaims of KAITO’s form', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await PlatformHarness.start({
      provisioner: { provisioner: 'karpenter', karpenterObjects: 'NodeClaim' },
    });
    await platform.until(
      'the CRD is installed',
      async () => (await platform.request('GET', '/healthz')).status === 200,
    );
  });
  after(() => platform.stop());

  it('becomes Ready on one claim for each node, and goes without a trace', async () => {
    const options = { preset: 'llama-3.3-70b-instruct', instanceType: 'Standard_NC48ads_A100_v4' };
    const posted = await platform.request('POST', '/workspaces', workspaceDocument('claimed', options));
    assert.equal(posted.status, 202, posted.text);
    await platform.until('Ready', () => phaseOf(platform, 'claimed') === 'Ready');
    const claims = platform.store.list(nodeClaims, { labels: { 'kaito.sh/workspace': 'claimed' } });
    assert.equal(claims.length, 2);
    assert.equal(readState(platform, 'claimed')?.workerNodes.length, 2);

    await platform.request('DELETE', '/workspaces/default/claimed');
    await platform.until('gone', () => phaseOf(platform, 'claimed') === 'Gone');
    assert.deepEqual(objectsOf(platform, 'claimed'), []);
    assert.deepEqual(platform.store.list(nodeClaims), []);
    const notes = platform.store.list(configMaps, { labels: { 'slipway.dev/kind': 'pool' } });
    assert.deepEqual(notes, []);
  });
});
