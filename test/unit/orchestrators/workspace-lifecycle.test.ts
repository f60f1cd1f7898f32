import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ActivityFailure, Outcome } from '../../../functions/contracts/activity.ts';
import type { WorkspaceRun } from '../../../functions/contracts/workspace-activities.ts';
import { workspaceLifecycle } from '../../../functions/orchestrators/workspace-lifecycle.ts';
import { currentLogicVersion } from '../../../shared/lifecycle/decide.ts';
import { noLimits } from '../../../shared/workspace/lifetime-options.ts';
import type { WorkspaceSnapshot } from '../../../shared/lifecycle/snapshot.ts';
import {
  allocation,
  at,
  firstPool,
  intent,
  observed,
  plan,
  readyStatus,
  snapshot,
  status,
  uid,
  workload,
} from '../lifecycle/support/snapshots.ts';
import { workloadRevision } from '../../../shared/lifecycle/workload-outlook.ts';
import type { Story } from './support/driven-run.ts';
import { drive } from './support/driven-run.ts';

const reference = { cluster: 'main', namespace: 'default', name: 'phi', uid };
const unreachable: ActivityFailure = { code: 'ClusterUnreachable', message: 'no answer', retryable: true };

function input(change: Partial<WorkspaceRun> = {}): WorkspaceRun {
  return { reference, logicVersion: 1, pools: [], failures: 0, lastKnown: null, ...change };
}

type Values = Readonly<Record<string, unknown>>;

/** One turn: activities answer with these values; those that are failures fail. */
function turn(
  seen: WorkspaceSnapshot | null,
  values: Values = {},
  options: { input?: WorkspaceRun; nudged?: boolean } = {},
): Promise<Story<WorkspaceRun>> {
  const all: Values = { observeWorkspace: { snapshot: seen }, writeStatus: { written: true }, ...values };
  return drive(workspaceLifecycle, options.input ?? input(), {
    nudged: options.nudged ?? false,
    answer: ({ activity }) => outcomeOf(all[activity] ?? {}),
  });
}

function outcomeOf(value: unknown): Outcome<unknown> {
  return isFailure(value) ? { ok: false, failure: value } : { ok: true, value };
}

function isFailure(value: unknown): value is ActivityFailure {
  return typeof value === 'object' && value !== null && 'retryable' in value;
}

function acts({ calls }: Story<WorkspaceRun>): string {
  return calls.map(({ activity }) => activity).join(' ');
}

const nodesUp = status({ allocations: [allocation({ seen: true })] });
const terminal: ActivityFailure = {
  code: 'Invalid',
  message: 'refused',
  remedy: 'Mend it.',
  retryable: false,
};

describe('a turn reads like the runbook', () => {
  const cases: [what: string, seen: WorkspaceSnapshot | null, values: Values, acts: string][] = [
    [
      'a fresh record gets our finalizer, and nothing else yet',
      snapshot({ slipway: null, hasFinalizer: false }),
      {},
      'observeWorkspace addFinalizer',
    ],
    [
      'a new intent is planned and written, and the cluster is woken for its wishes',
      snapshot({ slipway: null }),
      { planWorkspace: { plan: plan() } },
      'observeWorkspace planWorkspace writeStatus nudgeCluster',
    ],
    [
      'what cannot be planned is told in the record',
      snapshot({ slipway: null }),
      { planWorkspace: terminal },
      'observeWorkspace planWorkspace writeStatus',
    ],
    ['waiting for nodes is written once', snapshot(), {}, 'observeWorkspace writeStatus'],
    [
      'nodes that are ready get their workload',
      snapshot({ slipway: nodesUp, observed: observed({ workload: null }) }),
      {},
      'observeWorkspace applyWorkload writeStatus',
    ],
    [
      'a workload that is refused is told in the record',
      snapshot({ slipway: nodesUp, observed: observed({ workload: null }) }),
      { applyWorkload: terminal },
      'observeWorkspace applyWorkload writeStatus',
    ],
    [
      'a delete takes the workload away and withdraws the wishes',
      snapshot({ deleting: true, slipway: readyStatus(), observed: observed() }),
      { removeWorkload: { left: 3 } },
      'observeWorkspace removeWorkload writeStatus nudgeCluster',
    ],
    [
      'a delete with nothing left lets the record go',
      snapshot({ deleting: true, slipway: status({ allocations: [] }) }),
      { removeWorkload: { left: 0 } },
      'observeWorkspace removeWorkload finishWorkspace',
    ],
    [
      'a workspace whose time is over is deleted, and asks for nothing first',
      snapshot({ slipway: null, hasFinalizer: false, lifetime: { ...noLimits, expiresAt: at(-1) } }),
      {},
      'observeWorkspace expireWorkspace',
    ],
    [
      'a suspended workspace withdraws its nodes and wakes the cluster',
      snapshot({
        slipway: readyStatus(),
        observed: observed(),
        lifetime: { ...noLimits, suspended: true },
      }),
      {},
      'observeWorkspace writeStatus nudgeCluster',
    ],
    [
      'a record that vanished is a delete: objects first, then its pools by tag',
      null,
      { removeWorkload: { left: 0 }, findPools: { pools: [firstPool] } },
      'observeWorkspace removeWorkload findPools nudgeCluster',
    ],
  ];
  for (const [what, seen, values, expected] of cases) {
    it(what, async () => {
      const story = await turn(seen, values, { input: input({ pools: [firstPool] }) });
      assert.equal(acts(story), expected);
      assert.equal(story.ended, 'continued');
    });
  }

  it('a model that answers has its benchmark read, and what came of it is written, an unread log too', async () => {
    const measured = plan({ benchmark: true });
    const seen = snapshot({
      slipway: status({ plan: measured, allocations: [allocation({ seen: true })] }),
      observed: observed({ workload: workload({ revision: workloadRevision(intent, measured) }) }),
    });
    const options = { input: input({ logicVersion: currentLogicVersion }) };
    for (const readBenchmark of [{ failed: 'no result' }, unreachable, terminal]) {
      const story = await turn(seen, { readBenchmark }, options);
      assert.equal(acts(story), 'observeWorkspace readBenchmark writeStatus');
      const { runtime, model } = measured;
      const record = { ...reference, resourceVersion: '7' };
      assert.deepEqual(story.calls[1]?.input, { record, plan: { runtime, model } });
      const write = story.calls[2]?.input;
      assert.ok(isWrite(write));
      assert.deepEqual([write.write.slipway?.phase, write.write.state], ['Ready', 'NotReady']);
    }
    assert.equal(acts(await turn(seen)), 'observeWorkspace writeStatus', 'not in turns of older versions');
  });

  it('a turn without change calls nothing but the look', async () => {
    const seen = snapshot({ slipway: readyStatus(), observed: observed() });
    const [, write] = (await turn(seen)).calls;
    assert.ok(isWrite(write?.input));
    assert.equal(acts(await turn({ ...seen, ...write.input.write })), 'observeWorkspace');
  });
});

function isWrite(value: unknown): value is { write: Partial<WorkspaceSnapshot> } {
  return typeof value === 'object' && value !== null && 'write' in value;
}

describe('sleep between turns', () => {
  it('is one fresh timer and one fresh event; a nudge cancels the timer', async () => {
    const story = await turn(snapshot(), {}, { nudged: true });
    assert.deepEqual([story.timers.length, story.events, story.cancelled], [1, ['look'], [0]]);
  });

  it('leaves a timer that rang alone', async () => {
    assert.deepEqual((await turn(snapshot())).cancelled, []);
  });

  it('is short after a guarded write that somebody else overtook', async () => {
    assert.deepEqual((await turn(snapshot(), { writeStatus: { written: false } })).timers, [1]);
  });

  it('grows with failures in a row, up to five minutes, and never undercuts Retry-After', async () => {
    const waits: (number | undefined)[] = [];
    for (const failures of [0, 1, 2, 8, 50]) {
      const story = await turn(null, { observeWorkspace: unreachable }, { input: input({ failures }) });
      waits.push(story.timers[0]);
    }
    assert.deepEqual(waits, [5, 10, 20, 300, 300]);
    const slow = { ...unreachable, retryAfterSeconds: 900 };
    assert.deepEqual((await turn(snapshot(), { observeWorkspace: slow })).timers, [900]);
  });
});

describe('the next execution', () => {
  it('knows the record, the pools it holds and that all is well', async () => {
    const next = (await turn(snapshot({ slipway: null }), { planWorkspace: { plan: plan() } })).restartedWith;
    assert.deepEqual(next?.reference, reference);
    assert.deepEqual([next.pools, next.failures, next.logicVersion], [[firstPool], 0, currentLogicVersion]);
  });

  it('after a failed turn still knows the pools, and counts', async () => {
    const before = input({ pools: [firstPool], failures: 2 });
    const next = (await turn(null, { observeWorkspace: unreachable }, { input: before })).restartedWith;
    assert.deepEqual([next?.pools, next?.failures], [[firstPool], 3]);
  });

  it('after the record vanished looks for the pools that Azure still lists', async () => {
    const values = { removeWorkload: { left: 0 }, findPools: { pools: ['wsother'] } };
    assert.deepEqual(
      (await turn(null, values, { input: input({ pools: [firstPool] }) })).restartedWith?.pools,
      ['wsother'],
    );
  });
});

describe('the end', () => {
  it('comes when the record is gone and nothing is left', async () => {
    const story = await turn(null, { removeWorkload: { left: 0 } });
    assert.deepEqual([story.ended, story.restartedWith], ['gone', undefined]);
  });

  it('waits for the last pool', async () => {
    const before = input({ pools: [firstPool] });
    const left = { removeWorkload: { left: 0 }, findPools: { pools: [] } };
    assert.equal((await turn(null, left, { input: before })).ended, 'gone');
    const unknown = { removeWorkload: { left: 0 }, findPools: unreachable };
    assert.equal((await turn(null, unknown, { input: before })).ended, 'continued');
  });

  for (const [what, values] of [
    ['a record nobody can read', { observeWorkspace: unreachable }],
    ['a record that vanished', { removeWorkload: unreachable, findPools: unreachable }],
  ] as const) {
    it(`comes for ${what} when ARM says that the cluster is gone, asked after many failed turns only`, async () => {
      const asked: number[] = [];
      for (let failures = 0; failures < 12; failures += 1) {
        const story = await turn(
          null,
          { ...values, checkPower: { condition: 'gone' } },
          { input: input({ failures, pools: [firstPool] }) },
        );
        if (!acts(story).includes('checkPower')) continue;
        asked.push(failures);
        assert.deepEqual([story.ended, story.restartedWith], ['ClusterGone', undefined]);
      }
      assert.deepEqual(asked, [5, 11]);
    });
  }

  it('does not come while ARM knows the cluster, or does not answer', async () => {
    for (const checkPower of [{ condition: 'stopped' }, { condition: 'running' }, unreachable]) {
      const values = { observeWorkspace: unreachable, checkPower };
      assert.equal((await turn(null, values, { input: input({ failures: 5 }) })).ended, 'continued');
    }
  });
});
