import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../../shared/lifecycle/decide.ts';
import { decideRemoved } from '../../../shared/lifecycle/deleting.ts';
import { describeWishes } from '../../../shared/lifecycle/slipway-status.ts';
import type { Observed } from '../../../shared/lifecycle/slipway-status.ts';
import {
  afterWrite,
  allocation,
  at,
  condition,
  firstPool,
  observed,
  pool,
  readyStatus,
  settled,
  snapshot,
  status,
  turn,
  written,
} from './support/snapshots.ts';

const released = [allocation({ wish: 'absent', seen: true, since: at(60) })];
const deleting = snapshot({ deleting: true, slipway: readyStatus(), observed: observed() });
const withoutPools: Observed = { wishes: describeWishes(released), pools: [], nodes: [], workload: null };

describe('a delete', () => {
  for (const phase of ['Pending', 'Provisioning', 'Deploying', 'Ready', 'Degraded', 'Failed'] as const) {
    it(`is honoured in ${phase}, whatever else is wrong with the record`, () => {
      const faults = [{ field: 'f', reason: 'FieldValueInvalid' as const, message: 'm' }];
      const seen = snapshot({ deleting: true, faults, intent: 'other', slipway: status({ phase }) });
      assert.deepEqual(decide(seen, turn(60)), { act: 'remove-workload' });
    });
  }

  it('withdraws every wish at once and tells what it waits for', () => {
    const write = written(decideRemoved(deleting, readyStatus(), 2, at(60)));
    assert.deepEqual(write.slipway.allocations, released);
    assert.equal(
      write.slipway.waitingFor?.what,
      `2 objects in the cluster and agent pools ${firstPool} to be gone`,
    );
    assert.equal(condition(write, 'WorkspaceDeleting'), 'True workspaceDeleted: workspace is being deleted');
    assert.equal(settled(decideRemoved(deleting, readyStatus(), 2, at(60))).wishesChanged, true);
  });

  it('tells what Azure says to it, where it does not get on', () => {
    const failure = {
      class: 'operator' as const,
      code: 'DisallowedByPolicy',
      message: 'disallowed by policy x',
    };
    const stuck = { ...deleting, observed: observed({ pools: [pool({ failure })] }) };
    const write = written(decideRemoved(stuck, readyStatus(), 0, at(60)));
    assert.equal(
      write.slipway.waitingFor?.what,
      `agent pools ${firstPool} to be gone: disallowed by policy x`,
    );
  });

  const slipway = readyStatus({ phase: 'Deleting', allocations: released });
  const unfinished: [what: string, objectsLeft: number, observed: Observed | null][] = [
    ['an object is left', 1, withoutPools],
    ['a pool is left', 0, { ...withoutPools, pools: [pool({ state: 'deleting' })] }],
    ['the cluster has not read the last wishes', 0, { ...withoutPools, wishes: '' }],
    ['nobody has looked', 0, null],
  ];
  for (const [what, left, looked] of unfinished) {
    it(`does not end while ${what} (I2)`, () => {
      const seen = snapshot({ deleting: true, slipway, observed: looked });
      assert.equal(decideRemoved(seen, slipway, left, at(65)).act, 'settle');
    });
  }

  it('ends when nothing is left', () => {
    const seen = snapshot({ deleting: true, slipway, observed: withoutPools });
    assert.deepEqual(decideRemoved(seen, slipway, 0, at(65)), { act: 'finish' });
  });

  it('of a record that others still hold sleeps, instead of finishing over and over', () => {
    const held = snapshot({ deleting: true, hasFinalizer: false, slipway, observed: withoutPools });
    const write = written(decideRemoved(held, slipway, 0, at(65)));
    assert.deepEqual(write.slipway.allocations, []);
    const next = decide(afterWrite(held, write), turn(66));
    assert.equal(settled(next).write, undefined);
    assert.ok(settled(next).sleepSeconds >= 60);
  });
});
