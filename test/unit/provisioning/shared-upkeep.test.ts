import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type {
  ClaimFacts,
  SharedNodeFacts,
  SharedPoolFacts,
  Upkeep,
  UpkeepFacts,
} from '../../../shared/provisioning/shared-upkeep.ts';
import { isNothing, planUpkeep } from '../../../shared/provisioning/shared-upkeep.ts';

function claim(name: string, more: Partial<ClaimFacts> = {}): ClaimFacts {
  return {
    name,
    createdAt: `2026-11-01T00:00:0${name.slice(-1)}Z`,
    wanted: 1,
    released: false,
    refused: false,
    awaited: [],
    ...more,
  };
}

const released = { released: true, wanted: 0 };

function node(name: string, of?: string, more: Partial<SharedNodeFacts> = {}): SharedNodeFacts {
  return { name, claim: of, ready: true, deleting: false, discarded: false, ...more };
}

function pool(count: number, more: Partial<SharedPoolFacts> = {}): SharedPoolFacts {
  return { state: 'succeeded', count, stopped: false, shrinking: false, ...more };
}

/** What is planned of a pool whose machines are those of its nodes, unless others are given. */
function plan(facts: Omit<UpkeepFacts, 'machines'> & { machines?: string[] | 'unknown' }): Upkeep {
  const { machines = facts.nodes.map(({ name }) => name), ...rest } = facts;
  return planUpkeep(machines === 'unknown' ? rest : { ...rest, machines });
}

const failure = { class: 'next-rung', code: 'AllocationFailed', message: 'no machine is left' } as const;

describe('what a shared pool needs next', () => {
  it('is nothing while every claim has its nodes', () => {
    const facts = {
      pool: pool(2),
      claims: [claim('c1'), claim('c2')],
      nodes: [node('n1', 'c1'), node('n2', 'c2')],
    };
    assert.ok(isNothing(plan({ ...facts, machines: 'unknown' })));
    assert.ok(isNothing(plan(facts)));
  });

  it('is the pool itself, as large as all claims together', () => {
    const claims = [
      claim('c2', { wanted: 2 }),
      claim('c1'),
      claim('c3', { wanted: 0 }),
      claim('c4', { refused: true }),
    ];
    assert.deepEqual(plan({ pool: undefined, claims, nodes: [] }).order, {
      kind: 'grow',
      base: 0,
      shares: [
        { claim: 'c1', missing: 1 },
        { claim: 'c2', missing: 2 },
      ],
    });
  });

  it('is to look at the machines before the pool grows or shrinks', () => {
    const facts = { pool: pool(1), claims: [claim('c1'), claim('c2')], nodes: [node('n1', 'c1')] };
    assert.deepEqual(plan({ ...facts, machines: 'unknown' }).order, { kind: 'look' });
    assert.deepEqual(plan({ ...facts, machines: ['n1'] }).order, {
      kind: 'grow',
      base: 1,
      shares: [{ claim: 'c2', missing: 1 }],
    });
  });

  it('is to give free nodes to the oldest claims, while the pool is still growing too', () => {
    const claims = [claim('c3'), claim('c1'), claim('c2', { wanted: 2 })];
    const nodes = [node('n1', 'c1'), node('n2'), node('n3'), node('n4', undefined, { deleting: true })];
    const { labels, order } = plan({ pool: pool(4, { state: 'updating' }), claims, nodes });
    assert.deepEqual(labels, [
      { node: 'n2', claim: 'c2' },
      { node: 'n3', claim: 'c2' },
    ]);
    assert.equal(order, undefined);
  });

  it('is to give no node away while machines are being removed', () => {
    const facts = { claims: [claim('c1')], nodes: [node('n1')] };
    assert.deepEqual(plan({ ...facts, pool: pool(1, { state: 'updating', shrinking: true }) }).labels, []);
  });

  it('is to wait for a machine that has not joined, and to keep it for the claim that waits', () => {
    const facts = { pool: pool(2), claims: [claim('c1'), claim('c2')], nodes: [node('n1', 'c1')] };
    const first = plan({ ...facts, machines: ['n1', 'n2'] });
    assert.deepEqual(first.awaited, [{ claim: 'c2', machines: ['n2'] }]);
    assert.equal(first.order, undefined);
    const claims = [claim('c1'), claim('c2', { awaited: ['n2'] }), claim('c0')];
    assert.deepEqual(plan({ ...facts, claims, machines: ['n1', 'n2'] }).order, {
      kind: 'grow',
      base: 2,
      shares: [{ claim: 'c0', missing: 1 }],
    });
    const joined = plan({ ...facts, claims, nodes: [node('n1', 'c1'), node('n2')], machines: ['n1', 'n2'] });
    assert.deepEqual(joined.labels, [{ node: 'n2', claim: 'c2' }]);
  });

  it('is to take the machine that never joined away with the claim that waited for it', () => {
    const claims = [claim('c1'), claim('c2', { ...released, awaited: ['n2'] }), claim('c3')];
    const { order, drops } = plan({
      pool: pool(2),
      claims,
      nodes: [node('n1', 'c1')],
      machines: ['n1', 'n2'],
    });
    assert.deepEqual(order, { kind: 'remove-machines', machines: ['n2'] });
    assert.deepEqual(drops, []);
  });

  it('is to remove what nobody is to have by one call, before anything grows', () => {
    const claims = [claim('c1', { wanted: 1 }), claim('c2', released), claim('c3')];
    const nodes = [
      node('n1', 'c1'),
      node('n2', 'c1', { ready: false }),
      node('n3', 'c2'),
      node('n4', 'gone'),
      node('n5', 'c3', { discarded: true }),
      node('n6', 'c2', { deleting: true }),
    ];
    assert.deepEqual(plan({ pool: pool(6), claims, nodes }).order, {
      kind: 'remove-machines',
      machines: ['n2', 'n3', 'n4', 'n5'],
    });
  });

  it('is to forget a released claim once neither node nor machine of it is left', () => {
    const claims = [claim('c1'), claim('c2', released)];
    assert.deepEqual(plan({ pool: pool(1), claims, nodes: [node('n1', 'c1')] }).drops, ['c2']);
    const going = [node('n1', 'c1'), node('n2', 'c2', { deleting: true })];
    assert.deepEqual(plan({ pool: pool(1), claims, nodes: going, machines: ['n1'] }).drops, []);
  });

  it('is to keep a released claim while a machine goes that may have been meant for it', () => {
    const claims = [claim('c1'), claim('c2', released)];
    const facts = { pool: pool(2), claims, nodes: [node('n1', 'c1')], machines: ['n1', 'n2'] };
    const { order, drops } = plan(facts);
    assert.deepEqual(order, { kind: 'remove-machines', machines: ['n2'] });
    assert.deepEqual(drops, []);
  });

  it('is to wait no longer for a machine that has joined, or is gone', () => {
    const claims = [claim('c1', { awaited: ['n1', 'n9'] }), claim('c2')];
    const { awaited } = plan({ pool: pool(1), claims, nodes: [node('n1', 'c1')] });
    assert.deepEqual(awaited, [{ claim: 'c1', machines: [] }]);
  });

  it('is that the pool goes with its last claim, though it is still being made', () => {
    for (const state of ['creating', 'updating', 'succeeded', 'failed'] as const) {
      const facts = { pool: pool(1, { state }), claims: [claim('c1', released)], nodes: [node('n1', 'c1')] };
      assert.deepEqual(plan({ ...facts, machines: 'unknown' }).order, { kind: 'remove-pool' });
      assert.deepEqual(plan(facts).drops, []);
    }
    assert.ok(isNothing(plan({ pool: pool(1, { state: 'deleting' }), claims: [], nodes: [] })));
    assert.deepEqual(plan({ pool: undefined, claims: [claim('c1', released)], nodes: [] }).drops, ['c1']);
  });

  it('is to refuse the claims that a failed pool had promised machines, and to serve those that came later', () => {
    const claims = [claim('c1'), claim('c2'), claim('c3'), claim('c4')];
    const failed = pool(3, { state: 'failed', failure });
    const { refusals, order } = plan({ pool: failed, claims, nodes: [node('n1', 'c1')] });
    assert.deepEqual(refusals, [
      { claim: 'c2', failure },
      { claim: 'c3', failure },
    ]);
    assert.deepEqual(order, { kind: 'grow', base: 1, shares: [{ claim: 'c4', missing: 1 }] });
  });

  it('is to set the count of a pool to what there is, that no machine comes for nobody', () => {
    const claims = [claim('c1'), claim('c2', { refused: true })];
    const facts = { claims, nodes: [node('n1', 'c1')] };
    assert.deepEqual(plan({ ...facts, pool: pool(2, { state: 'failed', failure }) }).order, {
      kind: 'settle',
      count: 1,
    });
    assert.equal(plan({ ...facts, pool: pool(1, { state: 'failed', failure }) }).order, undefined);
  });

  it('is to start a pool that somebody stopped, when nodes are wanted', () => {
    const facts = { pool: pool(1, { stopped: true }), nodes: [node('n1', 'c1', { ready: false })] };
    assert.deepEqual(plan({ ...facts, claims: [claim('c1')] }).order, { kind: 'settle', count: 1 });
  });

  it('is no growth beyond what AKS allows a pool; who does not fit is told', () => {
    const claims = [claim('c1', { wanted: 999 }), claim('c2', { wanted: 2 }), claim('c3', { wanted: 1 })];
    const { order, refusals } = plan({ pool: undefined, claims, nodes: [] });
    assert.deepEqual(
      refusals.map((one) => [one.claim, one.failure.code]),
      [['c2', 'SharedPoolFull']],
    );
    assert.deepEqual(order?.kind === 'grow' && order.shares.map((share) => share.claim), ['c1', 'c3']);
  });
});
