import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PlatformHarness } from '../harness/platform.ts';
import { objectsOf, phaseOf, pools, readState, workspaceDocument } from '../harness/workspaces.ts';

const nodePools = { group: 'karpenter.sh', version: 'v1', plural: 'nodepools' };
const nodeClaims = { group: 'karpenter.sh', version: 'v1', plural: 'nodeclaims' };
const nodes = { group: '', version: 'v1', plural: 'nodes' };

describe('a workspace on nodes that Karpenter adds', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await PlatformHarness.start({ provisioner: { provisioner: 'karpenter' } });
    await platform.until(
      'the CRD is installed',
      async () => (await platform.request('GET', '/healthz')).status === 200,
    );
  });
  after(() => platform.stop());

  const post = async (name: string, options = {}): Promise<void> => {
    const posted = await platform.request('POST', '/workspaces', workspaceDocument(name, options));
    assert.equal(posted.status, 202, posted.text);
  };
  const gpuNodes = (): string[] =>
    platform.store
      .list(nodes, { labels: { 'kubernetes.azure.com/mode': 'user' } })
      .map(({ metadata }) => metadata.name);

  it('becomes Ready on one NodePool and no agent pool, and goes without a trace', async () => {
    await post('by-karpenter');
    await platform.until('Ready', () => phaseOf(platform, 'by-karpenter') === 'Ready');
    const state = readState(platform, 'by-karpenter');
    const [pool] = platform.store.list(nodePools);
    assert.equal(pool?.metadata.name, state?.pools[0]?.pool);
    assert.deepEqual(state?.workerNodes, gpuNodes());
    assert.equal(state.workerNodes.length, 1);
    assert.equal(state.conditions['NodeClaimReady'], 'True');
    assert.deepEqual(await pools(platform), []);

    assert.equal((await platform.request('DELETE', '/workspaces/default/by-karpenter')).status, 202);
    await platform.until('gone', () => phaseOf(platform, 'by-karpenter') === 'Gone');
    assert.deepEqual(objectsOf(platform, 'by-karpenter'), []);
    assert.deepEqual(platform.store.list(nodePools), []);
    assert.deepEqual(platform.store.list(nodeClaims), []);
    assert.deepEqual(gpuNodes(), []);
  });

  it('gets two nodes in one NodePool when the model needs two', async () => {
    await post('wide', { preset: 'llama-3.3-70b-instruct', instanceType: 'Standard_NC48ads_A100_v4' });
    await platform.until('Ready', () => phaseOf(platform, 'wide') === 'Ready');
    assert.equal(readState(platform, 'wide')?.workerNodes.length, 2);
    assert.equal(platform.store.list(nodePools).length, 1);
    await platform.request('DELETE', '/workspaces/default/wide');
    await platform.until('gone', () => phaseOf(platform, 'wide') === 'Gone');
  });

  it('tells that there is no capacity, with what to do about it, and keeps no NodePool', async () => {
    const outcome = { type: 'fail' as const, afterSeconds: 30, code: 'AllocationFailed', message: 'none' };
    platform.azure.faults.set({ outcomes: [{ match: { operation: 'create' }, outcome }] });
    await post('no-room');
    await platform.until('Failed', () => phaseOf(platform, 'no-room') === 'Failed');
    const { failure, conditions } = readState(platform, 'no-room') ?? assert.fail('no record');
    assert.equal(failure?.code, 'AllocationFailed');
    assert.match(failure.message, /unable to allocate resources with selected VM size/);
    assert.notEqual(failure.remedy, undefined);
    assert.equal(conditions['NodeClaimReady'], 'False');
    await platform.until('nothing held', () => platform.store.list(nodePools).length === 0);
    platform.azure.faults.clear();
    await platform.request('DELETE', '/workspaces/default/no-room');
    await platform.until('gone', () => phaseOf(platform, 'no-room') === 'Gone');
  });

  it('falls back to the next size when Karpenter cannot have the first', async () => {
    const outcome = { type: 'fail' as const, afterSeconds: 30, code: 'QuotaExceeded', message: 'none' };
    const match = { vmSize: 'Standard_NC40ads_H100_v5', operation: 'create' as const };
    platform.azure.faults.set({ outcomes: [{ match, outcome }] });
    await post('second-choice', {
      instanceType: 'Standard_NC40ads_H100_v5',
      annotations: { 'slipway.dev/fallback-instance-types': 'Standard_NV36ads_A10_v5' },
    });
    await platform.until('Ready', () => phaseOf(platform, 'second-choice') === 'Ready');
    const [node = ''] = readState(platform, 'second-choice')?.workerNodes ?? [];
    const labels = platform.store.get(nodes, { name: node })?.metadata.labels;
    assert.equal(labels?.['node.kubernetes.io/instance-type'], 'Standard_NV36ads_A10_v5');
    platform.azure.faults.clear();
  });

  it('holds no machine while it is suspended, and gets one again in the same NodePool', async () => {
    const path = '/workspaces/default/second-choice';
    const pool = readState(platform, 'second-choice')?.pools[0]?.pool;
    assert.equal((await platform.request('POST', `${path}/suspend`)).status, 202);
    await platform.until('Suspended', () => phaseOf(platform, 'second-choice') === 'Suspended');
    await platform.until('no machine', () => gpuNodes().length === 0);
    assert.equal(platform.store.list(nodePools).length, 1);
    assert.equal((await platform.request('POST', `${path}/resume`)).status, 202);
    await platform.until('Ready', () => phaseOf(platform, 'second-choice') === 'Ready');
    assert.equal(readState(platform, 'second-choice')?.pools[0]?.pool, pool);
  });

  it('is healed by Karpenter when its machine is lost, in the same NodePool', async () => {
    const before = readState(platform, 'second-choice');
    const [node = ''] = before?.workerNodes ?? [];
    platform.azure.faults.set({ nodes: [{ match: { node }, effect: 'lost' }] });
    await platform.until('Degraded', () => phaseOf(platform, 'second-choice') === 'Degraded');
    await platform.until('Ready', () => phaseOf(platform, 'second-choice') === 'Ready');
    const after = readState(platform, 'second-choice');
    assert.deepEqual(
      after?.pools.map(({ pool }) => pool),
      before?.pools.map(({ pool }) => pool),
    );
    assert.notDeepEqual(after?.workerNodes, before?.workerNodes);
    platform.azure.faults.clear();
  });
});
