import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NodeView, WorkloadView } from '../../../shared/kubernetes/cluster.ts';
import type { ClusterLists } from '../../../shared/lifecycle/observe-workspace.ts';
import { observe } from '../../../shared/lifecycle/observe-workspace.ts';
import { PoolTag } from '../../../shared/lifecycle/pool-tag.ts';
import { describeWishes } from '../../../shared/lifecycle/slipway-status.ts';
import type { PoolView } from '../../../shared/provisioning/node-provisioner.ts';
import { allocation, firstPool, observed, pool, revision, uid } from './support/snapshots.ts';

function poolView(name: string, tags: Record<string, string> = {}): PoolView {
  return { name, instanceType: 's', count: 1, state: 'succeeded', provisioningState: 'Succeeded', tags };
}

function nodeView(name: string, agentpool: string, change: Partial<NodeView> = {}): NodeView {
  return { name, labels: { agentpool }, ready: true, deleting: false, gpus: 1, ...change };
}

function workloadView(change: Partial<WorkloadView> = {}): WorkloadView {
  return {
    ownerUid: uid,
    name: 'phi',
    namespace: 'default',
    kind: 'StatefulSet',
    uid: 'workload-uid',
    deleting: false,
    revision,
    replicas: 1,
    readyReplicas: 1,
    upToDate: true,
    ...change,
  };
}

const nothing: ClusterLists = { pools: [], nodes: [], workloads: [] };

describe('what the lists of a cluster say about one workspace', () => {
  it('is the same in whatever order they come', () => {
    const pools = [poolView('wsb', { [PoolTag.uid]: uid }), poolView(firstPool)];
    const nodes = [nodeView('n2', firstPool), nodeView('n1', firstPool)];
    const look = (lists: ClusterLists): string => JSON.stringify(observe(lists, uid, [allocation()], null));
    const reversed = { pools: [...pools].reverse(), nodes: [...nodes].reverse(), workloads: [] };
    assert.equal(look({ pools, nodes, workloads: [] }), look(reversed));
  });

  it('leaves out pools, nodes and workloads of others, and nodes on their way out', () => {
    const lists: ClusterLists = {
      pools: [poolView('system'), poolView('wsother', { [PoolTag.uid]: 'other' }), poolView(firstPool)],
      nodes: [
        nodeView('n1', firstPool),
        nodeView('n2', 'system'),
        nodeView('n3', firstPool, { deleting: true }),
      ],
      workloads: [workloadView({ ownerUid: 'other' }), workloadView({ deleting: true })],
    };
    const seen = observe(lists, uid, [allocation()], null);
    assert.deepEqual(
      [seen.pools.map(({ name }) => name), seen.nodes.map(({ name }) => name), seen.workload],
      [[firstPool], ['n1'], null],
    );
  });

  it('counts a pool with its tag that no wish names: it must go too', () => {
    const forgotten = poolView('wsold', { [PoolTag.uid]: uid });
    assert.equal(observe({ ...nothing, pools: [forgotten] }, uid, [], null).pools.length, 1);
  });

  it('proves which wishes were read', () => {
    assert.equal(observe(nothing, uid, [allocation()], null).wishes, `${firstPool}:present:1`);
  });

  it('remembers a refusal for as long as it is wished for, and no longer', () => {
    const refused = observed({ pools: [pool({ state: 'refused' })] });
    assert.deepEqual(observe(nothing, uid, [allocation()], refused).pools, refused.pools);
    assert.deepEqual(observe(nothing, uid, [allocation({ wish: 'absent' })], refused).pools, []);
    const listed = { ...nothing, pools: [poolView(firstPool)] };
    assert.equal(observe(listed, uid, [allocation()], refused).pools[0]?.state, 'succeeded');
  });

  it('remembers what Azure said to a resize until the pool has its size, or another is wished for', () => {
    const failure = { class: 'operator' as const, code: 'InsufficientQuota', message: 'no vCPUs' };
    const wanted = [allocation({ seen: true })];
    const wishes = describeWishes(wanted);
    const told = observed({ wishes, pools: [pool({ state: 'refused', count: 0, failure })] });
    const empty = { ...nothing, pools: [{ ...poolView(firstPool), count: 0 }] };
    const again = observe(empty, uid, wanted, told);
    assert.deepEqual(again.pools, [{ name: firstPool, state: 'refused', count: 0, failure }]);
    const grown = { ...nothing, pools: [poolView(firstPool)] };
    assert.equal(observe(grown, uid, wanted, told).pools[0]?.state, 'succeeded');
    const busy = { ...nothing, pools: [{ ...poolView(firstPool), count: 0, state: 'updating' as const }] };
    assert.equal(observe(busy, uid, wanted, told).pools[0]?.state, 'updating');
    const others = [allocation({ seen: true, count: 2 })];
    assert.equal(observe(empty, uid, others, told).pools[0]?.state, 'succeeded');
  });

  it('shows which pools are stopped', () => {
    const stopped = { ...nothing, pools: [{ ...poolView(firstPool), power: 'stopped' as const }] };
    assert.equal(observe(stopped, uid, [allocation()], null).pools[0]?.power, 'stopped');
    assert.ok(
      !('power' in (observe({ ...nothing, pools: [poolView(firstPool)] }, uid, [], null).pools[0] ?? {})),
    );
  });

  it('tells why pods do not run, without which pod it is', () => {
    const problem = { reason: 'Unschedulable' as const, message: 'no node', pod: 'phi-0' };
    const seen = observe({ ...nothing, workloads: [workloadView({ problem })] }, uid, [], null);
    assert.deepEqual(seen.workload?.problem, { reason: 'Unschedulable', message: 'no node' });
  });
});
