import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decide } from '../../../shared/lifecycle/decide.ts';
import { readObserved, readStoredStatus } from '../../../shared/lifecycle/read-status.ts';
import { Phase } from '../../../shared/lifecycle/phase.ts';
import { standingOf } from '../../../shared/lifecycle/standing.ts';
import type { LifetimeOptions } from '../../../shared/workspace/lifetime-options.ts';
import { noLimits } from '../../../shared/workspace/lifetime-options.ts';
import type { WorkspaceSnapshot } from '../../../shared/lifecycle/snapshot.ts';
import { describeWishes, wantsNodes } from '../../../shared/lifecycle/slipway-status.ts';
import { takeSnapshot } from '../../../shared/lifecycle/take-snapshot.ts';
import {
  afterWrite,
  allocation,
  at,
  node,
  observed,
  plan,
  pool,
  revision,
  snapshot,
  status,
  turn,
  workload,
} from '../../unit/lifecycle/support/snapshots.ts';
import { seed } from '../core/seed.ts';

const numRuns = 3000;
const office = { suspend: '0 17 * * *', resume: '0 9 * * *', timeZone: 'Europe/Berlin' };
const minute = fc.integer({ min: 0, max: 3000 });
const poolState = fc.constantFrom(
  ...(['creating', 'updating', 'deleting', 'succeeded', 'failed', 'refused', 'waiting'] as const),
);

/** Whatever could stand in a record, reasonable together or not. */
const snapshots: fc.Arbitrary<WorkspaceSnapshot> = fc
  .record({
    phase: fc.constantFrom(...Object.values(Phase)),
    since: minute,
    allocations: fc.constantFrom(
      [],
      [allocation()],
      [allocation({ seen: true })],
      [allocation({ wish: 'absent', seen: true })],
      [allocation({ wish: 'absent', seen: true, pool: 'wsbefore' }), allocation({ generation: 2 })],
    ),
    planned: fc.boolean(),
    everReady: fc.boolean(),
    replacements: fc.nat(4),
    failed: fc.boolean(),
    state: poolState,
    listed: fc.boolean(),
    upToDateWishes: fc.boolean(),
    node: fc.option(fc.record({ ready: fc.boolean(), gpus: fc.nat(1) })),
    workload: fc.option(
      fc.record({
        revision: fc.constantFrom(revision, 'old'),
        readyReplicas: fc.nat(1),
        upToDate: fc.boolean(),
      }),
    ),
    looked: fc.boolean(),
    deleting: fc.boolean(),
    hasFinalizer: fc.boolean(),
    tuning: fc.boolean(),
    changed: fc.boolean(),
    lifetime: fc.constantFrom<Partial<LifetimeOptions>>(
      {},
      {},
      { timeToLiveSeconds: 86_400 },
      { timeToLiveSeconds: 86_400, onExpiry: 'suspend' },
      { expiresAt: at(1000) },
      { suspended: true },
      { suspended: true, suspendedUntil: at(1500), suspendMode: 'stop' },
      { suspended: false, suspendedUntil: at(700), schedule: office },
      { schedule: office },
    ),
  })
  .map((given) =>
    snapshot({
      deleting: given.deleting,
      hasFinalizer: given.hasFinalizer,
      tuning: given.tuning,
      // A tuning workspace is never suspended: the doors and the records' rules refuse it.
      lifetime: { ...noLimits, ...(given.tuning ? {} : given.lifetime) },
      slipway: status({
        phase: given.phase,
        phaseSince: at(given.since),
        allocations: [...given.allocations],
        plan: given.planned ? plan({ workload: given.tuning ? 'tuning' : 'inference' }) : null,
        everReady: given.everReady,
        replacements: given.replacements,
        observedIntent: given.changed ? 'other' : snapshot().intent,
        failure: given.failed ? { code: 'C', message: 'm', remedy: 'r', at: at(0) } : null,
      }),
      observed: given.looked
        ? observed({
            wishes: given.upToDateWishes ? describeWishes(given.allocations) : '',
            pools: given.listed ? [pool({ state: given.state })] : [],
            nodes: given.node === null ? [] : [node(given.node)],
            workload: given.workload === null ? null : workload(given.workload),
          })
        : null,
    }),
  );

describe('a decision', () => {
  it('never sleeps past an expiry or a turn of the schedule, and never wants nodes that must not be', () => {
    fc.assert(
      fc.property(snapshots, minute, (seen, minutes) => {
        const decision = decide(seen, turn(minutes));
        const { holds, until } = standingOf(seen, at(minutes));
        if (seen.deleting) return;
        if (holds === 'expired') assert.equal(decision.act, 'expire');
        if (decision.act !== 'settle') return;
        if (until !== null) assert.ok(at(minutes + decision.sleepSeconds / 60 - 1 / 60) < until);
        const held = (decision.write?.slipway ?? seen.slipway)?.allocations ?? [];
        if (holds !== 'nodes') assert.ok(!held.some(wantsNodes), JSON.stringify(held));
      }),
      { numRuns, seed: seed('decisions keep the limits') },
    );
  });

  it('is the same for the same observation, and leaves it as it was', () => {
    fc.assert(
      fc.property(snapshots, minute, (seen, minutes) => {
        const before = JSON.stringify(seen);
        assert.deepEqual(decide(seen, turn(minutes)), decide(seen, turn(minutes)));
        assert.equal(JSON.stringify(seen), before);
      }),
      { numRuns, seed: seed('decisions are pure') },
    );
  });

  it('that is written and taken again comes to rest: there is no write loop', () => {
    fc.assert(
      fc.property(snapshots, minute, (seen, minutes) => {
        let next = seen;
        for (let writes = 0; writes <= 4; writes += 1) {
          const decision = decide(next, turn(minutes));
          if (decision.act !== 'settle' || decision.write === undefined) return;
          assert.ok(decision.sleepSeconds >= 1);
          assert.ok(decision.write.slipway.nextTurnBy >= at(minutes + 2.5), 'the sweep is given time');
          next = afterWrite(next, decision.write);
        }
        assert.fail(`still writing: ${JSON.stringify(next.slipway)}`);
      }),
      { numRuns, seed: seed('decisions come to rest') },
    );
  });

  it('always says what is waited for, or why it failed and what to do', () => {
    fc.assert(
      fc.property(snapshots, minute, (seen, minutes) => {
        const decision = decide(seen, turn(minutes));
        if (decision.act !== 'settle' || decision.write === undefined) return;
        const { phase, waitingFor, failure, allocations } = decision.write.slipway;
        assert.ok(allocations.filter(({ wish }) => wish === 'present').length <= 1);
        if (phase === 'Failed') assert.ok(failure?.remedy !== undefined);
        else if (phase !== 'Ready' && phase !== 'Succeeded') assert.ok(waitingFor?.what);
      }),
      { numRuns, seed: seed('decisions speak') },
    );
  });
});

describe('anything at all in status.slipway', () => {
  const whole = { ...status(), trail: [], observed: observed() };
  /** Any JSON, and the right fields with any JSON in some of them. */
  const values = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc
      .dictionary(
        fc.oneof(fc.constantFrom(...Object.keys(whole), '__proto__', 'toString'), fc.string()),
        fc.jsonValue({ maxDepth: 3 }),
      )
      .map((edits): unknown => ({ ...whole, ...edits })),
    fc.jsonValue({ maxDepth: 3 }).map((value) => ({ ...whole, allocations: [value, ...whole.allocations] })),
    fc.jsonValue({ maxDepth: 3 }).map((value) => ({ ...whole, plan: { ...whole.plan, nodeCount: value } })),
    fc
      .jsonValue({ maxDepth: 3 })
      .map((value) => ({ ...whole, observed: { ...observed(), workload: value } })),
  );
  // As a store gives it back: there is no negative zero.
  const hostile = values.map((value): unknown => JSON.parse(JSON.stringify(value)));

  it('is read, and decided on, without a throw', () => {
    fc.assert(
      fc.property(hostile, fc.jsonValue(), fc.boolean(), (slipway, other, deleting) => {
        const deletion = deleting ? { deletionTimestamp: '2026-03-01T08:00:00Z' } : {};
        const seen = takeSnapshot('main', {
          apiVersion: 'kaito.sh/v1beta1',
          kind: 'Workspace',
          metadata: {
            name: 'phi',
            namespace: 'default',
            uid: 'u',
            resourceVersion: '1',
            creationTimestamp: '2026-03-01T08:00:00Z',
            finalizers: ['slipway.dev/finalizer'],
            ...deletion,
          },
          resource: { instanceType: 'Standard_NC24ads_A100_v4', labelSelector: { matchLabels: { a: 'b' } } },
          inference: { preset: { name: 'phi-4' } },
          status: { slipway, conditions: other, workerNodes: other, state: other, targetNodeCount: other },
        });
        decide(seen, turn(0));
        const { observedIntent: intent = '', plannedIntent: workIntent = '' } = seen.slipway ?? {};
        decide({ ...seen, intent, workIntent }, turn(0));
        const stored = readStoredStatus(slipway);
        if (stored !== null) assert.deepEqual(readStoredStatus(JSON.parse(JSON.stringify(stored))), stored);
        const looked = readObserved(slipway);
        if (looked !== null) assert.deepEqual(readObserved(JSON.parse(JSON.stringify(looked))), looked);
      }),
      { numRuns: 5000, seed: seed('hostile status') },
    );
  });
});
