import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide, settlePlanned } from '../../../shared/lifecycle/decide.ts';
import type { WorkspaceSnapshot } from '../../../shared/lifecycle/snapshot.ts';
import { wholeSnapshot } from '../../../shared/lifecycle/snapshot.ts';
import type { Allocation, Observed } from '../../../shared/lifecycle/slipway-status.ts';
import { describeWishes } from '../../../shared/lifecycle/slipway-status.ts';
import type { LifetimeOptions } from '../../../shared/workspace/lifetime-options.ts';
import { noLimits } from '../../../shared/workspace/lifetime-options.ts';
import * as support from './support/snapshots.ts';
import {
  afterWrite,
  allocation,
  at,
  condition,
  firstPool,
  node,
  observed,
  pool,
  readyStatus,
  settled,
  snapshot,
  status,
  turn,
  workload,
  written,
} from './support/snapshots.ts';

function limited(options: Partial<LifetimeOptions>): LifetimeOptions {
  return { ...noLimits, ...options };
}
const suspended = limited({ suspended: true });
/** Another intent than was acted on, because only a limit of its life changed. */
const changed = { intent: 'b'.repeat(64), workIntent: support.intent };

const ready = snapshot({ slipway: readyStatus(), observed: observed() });
const asked = { ...ready, ...changed, lifetime: suspended };

/** The one allocation in a few words. */
function told(allocations: readonly Allocation[]): string[] {
  return allocations.map(({ wish, count, power, accepted }) =>
    [wish, String(count), power, ...(accepted ? ['accepted'] : [])].join(' '),
  );
}

/** As the cluster sees it once Azure has done what is wished. */
function obeyed({ slipway }: WorkspaceSnapshot, change: Partial<Observed> = {}): Observed {
  const allocations = slipway?.allocations ?? [];
  const [live] = allocations;
  const stopped = live?.power === 'stopped';
  return observed({
    wishes: describeWishes(allocations),
    pools: [pool({ count: stopped ? 1 : (live?.count ?? 0), ...(stopped ? { power: 'stopped' } : {}) })],
    nodes: [],
    workload: workload({ readyReplicas: 0 }),
    ...change,
  });
}

describe('a suspension', () => {
  it('wishes for the same pool without nodes, tells why, and wakes the cluster', () => {
    const decision = settled(decide(asked, turn(20)));
    const write = written(decision);
    assert.equal(decision.wishesChanged, true);
    assert.equal(write.slipway.phase, 'Suspended');
    assert.equal(write.slipway.observedIntent, changed.intent);
    assert.equal(write.state, 'NotReady');
    assert.deepEqual(told(write.slipway.allocations), ['present 0 running']);
    assert.equal(write.slipway.allocations[0]?.pool, firstPool);
    assert.equal(write.slipway.waitingFor?.what, `agent pool ${firstPool} to be scaled to zero`);
    for (const type of ['NodeClaimReady', 'NodesReady', 'ResourceReady', 'InferenceReady'])
      assert.match(condition(write, type), /^False WorkspaceSuspended: .*slipway\.dev\/suspended is true/);
    assert.deepEqual(
      write.trail.map(({ what, why }) => `${what}: ${why}`),
      ['Suspended: slipway.dev/suspended is true'],
    );
  });

  it('stops the machines when that is asked for, and keeps their count', () => {
    const stop = { ...asked, lifetime: limited({ suspended: true, suspendMode: 'stop' }) };
    const write = written(decide(stop, turn(20)));
    assert.deepEqual(told(write.slipway.allocations), ['present 1 stopped']);
    assert.equal(write.slipway.waitingFor?.what, `agent pool ${firstPool} to be stopped`);
  });

  it('rests when the nodes are gone, and writes nothing more; another mode makes no difference then', () => {
    const first = afterWrite(asked, written(decide(asked, turn(20))));
    const empty = { ...first, observed: obeyed(first) };
    const write = written(decide(empty, turn(21)));
    assert.equal(write.slipway.waitingFor?.what, 'a resume: POST /api/workspaces/default/phi/resume');
    assert.deepEqual(told(write.slipway.allocations), ['present 0 running accepted']);
    assert.equal(write.slipway.cost?.hourly, 0);
    const resting = afterWrite(empty, write);
    assert.equal(settled(decide(resting, turn(25))).write, undefined);
    const stop = { ...resting, lifetime: limited({ suspended: true, suspendMode: 'stop' }) };
    assert.equal(settled(decide(stop, turn(25))).write, undefined);
  });

  it('waits as long as a node is still seen, and repeats what Azure says', () => {
    const first = afterWrite(asked, written(decide(asked, turn(20))));
    const failure = { class: 'wait' as const, code: 'OperationInProgress', message: 'busy' };
    const busy = obeyed(first, { pools: [pool({ state: 'waiting', failure })], nodes: [node()] });
    assert.match(
      written(decide({ ...first, observed: busy }, turn(21))).slipway.waitingFor?.what ?? '',
      /to be scaled to zero: busy$/,
    );
    const lingering = obeyed(first, { nodes: [node()] });
    assert.equal(
      settled(decide({ ...first, observed: lingering }, turn(21))).write?.slipway.waitingFor?.what,
      `agent pool ${firstPool} to be scaled to zero`,
    );
  });

  const halfMade: [what: string, Allocation, Observed | null][] = [
    ['was never made', allocation(), observed({ pools: [], nodes: [] })],
    ['nobody has looked for', allocation(), null],
    [
      'is being made',
      allocation({ seen: true }),
      observed({ pools: [pool({ state: 'creating' })], nodes: [] }),
    ],
    ['failed', allocation({ seen: true }), observed({ pools: [pool({ state: 'failed' })], nodes: [] })],
    ['was refused', allocation(), observed({ pools: [pool({ state: 'refused', count: 0 })], nodes: [] })],
    ['is lost', allocation({ seen: true }), observed({ pools: [], nodes: [] })],
  ];
  for (const [what, held, seen] of halfMade) {
    it(`gives back a pool that ${what}`, () => {
      const early = { ...asked, slipway: status({ allocations: [held] }), observed: seen };
      assert.deepEqual(
        written(decide(early, turn(5))).slipway.allocations.map(({ wish }) => wish),
        ['absent'],
      );
    });
  }

  it('before anything was planned asks for nothing', () => {
    const fresh = snapshot({ slipway: null, lifetime: suspended });
    const write = written(decide(fresh, turn(0)));
    assert.deepEqual(
      [write.slipway.phase, write.slipway.allocations, write.state],
      ['Suspended', [], 'NotReady'],
    );
    assert.equal(settled(decide(afterWrite(fresh, write), turn(1))).write, undefined);
  });

  it('does not plan, however the spec changes meanwhile', () => {
    const other = { ...asked, workIntent: 'c'.repeat(64) };
    const write = written(decide(other, turn(20)));
    assert.deepEqual([write.slipway.phase, write.slipway.plannedIntent], ['Suspended', support.intent]);
    assert.equal(decide({ ...afterWrite(other, write), lifetime: noLimits }, turn(21)).act, 'plan');
  });

  it('ends a failure, which the resume tries anew', () => {
    const failed = status({
      phase: 'Failed',
      allocations: [],
      failure: { code: 'InsufficientQuota', message: 'm', remedy: 'r', at: at(1) },
    });
    const write = written(decide({ ...asked, slipway: failed, observed: null }, turn(20)));
    assert.deepEqual([write.slipway.phase, write.slipway.failure], ['Suspended', null]);
    const resumed = { ...afterWrite(asked, write), lifetime: noLimits };
    assert.equal(decide(resumed, turn(21)).act, 'plan');
  });

  it('leaves a workspace alone whose nodes are its user’s own', () => {
    const brought = { ...asked, slipway: readyStatus({ plan: support.plan({ broughtNodes: true }) }) };
    assert.equal(decide({ ...brought, intent: support.intent }, turn(20)).act, 'apply-workload');
  });

  it('of a workspace that is not acceptable says what is wrong with it instead', () => {
    const faults = [{ field: 'inference', reason: 'FieldValueInvalid' as const, message: 'no' }];
    assert.equal(written(decide({ ...asked, faults }, turn(20))).slipway.phase, 'Failed');
  });
});

describe('a resume', () => {
  const first = afterWrite(asked, written(decide(asked, turn(20))));
  const resting = { ...first, observed: obeyed(first) };
  const slept = afterWrite(resting, written(decide(resting, turn(21))));
  const woken = { ...slept, intent: support.intent, lifetime: noLimits };
  const write = written(decide(woken, turn(100)));

  it('asks for the nodes of the kept pool', () => {
    assert.equal(write.slipway.phase, 'Provisioning');
    assert.deepEqual(told(write.slipway.allocations), ['present 1 running']);
    assert.equal(write.slipway.allocations[0]?.pool, firstPool);
    assert.deepEqual(
      write.trail.map(({ what }) => what),
      ['Resumed', 'Provisioning'],
    );
  });

  it('waits for Azure to take the wish up before it counts the minutes to ready nodes', () => {
    const waiting = afterWrite(woken, write);
    // Three hours behind a hundred others; nothing is wrong.
    const queued = written(decide(waiting, turn(280)));
    assert.equal(queued.slipway.phase, 'Provisioning');
    assert.equal(
      queued.slipway.waitingFor?.what,
      `agent pool ${firstPool} to get 1 x Standard_NC24ads_A100_v4`,
    );
    const later = afterWrite(waiting, queued);
    const wishes = describeWishes(later.slipway?.allocations ?? []);
    const growing = observed({
      wishes,
      pools: [pool({ state: 'updating' })],
      nodes: [],
      workload: workload({ readyReplicas: 0 }),
    });
    const seen = { ...later, observed: growing };
    const taken = written(decide(seen, turn(281)));
    assert.deepEqual(told(taken.slipway.allocations), ['present 1 running accepted']);
    const next = written(decide(afterWrite(seen, taken), turn(283)));
    assert.equal(next.slipway.waitingFor?.deadline, at(281 + 40));
  });

  it('comes to Ready again', () => {
    const waiting = afterWrite(woken, write);
    const wishes = describeWishes(waiting.slipway?.allocations ?? []);
    const back = { ...waiting, observed: observed({ wishes }) };
    assert.equal(written(decide(back, turn(110))).slipway.phase, 'Ready');
  });

  it('that Azure refuses is told with its reason', () => {
    const waiting = { ...afterWrite(woken, write) };
    const failure = {
      class: 'operator' as const,
      code: 'InsufficientQuota',
      message: 'no vCPUs',
      remedy: 'Ask.',
    };
    const refused = observed({
      wishes: describeWishes(waiting.slipway?.allocations ?? []),
      pools: [pool({ state: 'refused', count: 0, failure })],
      nodes: [],
    });
    const given = written(decide({ ...waiting, observed: refused }, turn(101)));
    assert.deepEqual([given.slipway.phase, given.slipway.failure?.code], ['Failed', 'InsufficientQuota']);
  });

  it('with a new plan keeps the pool, running', () => {
    const { plan } = slept.slipway ?? status();
    assert.ok(plan);
    const [live] = slept.slipway?.allocations ?? [];
    assert.ok(live);
    const offer = { instanceType: live.instanceType, placement: live.placement };
    const planned = written(settlePlanned(woken, { plan, rung: 0, offer, skipped: [] }, turn(100)));
    assert.deepEqual(told(planned.slipway.allocations), ['present 1 running']);
    assert.equal(planned.slipway.phase, 'Provisioning');
  });
});

describe('a limit on a life', () => {
  it('that changes plans nothing and rolls nothing out', () => {
    const longer = { ...ready, ...changed, lifetime: limited({ timeToLiveSeconds: 86_400 }) };
    const write = written(decide(longer, turn(20)));
    assert.deepEqual([write.slipway.phase, write.slipway.observedIntent], ['Ready', changed.intent]);
    assert.deepEqual(write.slipway.allocations, ready.slipway?.allocations);
  });

  it('that changes does not run a finished Job again', () => {
    const done = snapshot({
      ...changed,
      tuning: true,
      slipway: status({ phase: 'Succeeded', allocations: [] }),
      lifetime: limited({ timeToLiveSeconds: 86_400 }),
    });
    assert.equal(written(decide(done, turn(20))).slipway.phase, 'Succeeded');
  });

  it('is slept up to, and no further', () => {
    const soon = { ...ready, lifetime: limited({ expiresAt: at(22) }) };
    assert.equal(settled(decide(soon, turn(20))).sleepSeconds, 120);
    assert.equal(decide(soon, turn(22)).act, 'expire');
  });

  it('holds before the finalizer, and for a workspace that is not acceptable', () => {
    const over = limited({ expiresAt: at(1) });
    assert.equal(decide({ ...ready, hasFinalizer: false, lifetime: over }, turn(2)).act, 'expire');
    const faults = [{ field: 'inference', reason: 'FieldValueInvalid' as const, message: 'no' }];
    assert.equal(decide({ ...ready, faults, lifetime: over }, turn(2)).act, 'expire');
  });

  it('that is over is why it is deleted', () => {
    const going = { ...ready, deleting: true, hasFinalizer: false, lifetime: limited({ expiresAt: at(1) }) };
    const empty = { ...going, slipway: readyStatus({ allocations: [] }) };
    const [entry] = written(decide(empty, turn(2))).trail;
    assert.deepEqual(
      [entry?.what, entry?.why],
      ['Deleting', `it expired at ${at(1)}: slipway.dev/expires-at says so`],
    );
    const mine = { ...empty, lifetime: noLimits };
    assert.equal(written(decide(mine, turn(2))).trail[0]?.why, 'deletion was asked for');
  });
});

describe('a snapshot of before lifetimes were limited', () => {
  it('leads to the same decision, and to no write', () => {
    const first = afterWrite(ready, written(decide(ready, turn(20))));
    const { createdAt, workIntent, lifetime, slipway, ...rest } = first;
    assert.ok(slipway);
    const { plannedIntent, cost, allocations, ...kept } = slipway;
    const old = allocations.map(({ accepted, hourlyPrice, priceSource, ...one }) => one);
    const whole = wholeSnapshot({ ...rest, slipway: { ...kept, allocations: old } });
    assert.equal(settled(decide(whole, turn(21))).write, undefined);
    assert.deepEqual(
      [whole.workIntent, whole.lifetime, whole.slipway?.allocations[0]?.accepted],
      [first.intent, noLimits, true],
    );
    assert.deepEqual([createdAt, workIntent, lifetime], [ready.createdAt, support.intent, noLimits]);
    assert.deepEqual([plannedIntent, cost?.hourly], [support.intent, 3.673]);
  });
});
