import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PoolOperation, WishfulRecord } from '../../../shared/lifecycle/pool-operations.ts';
import {
  ailingSince,
  findAilments,
  neededRepairs,
  noteRepairs,
} from '../../../shared/lifecycle/pool-repairs.ts';
import type { Allocation, ObservedNode, ObservedPool } from '../../../shared/lifecycle/slipway-status.ts';
import type { PoolView } from '../../../shared/provisioning/node-provisioner.ts';
import { allocation, at, firstPool, observed, pool, uid } from './support/snapshots.ts';

const wished = allocation({ count: 2, seen: true, accepted: true });

function node(name: string, ready = true): ObservedNode {
  return { name, pool: firstPool, ready, gpus: ready ? 1 : 0 };
}

function view(change: Partial<PoolView> = {}): PoolView {
  return {
    name: firstPool,
    instanceType: 'Standard_NC24ads_A100_v4',
    count: 2,
    state: 'succeeded',
    provisioningState: 'Succeeded',
    tags: {},
    ...change,
  };
}

interface Seen {
  wish?: Allocation;
  nodes?: ObservedNode[];
  pools?: ObservedPool[];
  interrupted?: boolean;
}

function record({ wish = wished, nodes = [], pools = [], interrupted = true }: Seen): WishfulRecord {
  return {
    namespace: 'default',
    name: 'phi',
    uid,
    allocations: [wish],
    observed: observed({ pools, nodes }),
    interrupted,
  };
}

/** What is wanted when this has been seen from minute 0 until now. */
function repairs(
  seen: Seen,
  listed: PoolView,
  minutes: number,
  repairedAt: Record<string, string> = {},
): PoolOperation[] {
  const ailments = findAilments([record(seen)], [listed]);
  const since = ailingSince(ailments, ailingSince(ailments, {}, at(0)), at(minutes));
  return neededRepairs(ailments, { since, repairedAt }, at(minutes));
}

describe('machines that are made anew', () => {
  const order = {
    kind: 'repair' as const,
    pool: firstPool,
    namespace: 'default',
    name: 'phi',
    uid,
    since: at(0),
  };

  it('are those that are missing for ten minutes, though Azure says that the pool is well', () => {
    const lost = { nodes: [node('a')] };
    assert.deepEqual(repairs(lost, view(), 9), []);
    assert.deepEqual(repairs(lost, view(), 10), [{ ...order, machines: [] }]);
  });

  it('are those that are not Ready for ten minutes, once the workload had been there', () => {
    const silent = { nodes: [node('a'), node('b', false)] };
    assert.deepEqual(repairs(silent, view(), 9), []);
    assert.deepEqual(repairs(silent, view(), 10), [{ ...order, machines: ['b'] }]);
    assert.deepEqual(repairs({ ...silent, interrupted: false }, view(), 60), []);
  });

  it('are none of a pool that is whole, busy, resized, failed, refused, given back, empty or the user’s own', () => {
    const lost: Seen = { nodes: [node('a')] };
    const cases: [string, Seen, PoolView][] = [
      ['whole', { nodes: [node('a'), node('b')] }, view()],
      ['busy', lost, view({ state: 'updating' })],
      ['being made', lost, view({ state: 'creating' })],
      ['failed', lost, view({ state: 'failed' })],
      ['resized', lost, view({ count: 1 })],
      ['stopped', lost, view({ power: 'stopped' })],
      ['refused', { ...lost, pools: [pool({ state: 'refused' })] }, view()],
      ['given back', { ...lost, wish: { ...wished, wish: 'absent' } }, view()],
      ['emptied', { ...lost, wish: { ...wished, count: 0 } }, view({ count: 0 })],
      ['not taken up yet', { ...lost, wish: { ...wished, accepted: false } }, view()],
      ['brought', { ...lost, wish: { ...wished, instanceType: '' } }, view()],
    ];
    for (const [what, seen, listed] of cases) assert.deepEqual(repairs(seen, listed, 60), [], what);
  });

  it('are asked for once in a quarter of an hour, and time begins anew when all was well in between', () => {
    const lost = { nodes: [node('a')] };
    const repairedAt = noteRepairs({}, repairs(lost, view(), 10), at(10));
    assert.deepEqual(repairedAt, { [firstPool]: at(10) });
    assert.deepEqual(repairs(lost, view(), 24, repairedAt), []);
    assert.equal(repairs(lost, view(), 25, repairedAt).length, 1);
    assert.deepEqual(noteRepairs(repairedAt, [], at(25)), {});
    const well = findAilments([record({ nodes: [node('a'), node('b')] })], [view()]);
    assert.deepEqual(ailingSince(well, { [firstPool]: at(0) }, at(5)), {});
  });

  it('are named together, one order for a pool', () => {
    const dead = { nodes: [node('b', false), node('a', false)] };
    assert.deepEqual(repairs(dead, view(), 10), [{ ...order, machines: ['a', 'b'] }]);
  });
});
