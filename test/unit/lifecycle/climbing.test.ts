import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exhaustion, mayClimb } from '../../../shared/lifecycle/climbing.ts';
import { decide, settleClimb, settleNoOffer, settlePlanned } from '../../../shared/lifecycle/decide.ts';
import { heldRung } from '../../../shared/lifecycle/held-rung.ts';
import { Phase } from '../../../shared/lifecycle/phase.ts';
import type { WorkspaceSnapshot } from '../../../shared/lifecycle/snapshot.ts';
import type { PassedRung } from '../../../shared/planning/passed-rung.ts';
import type { Offer } from '../../../shared/planning/placement.ts';
import { regionalOnDemand } from '../../../shared/planning/placement.ts';
import type { ProvisioningFailure } from '../../../shared/provisioning/node-provisioner.ts';
import {
  afterWrite,
  allocation,
  chosen,
  firstPool,
  node,
  observed,
  pool,
  readyStatus,
  settled,
  snapshot,
  status,
  turn,
  written,
} from './support/snapshots.ts';

const capacity: ProvisioningFailure = {
  class: 'next-rung',
  code: 'AllocationFailed',
  message: 'no machine is left',
  remedy: 'Wait for capacity.',
};
const h100 = 'Standard_NC40ads_H100_v5';

const refusedBy = (failure: ProvisioningFailure): WorkspaceSnapshot =>
  snapshot({
    observed: observed({ pools: [pool({ state: 'refused', count: 0, failure })], nodes: [], workload: null }),
  });
const onRung = (rung: number, skipped: PassedRung[] = []) => ({
  ...chosen({ instanceType: h100 }),
  rung,
  skipped,
});
const passed = (rung: number, code: string, remedy?: string): PassedRung => ({
  rung,
  offer: `Size_${rung}`,
  code,
  message: `because of ${code}`,
  ...(remedy === undefined ? {} : { remedy }),
});

describe('a refused rung', () => {
  it('leads to a plan for the next one', () => {
    assert.deepEqual(decide(refusedBy(capacity), turn(2)), { act: 'climb', rung: 1, refused: capacity });
  });

  const classes: [code: string, kind: ProvisioningFailure['class'], climbs: boolean][] = [
    ['InsufficientQuota', 'next-rung', true],
    ['ZoneNotSupported', 'next-rung', true],
    ['InsufficientRegionalQuota', 'operator', true],
    ['RegionAtCapacity', 'operator', false],
    ['DisallowedByPolicy', 'operator', false],
    ['AuthorizationFailed', 'operator', false],
    ['InvalidRequest', 'bug', false],
  ];
  for (const [code, kind, climbs] of classes) {
    it(`${climbs ? 'is climbed from' : 'ends the workspace'} after ${code}`, () => {
      const failure = { ...capacity, code, class: kind };
      assert.equal(mayClimb(failure), climbs);
      assert.equal(decide(refusedBy(failure), turn(2)).act, climbs ? 'climb' : 'settle');
    });
  }

  it('is given up by turns of the logic before there were rungs', () => {
    const old = { ...turn(2), logicVersion: 1 };
    assert.equal(written(decide(refusedBy(capacity), old)).slipway.phase, Phase.Failed);
  });

  it('is given back for the next, in the same generation and under another name', () => {
    const write = written(
      settleClimb(refusedBy(capacity), capacity, onRung(2, [passed(1, 'ModelDoesNotFit')]), turn(2)),
    );
    const [old, fresh] = write.slipway.allocations;
    assert.deepEqual([old?.pool, old?.wish], [firstPool, 'absent']);
    assert.deepEqual(
      [fresh?.wish, fresh?.rung, fresh?.generation, fresh?.instanceType],
      ['present', 2, 1, h100],
    );
    assert.notEqual(fresh?.pool, firstPool);
    assert.equal(write.slipway.plan?.instanceType, h100);
    assert.deepEqual(
      write.slipway.passed.map(({ rung, code }) => [rung, code]),
      [
        [0, 'AllocationFailed'],
        [1, 'ModelDoesNotFit'],
      ],
    );
    assert.deepEqual(
      write.trail.map(({ what }) => what),
      ['NodesRefused', 'OffersSkipped', 'FallbackChosen'],
    );
    assert.equal(write.slipway.failure, null);
  });

  it('of a workspace that served makes it Degraded while it climbs', () => {
    const gone = observed({ pools: [pool({ state: 'refused', count: 0, failure: capacity })], nodes: [] });
    const seen = snapshot({ slipway: readyStatus(), observed: gone });
    assert.equal(decide(seen, turn(60)).act, 'climb');
    const write = written(settleClimb(seen, capacity, onRung(1), turn(60)));
    assert.deepEqual([write.slipway.phase, write.state], ['Degraded', 'NotReady']);
  });

  it('that was the last ends the workspace: why each was not had, and what is held goes', () => {
    const seen = refusedBy(capacity);
    const quota = passed(1, 'InsufficientQuota', 'Ask for 48 more.');
    const write = written(settleClimb(seen, capacity, { skipped: [quota] }, turn(2)));
    assert.equal(write.slipway.failure?.code, 'InsufficientQuota');
    assert.equal(write.slipway.failure.remedy, 'Ask for 48 more.');
    assert.match(
      write.slipway.failure.message,
      /none of 2 offers .*AllocationFailed: no machine.*Size_1: InsufficientQuota/,
    );
    assert.deepEqual(
      write.slipway.allocations.map(({ wish }) => wish),
      ['absent'],
    );
    assert.equal(settled(decide(afterWrite(seen, write), turn(3))).write, undefined, 'and it stays so');
  });

  it('that was the only one is told in Azure’s own words', () => {
    const { failure } = written(settleClimb(refusedBy(capacity), capacity, { skipped: [] }, turn(2))).slipway;
    assert.deepEqual(
      [failure?.code, failure?.message, failure?.remedy],
      ['AllocationFailed', 'no machine is left', 'Wait for capacity.'],
    );
  });
});

describe('a size that Azure will not give a pool', () => {
  const oneOfTwo = observed({ pools: [pool({ state: 'refused', count: 1, failure: capacity })] });
  const two = (accepted: boolean) =>
    readyStatus({ allocations: [allocation({ seen: true, accepted, count: 2 })] });

  it('and that more was wished for than before is told at once; what runs is kept', () => {
    const seen = snapshot({ slipway: two(false), observed: oneOfTwo });
    const write = written(decide(seen, turn(60)));
    assert.deepEqual(
      [write.state, write.slipway.failure?.code, write.slipway.failure?.remedy],
      ['Failed', 'AllocationFailed', 'Wait for capacity.'],
    );
    assert.deepEqual(
      write.slipway.allocations.map(({ wish }) => wish),
      ['present'],
    );
    assert.equal(settled(decide(afterWrite(seen, write), turn(61))).write, undefined);
  });

  it('although it had it, as after an eviction, leads to the next rung', () => {
    const seen = snapshot({ slipway: two(true), observed: oneOfTwo });
    assert.deepEqual(decide(seen, turn(60)), { act: 'climb', rung: 1, refused: capacity });
  });
});

describe('a creation that never ends', () => {
  const creating = observed({ pools: [pool({ state: 'creating' })], nodes: [], workload: null });
  const waiting = status({ allocations: [allocation({ seen: true })] });

  it('is made anew once after its deadline, then asked for otherwise', () => {
    const first = written(decide(snapshot({ slipway: waiting, observed: creating }), turn(41)));
    assert.deepEqual(
      first.slipway.allocations.map(({ wish, rung }) => [wish, rung]),
      [
        ['absent', 0],
        ['present', 0],
      ],
    );
    const again = decide(
      snapshot({ slipway: { ...waiting, replacements: 1 }, observed: creating }),
      turn(41),
    );
    assert.ok(again.act === 'climb');
    assert.deepEqual([again.rung, again.refused.code], [1, 'PoolNotCreated']);
  });
});

describe('a plan', () => {
  it('of a workspace whose every rung is known to be refused asks Azure for nothing', () => {
    const skipped = [passed(0, 'AllocationFailed', 'Wait.'), passed(1, 'SizeNotOffered', 'Choose.')];
    const write = written(settleNoOffer(snapshot({ slipway: null }), skipped, turn(0)));
    assert.deepEqual([write.state, write.slipway.failure?.code], ['Failed', 'SizeNotOffered']);
    assert.deepEqual([write.slipway.allocations, write.slipway.plan], [[], null]);
    assert.deepEqual(write.slipway.passed, skipped);
  });

  it('begins on a higher rung when those below are known to be refused, and tells so', () => {
    const write = written(
      settlePlanned(snapshot({ slipway: null }), onRung(1, [passed(0, 'AllocationFailed')]), turn(0)),
    );
    assert.equal(write.slipway.allocations[0]?.rung, 1);
    assert.deepEqual(
      write.trail.map(({ what }) => what),
      ['OffersSkipped', 'Planned', 'FallbackChosen', 'Provisioning'],
    );
  });
});

describe('the rung that is held', () => {
  const offer = (instanceType: string): Offer => ({ instanceType, placement: regionalOnDemand });
  const ladder = [offer('Size_0'), offer(h100)];
  const held = readyStatus({
    allocations: [allocation({ seen: true, rung: 1, instanceType: h100 })],
    passed: [passed(0, 'AllocationFailed')],
  });

  it('is kept while the ladder up to it is the same', () => {
    assert.equal(heldRung(ladder, held, observed()), 1);
    assert.equal(heldRung([...ladder, offer('Size_2')], held, observed()), 1);
  });

  it('is not when the user wants something else first, or other terms', () => {
    assert.equal(heldRung([offer('Another'), offer(h100)], held, observed()), undefined);
    const spot: Offer = { instanceType: h100, placement: { ...regionalOnDemand, priority: 'spot' } };
    assert.equal(heldRung([offer('Size_0'), spot], held, observed()), undefined);
    assert.equal(heldRung([offer('Size_0')], held, observed()), undefined);
  });

  it('is not after a failure for want of nodes: a retry begins at the first', () => {
    const failed = { ...held, phase: Phase.Failed };
    assert.equal(heldRung(ladder, failed, observed({ nodes: [node({ ready: false })] })), undefined);
    assert.equal(heldRung(ladder, failed, observed()), 1, 'nodes that are well are kept');
  });
});

describe('the failure of a whole ladder', () => {
  it('names what a person can have lifted before what only time helps against', () => {
    const all = [
      passed(0, 'AllocationFailed'),
      passed(1, 'ModelDoesNotFit'),
      passed(2, 'SizeNotOffered'),
      passed(3, 'InsufficientQuota'),
    ];
    assert.equal(exhaustion(all).code, 'InsufficientQuota');
    assert.equal(exhaustion(all.slice(0, 3)).code, 'SizeNotOffered');
    assert.equal(exhaustion(all.slice(0, 2)).code, 'AllocationFailed');
  });

  it('stays readable however long the ladder is', () => {
    const many = Array.from({ length: 72 }, (_, rung) => ({
      ...passed(rung, 'AllocationFailed'),
      message: 'x'.repeat(400),
    }));
    assert.ok(exhaustion(many).message.length < 6200);
  });
});
