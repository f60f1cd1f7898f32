import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { bringNodes, deletePool, poolExists } from '../harness/azure-portal.ts';
import { PlatformHarness } from '../harness/platform.ts';
import { objectsOf, phaseOf, pools, readState, workspaceDocument } from '../harness/workspaces.ts';

const configMaps = { group: '', version: 'v1', plural: 'configmaps' };
const workspaces = { group: 'kaito.sh', version: 'v1beta1', plural: 'workspaces' };

describe('a workspace on nodes that its user brings', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await PlatformHarness.start({ provisioner: { provisioner: 'byo' } });
    await platform.until(
      'the CRD is installed',
      async () => (await platform.request('GET', '/healthz')).status === 200,
    );
  });
  after(() => platform.stop());

  const post = async (name: string): Promise<void> => {
    const document = workspaceDocument(name, { instanceType: '' });
    const posted = await platform.request('POST', '/workspaces', document);
    assert.equal(posted.status, 202, posted.text);
  };
  const reasonOf = (name: string, type: string): string | undefined => {
    const status = platform.store.get(workspaces, { namespace: 'default', name })?.['status'];
    const text = JSON.stringify(status);
    return new RegExp(`"type":"${type}","status":"\\w+","reason":"(\\w+)"`).exec(text)?.[1];
  };

  it('names no instance type: the door says what to do instead', async () => {
    const refused = await platform.request('POST', '/workspaces', workspaceDocument('sized'));
    assert.equal(refused.status, 422, refused.text);
    assert.match(refused.text, /resource.instanceType/);
    assert.match(refused.text, /select existing nodes with labelSelector.matchLabels/);
  });

  it('waits for nodes with its labels, in words and without a deadline', async () => {
    await post('brought');
    await platform.until('Provisioning', () => phaseOf(platform, 'brought') === 'Provisioning');
    await platform.pass(900);
    const state = readState(platform, 'brought');
    assert.equal(state?.phase, 'Provisioning');
    assert.match(state.waitingFor, /nodes labelled apps=brought/);
    assert.equal(state.failure, undefined);
    assert.equal(state.conditions['NodeClaimReady'], undefined);
    assert.equal(reasonOf('brought', 'ResourceReady'), 'workspaceResourceStatusNotReady');
    assert.equal(reasonOf('brought', 'NodesReady'), 'NodeNotReady');
  });

  it('becomes Ready when they come, planned by the GPUs that their labels tell', async () => {
    await bringNodes(platform, 'theirs', { labels: { apps: 'brought' } });
    await platform.until('Ready', () => phaseOf(platform, 'brought') === 'Ready');
    const state = readState(platform, 'brought');
    assert.equal(state?.state, 'Ready');
    assert.equal(state.workerNodes.length, 1);
    assert.equal(state.conditions['NodeClaimReady'], undefined);
    assert.equal(state.conditions['ResourceReady'], 'True');
    assert.deepEqual(await pools(platform), []);
  });

  it('is previewed by the nodes that are there', async () => {
    const preview = async (name: string): Promise<{ status: number; text: string }> =>
      platform.request('POST', '/plan', workspaceDocument(name, { instanceType: '' }));
    const there = await preview('brought');
    assert.equal(there.status, 200, there.text);
    assert.match(there.text, /"broughtNodes":true/);
    const missing = await preview('elsewhere');
    assert.match(missing.text, /no ready nodes found that match the selector/);
  });

  it('is Degraded while its node is away, and Ready again when it is back', async () => {
    await bringNodes(platform, 'theirs', { count: 0, labels: { apps: 'brought' } });
    await platform.until('Degraded', () => phaseOf(platform, 'brought') === 'Degraded');
    await platform.until('says so', () =>
      /nodes labelled apps=brought to be Ready: 0 of 1/.test(
        readState(platform, 'brought')?.waitingFor ?? '',
      ),
    );
    assert.equal(readState(platform, 'brought')?.state, 'NotReady');
    await bringNodes(platform, 'theirs', { count: 1, labels: { apps: 'brought' } });
    await platform.until('Ready', () => phaseOf(platform, 'brought') === 'Ready');
  });

  it('goes without a trace, and the nodes stay', async () => {
    await platform.request('DELETE', '/workspaces/default/brought');
    await platform.until('gone', () => phaseOf(platform, 'brought') === 'Gone');
    assert.deepEqual(objectsOf(platform, 'brought'), []);
    assert.deepEqual(platform.store.list(configMaps, { labels: { 'slipway.dev/kind': 'pool' } }), []);
    assert.equal(await poolExists(platform, 'theirs'), true);
    await deletePool(platform, 'theirs');
  });

  it('shares nodes with another as KAITO does: both count them, and the scheduler says whose pods wait', async () => {
    await bringNodes(platform, 'common', { labels: { apps: 'first' } });
    await post('first');
    await platform.until('Ready', () => phaseOf(platform, 'first') === 'Ready');
    const second = workspaceDocument('second', { instanceType: '' });
    second['resource'] = { labelSelector: { matchLabels: { apps: 'first' } } };
    assert.equal((await platform.request('POST', '/workspaces', second)).status, 202);
    await platform.until('told', () => reasonOf('second', 'InferenceReady') === 'Unschedulable');
    assert.equal(readState(platform, 'second')?.conditions['ResourceReady'], 'True');
    assert.equal(phaseOf(platform, 'first'), 'Ready');
  });
});
