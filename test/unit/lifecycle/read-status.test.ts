import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../../shared/lifecycle/decide.ts';
import { readConditions, readObserved, readStoredStatus } from '../../../shared/lifecycle/read-status.ts';
import type { StoredSlipwayStatus } from '../../../shared/lifecycle/slipway-status.ts';
import { liveAllocation } from '../../../shared/lifecycle/slipway-status.ts';
import { canonicalJson } from '../../../shared/workspace/canonical.ts';
import { allocation, at, observed, pool, readyStatus, snapshot, turn } from './support/snapshots.ts';

const stored: StoredSlipwayStatus = {
  ...readyStatus(),
  trail: [{ time: at(0), what: 'Planned', why: '1 node' }],
};

/** What comes back from a store that drops nulls and sorts keys. */
function throughTheStore(value: unknown): unknown {
  return JSON.parse(canonicalJson(value));
}

describe('the stored status', () => {
  it('reads as it was written, nulls dropped and keys in another order', () => {
    assert.deepEqual(readStoredStatus(throughTheStore(stored)), stored);
  });

  for (const nothing of [undefined, null, 'text', 7, [], {}, { observed: {} }, { phase: null }]) {
    it(`is nothing yet when it is ${JSON.stringify(nothing)}`, () =>
      assert.equal(readStoredStatus(nothing), null));
  }

  it('of before lifetimes were limited reads as if nothing had been limited', () => {
    const { plannedIntent, cost, ...older } = stored;
    const allocations = older.allocations.map(
      ({ accepted, hourlyPrice, priceSource, ...allocation }) => allocation,
    );
    const read = readStoredStatus(throughTheStore({ ...older, allocations }));
    assert.deepEqual(read, {
      ...stored,
      plannedIntent: stored.observedIntent,
      cost: null,
      allocations: stored.allocations.map((one) => ({
        ...one,
        accepted: true,
        hourlyPrice: null,
        priceSource: null,
      })),
    });
    assert.deepEqual([plannedIntent, cost], [stored.plannedIntent, stored.cost]);
  });

  it('keeps the cost, and forgets one that an edit broke', () => {
    const cost = { currency: 'USD', accrued: 1.5, hourly: 3, since: at(3), source: 'built-in-table' };
    assert.deepEqual(readStoredStatus(throughTheStore({ ...stored, cost }))?.cost, cost);
    assert.equal(readStoredStatus({ ...stored, cost: { ...cost, accrued: 'much' } })?.cost, null);
  });

  const edits: [what: string, edit: object][] = [
    ['a plan without its node count', { plan: { ...stored.plan, nodeCount: undefined } }],
    ['a plan that is text', { plan: 'none' }],
    ['a phase nobody knows', { phase: 'Resting' }],
    ['a time that is none', { phaseSince: 'yesterday' }],
    ['a day that is none', { nextTurnBy: '2026-13-45T99:00:00Z' }],
    ['a flag that is text', { everReady: 'yes' }],
    ['a negative counter', { replacements: -1 }],
    ['an allocation without a name', { allocations: [...stored.allocations, { wish: 'present' }] }],
    ['a wait without a time', { waitingFor: 'the nodes' }],
  ];
  for (const [what, edit] of edits) {
    it(`with ${what} keeps the pool and is planned again`, () => {
      const status = readStoredStatus({ ...stored, ...edit });
      assert.ok(status !== null);
      assert.deepEqual(status.allocations, stored.allocations);
      assert.deepEqual(decide(snapshot({ slipway: status, observed: observed() }), turn(20)), {
        act: 'plan',
      });
    });
  }

  it('with two live pools keeps the newest and releases the other (I1)', () => {
    const second = allocation({ generation: 2, pool: 'wssecond' });
    const status = readStoredStatus({ ...stored, allocations: [second, ...stored.allocations] });
    assert.ok(status !== null);
    assert.equal(liveAllocation(status)?.pool, 'wssecond');
    assert.deepEqual(
      status.allocations.map(({ wish }) => wish),
      ['present', 'absent'],
    );
  });

  it('never counts a generation twice after its counter was edited', () => {
    const held = [allocation({ generation: 4 })];
    assert.equal(readStoredStatus({ ...stored, generation: 0, allocations: held })?.generation, 4);
  });
});

describe('the stored observation', () => {
  it('reads as it was written, whatever the store drops', () => {
    const seen = observed({
      workload: null,
      pools: [
        pool({ state: 'refused', failure: { class: 'operator', code: 'InsufficientQuota', message: 'm' } }),
      ],
    });
    assert.deepEqual(readObserved(throughTheStore(seen)), seen);
  });

  const broken: [what: string, value: unknown][] = [
    ['text', 'seen'],
    ['a pool in a state nobody knows', { ...observed(), pools: [{ ...pool(), state: 'resting' }] }],
    ['a pool whose failure is text', { ...observed(), pools: [{ ...pool(), failure: 'quota' }] }],
    ['a node without GPUs count', { ...observed(), nodes: [{ name: 'n', gpus: 'two' }] }],
    ['a workload with text for a number', { ...observed(), workload: { replicas: 'one' } }],
  ];
  for (const [what, value] of broken) {
    it(`is taken as none when it is ${what}: the next tick looks again`, () =>
      assert.equal(readObserved(value), null));
  }
});

describe('stored conditions', () => {
  it('leaves out what is no condition, and keeps the rest', () => {
    const good = {
      type: 'ResourceReady',
      status: 'True',
      reason: 'Fine',
      message: '',
      lastTransitionTime: '2026-03-01T08:00:00Z',
      observedGeneration: 2,
    };
    assert.deepEqual(readConditions([good, null, 'True', { type: 'X' }, { ...good, status: 'Yes' }]), [good]);
    assert.deepEqual(readConditions({ 0: good }), []);
  });
});
