import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type {
  ClusterMemory,
  OperationOutcome,
  PoolOperation,
  WishfulRecord,
} from '../../../shared/lifecycle/pool-operations.ts';
import {
  newClusterMemory,
  remember,
  runningOperations,
  startable,
  wantedOperations,
} from '../../../shared/lifecycle/pool-operations.ts';
import { PoolTag } from '../../../shared/lifecycle/pool-tag.ts';
import type { Allocation, ObservedPool } from '../../../shared/lifecycle/slipway-status.ts';
import type { PoolView } from '../../../shared/provisioning/node-provisioner.ts';
import { allocation, at, firstPool, observed, pool, uid } from './support/snapshots.ts';

function view(change: Partial<PoolView> = {}): PoolView {
  return {
    name: firstPool,
    instanceType: 'Standard_NC24ads_A100_v4',
    count: 1,
    state: 'succeeded',
    provisioningState: 'Succeeded',
    tags: { [PoolTag.uid]: uid },
    ...change,
  };
}

function record(allocations: Allocation[], pools: ObservedPool[] = []): WishfulRecord {
  return { namespace: 'default', name: 'phi', uid, allocations, observed: observed({ pools }) };
}

function operation(kind: 'create' | 'scale' | 'release', name: string, minutes = 0): PoolOperation {
  return { kind, pool: name, namespace: 'default', name, uid, since: at(minutes) };
}

describe('operations that the records ask for', () => {
  const wish = allocation();
  const gone = allocation({ wish: 'absent' });
  const cases: [what: string, record: WishfulRecord, pools: PoolView[], wanted: string[]][] = [
    ['a wished pool that is not there is created', record([wish]), [], ['create']],
    ['one that is there is left alone', record([wish]), [view()], []],
    ['one of another size is scaled', record([{ ...wish, count: 2 }]), [view()], ['scale']],
    ['one that is busy is not scaled', record([{ ...wish, count: 2 }]), [view({ state: 'updating' })], []],
    ['one that Azure refused is not asked for again', record([wish], [pool({ state: 'refused' })]), [], []],
    [
      'one that Azure makes wait is asked for again',
      record([wish], [pool({ state: 'waiting' })]),
      [],
      ['create'],
    ],
    ['one that was there and went is never made again', record([{ ...wish, seen: true }]), [], []],
    ['an unwished pool is released', record([gone]), [view()], ['release']],
    ['also while it is being made', record([gone]), [view({ state: 'creating' })], ['release']],
    ['and not twice', record([gone]), [view({ state: 'deleting' })], []],
    ['nor when it is gone', record([gone]), [], []],
    ['a suspended pool is scaled to zero', record([{ ...wish, count: 0 }]), [view()], ['scale']],
    ['and then left alone', record([{ ...wish, count: 0 }]), [view({ count: 0 })], []],
    ['or stopped', record([{ ...wish, power: 'stopped' }]), [view()], ['scale']],
    [
      'and then left alone, whatever Azure counts',
      record([{ ...wish, power: 'stopped' }]),
      [view({ power: 'stopped', count: 0 })],
      [],
    ],
    [
      'one that cannot be stopped is as good without machines',
      record([{ ...wish, power: 'stopped' }]),
      [view({ count: 0 })],
      [],
    ],
    ['a resumed one is started', record([wish]), [view({ power: 'stopped' })], ['scale']],
    ['one that is to have no nodes is never made', record([{ ...wish, count: 0 }]), [], []],
    ['nor one that is to be stopped', record([{ ...wish, power: 'stopped' }]), [], []],
    [
      'a resume that Azure refused is not asked for again',
      record([wish], [pool({ state: 'refused', count: 0 })]),
      [view({ count: 0 })],
      [],
    ],
    [
      'a suspension that was refused is: its bill runs',
      record([{ ...wish, count: 0 }], [pool({ state: 'refused' })]),
      [view()],
      ['scale'],
    ],
  ];
  for (const [what, wishful, pools, wanted] of cases) {
    it(what, () =>
      assert.deepEqual(
        wantedOperations([wishful], pools).map(({ kind }) => kind),
        wanted,
      ),
    );
  }
});

describe('what may start in a tick', () => {
  const many = Array.from({ length: 10 }, (_, index) => operation('create', `ws${index}`, index));

  it('deletes before creates, then the oldest wish first', () => {
    const wanted = [operation('create', 'b', 1), operation('create', 'a', 0), operation('release', 'c', 9)];
    assert.deepEqual(
      startable(wanted, newClusterMemory, at(10)).map((one) => one.pool),
      ['c', 'a', 'b'],
    );
  });

  it('as many as slots are free', () => {
    const memory: ClusterMemory = { ...newClusterMemory, concurrency: 3, runningSince: { other: at(9) } };
    assert.equal(startable(many, memory, at(10)).length, 2);
  });

  it('a slot that one operation held too long is free again', () => {
    const memory: ClusterMemory = { ...newClusterMemory, concurrency: 1, runningSince: { stuck: at(0) } };
    assert.equal(startable(many, memory, at(44)).length, 0);
    assert.equal(startable(many, memory, at(46)).length, 1);
  });

  it('the delete of a pool that Azure is busy with before all others, and without a slot: it ends what the others wait for', () => {
    const memory: ClusterMemory = { ...newClusterMemory, concurrency: 1, runningSince: { stuck: at(0) } };
    const older = operation('release', 'older');
    const stuck = operation('release', 'stuck', 40);
    assert.deepEqual(
      startable([older, stuck], memory, at(41)).map(({ pool: name }) => name),
      ['stuck'],
    );
  });

  it('nothing while Azure asks for quiet', () => {
    const memory: ClusterMemory = { ...newClusterMemory, holdUntil: at(11) };
    assert.equal(startable(many, memory, at(10)).length, 0);
    assert.equal(startable(many, memory, at(11)).length, many.length);
  });

  it('a pool that is being made may be released, and nothing else', () => {
    const memory: ClusterMemory = { ...newClusterMemory, runningSince: { a: at(0) } };
    assert.deepEqual(startable([operation('scale', 'a')], memory, at(1)), []);
    assert.equal(startable([operation('release', 'a')], memory, at(1)).length, 1);
  });
});

describe('what a tick learns', () => {
  const refused: OperationOutcome = { pool: 'a', result: 'wait', retryAfterSeconds: 120 };

  it('from a conflict: one operation at a time, and quiet for as long as Azure says', () => {
    const learnt = remember(newClusterMemory, [refused], at(0));
    assert.deepEqual([learnt.concurrency, learnt.holdUntil], [1, at(2)]);
  });

  it('quiet outlasts the ticks that come in between', () => {
    const learnt = remember(remember(newClusterMemory, [refused], at(0)), [], at(1));
    assert.equal(learnt.holdUntil, at(2));
    assert.deepEqual(startable([operation('create', 'b')], learnt, at(1)), []);
  });

  it('from a conflict with the pool itself: only that pool waits', () => {
    const busy: ClusterMemory = { ...newClusterMemory, runningSince: { a: at(0) } };
    const learnt = remember(busy, [refused], at(0));
    assert.deepEqual([learnt.concurrency, learnt.holdUntil], [newClusterMemory.concurrency, null]);
    assert.deepEqual(startable([operation('release', 'a')], learnt, at(1)), []);
    assert.equal(startable([operation('release', 'a')], learnt, at(2)).length, 1);
  });

  it('from a passing fault: not before the time it names', () => {
    const learnt = remember(newClusterMemory, [{ pool: 'a', result: 'retry', retryAfterSeconds: 60 }], at(0));
    assert.deepEqual(startable([operation('create', 'a')], learnt, at(0.5)), []);
    assert.equal(startable([operation('create', 'a')], learnt, at(1)).length, 1);
  });

  it('from a fault that comes again and again: to ask ever more seldom', () => {
    const passing: OperationOutcome = { pool: 'a', result: 'retry', retryAfterSeconds: 5 };
    let memory = newClusterMemory;
    const waits = Array.from({ length: 8 }, (_, minute) => {
      memory = remember(memory, [passing], at(minute));
      return (Date.parse(memory.heldPools['a'] ?? '') - Date.parse(at(minute))) / 1000;
    });
    assert.deepEqual(waits, [5, 10, 20, 40, 80, 160, 240, 240]);
    assert.deepEqual(remember(memory, [{ pool: 'a', result: 'started' }], at(20)).refusedInRow, {});
  });

  it('from a delete that is refused for good: five minutes, for a person may mend the cause', () => {
    for (const result of ['operator', 'bug', 'next-rung'] as const)
      assert.equal(remember(newClusterMemory, [{ pool: 'a', result }], at(0)).heldPools['a'], at(5));
  });

  it('from five starts without a conflict: one more at a time, to a limit', () => {
    let memory = remember(newClusterMemory, [refused], at(0));
    const started: OperationOutcome[] = Array.from({ length: 5 }, (_, index) => ({
      pool: `p${index}`,
      result: 'started',
    }));
    memory = remember(memory, started, at(3));
    assert.equal(memory.concurrency, 2);
    for (let tick = 0; tick < 100; tick += 1) memory = remember(memory, started, at(4));
    assert.equal(memory.concurrency, 50);
  });

  it('what it started holds its slot until it is seen to be over', () => {
    const learnt = remember(newClusterMemory, [{ pool: 'a', result: 'started' }], at(0));
    assert.deepEqual(learnt.runningSince, { a: at(0) });
    assert.deepEqual(
      runningOperations([view({ name: 'a', state: 'creating' })], learnt.runningSince, at(1)),
      {
        a: at(0),
      },
    );
    assert.deepEqual(runningOperations([view({ name: 'a' })], learnt.runningSince, at(1)), {});
  });
});
