import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide, settleAwaiting, settlePlanned } from '../../../shared/lifecycle/decide.ts';
import { observe } from '../../../shared/lifecycle/observe-workspace.ts';
import type { WorkspaceSnapshot } from '../../../shared/lifecycle/snapshot.ts';
import type { NodeView } from '../../../shared/kubernetes/cluster.ts';
import type { PoolView } from '../../../shared/provisioning/node-provisioner.ts';
import {
  allocation,
  chosen,
  firstPool,
  intent,
  node,
  observed,
  plan,
  pool,
  readyStatus,
  settled,
  snapshot,
  status,
  turn,
  uid,
  written,
} from './support/snapshots.ts';

const brought = allocation({ instanceType: '', hourlyPrice: null, priceSource: null, seen: true });
const broughtPlan = plan({ instanceType: '', broughtNodes: true });
const awaited = {
  class: 'wait' as const,
  code: 'NodesAwaited',
  message: 'nodes labelled apps=phi to be Ready: 0 of 1',
};

function waiting(change: Partial<WorkspaceSnapshot> = {}): WorkspaceSnapshot {
  return snapshot({
    broughtNodes: true,
    slipway: status({ plan: broughtPlan, allocations: [brought] }),
    observed: observed({
      pools: [pool({ state: 'creating', failure: awaited })],
      nodes: [],
      workload: null,
    }),
    ...change,
  });
}

const reasons = (decision: ReturnType<typeof decide>): Record<string, string> =>
  Object.fromEntries(written(decision).conditions.map(({ type, reason }) => [type, reason]));

describe('nodes that the user brings', () => {
  it('are waited for in words, however long it takes', () => {
    for (const minutes of [1, 60, 60 * 24 * 30]) {
      const { slipway } = written(decide(waiting(), turn(minutes)));
      assert.equal(slipway.phase, 'Provisioning');
      assert.equal(slipway.waitingFor?.what, awaited.message);
      assert.equal(slipway.waitingFor.deadline, undefined);
    }
  });

  it('leave a served workspace Degraded, never Failed and never with other nodes', () => {
    const slipway = readyStatus({ plan: broughtPlan, allocations: [brought] });
    const { slipway: next } = written(decide(waiting({ slipway }), turn(60 * 24 * 7)));
    assert.equal(next.phase, 'Degraded');
    assert.deepEqual(
      next.allocations.map(({ pool: name, wish }) => [name, wish]),
      [[firstPool, 'present']],
    );
  });

  it('have no claims: KAITO has no NodeClaimReady, and one reason for whatever is missing', () => {
    const told = reasons(decide(waiting(), turn(1)));
    assert.equal(told['NodeClaimReady'], undefined);
    assert.equal(told['NodesReady'], 'NodeNotReady');
    assert.equal(told['ResourceReady'], 'workspaceResourceStatusNotReady');
  });

  it('are ready when they are Ready: their GPU plugin is the user’s affair', () => {
    const seen = observed({ nodes: [node({ gpus: 0 })], workload: null });
    assert.equal(decide(waiting({ observed: seen }), turn(1)).act, 'apply-workload');
  });

  it('are waited for before anything is planned, and planned for as soon as they are there', () => {
    const fresh = snapshot({ broughtNodes: true, slipway: null, observed: null });
    const { write, sleepSeconds } = settled(settleAwaiting(fresh, 'nodes labelled apps=phi', turn(0)));
    assert.equal(write?.slipway.phase, 'Provisioning');
    assert.equal(write.slipway.waitingFor?.what, 'nodes labelled apps=phi');
    assert.equal(write.slipway.observedIntent, intent);
    assert.ok(sleepSeconds <= 60);
    const next = snapshot({ broughtNodes: true, slipway: write.slipway, observed: null });
    assert.equal(decide(next, turn(1)).act, 'plan');
  });

  it('are told as the user’s own in the story', () => {
    const fresh = snapshot({ broughtNodes: true, slipway: null, observed: null });
    const { trail } = written(
      settlePlanned(fresh, chosen({ instanceType: '', broughtNodes: true }), turn(0)),
    );
    assert.ok(
      trail.some(({ why }) => /^1 node of your own for phi-3/.test(why)),
      JSON.stringify(trail),
    );
  });
});

describe('nodes that only their provisioner can tell', () => {
  const view = (name: string, more: Partial<PoolView>): PoolView => ({
    name,
    instanceType: '',
    count: 1,
    state: 'succeeded',
    provisioningState: 'Succeeded',
    tags: { 'slipway-workspace-uid': uid },
    ...more,
  });
  const seenNode = (name: string, labels: Record<string, string> = {}): NodeView => ({
    name,
    labels,
    ready: true,
    deleting: false,
    gpus: 1,
  });

  it('belong to the pool that names them, whatever their labels say', () => {
    const pools = [view(firstPool, { nodes: ['a', 'gone'] })];
    const nodes = [seenNode('a', { agentpool: 'theirs' }), seenNode('b', { agentpool: firstPool })];
    const seen = observe({ pools, nodes, workloads: [] }, uid, [brought], null);
    assert.deepEqual(
      seen.nodes.map(({ name, pool: of }) => [name, of]),
      [['a', firstPool]],
    );
  });

  it('stay out when they are being deleted', () => {
    const nodes = [{ ...seenNode('a'), deleting: true }];
    const seen = observe(
      { pools: [view(firstPool, { nodes: ['a'] })], nodes, workloads: [] },
      uid,
      [brought],
      null,
    );
    assert.deepEqual(seen.nodes, []);
  });

  it('carry the reason along while their pool is still on its way', () => {
    const pools = [view(firstPool, { state: 'creating', nodes: [], failure: awaited })];
    const seen = observe({ pools, nodes: [], workloads: [] }, uid, [brought], null);
    assert.deepEqual(seen.pools[0]?.failure, awaited);
  });
});
