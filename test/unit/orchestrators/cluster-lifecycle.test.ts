import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ActivityFailure } from '../../../functions/contracts/activity.ts';
import type { ClusterRun, ClusterView } from '../../../functions/contracts/cluster-activities.ts';
import { clusterLifecycle } from '../../../functions/orchestrators/cluster-lifecycle.ts';
import type { PoolOperation } from '../../../shared/lifecycle/pool-operations.ts';
import { newClusterMemory } from '../../../shared/lifecycle/pool-operations.ts';
import { busyTickSeconds } from '../../../shared/lifecycle/timing.ts';
import type { Story } from './support/driven-run.ts';
import { drive, startedAt } from './support/driven-run.ts';

const prepared = { ...newClusterMemory, preparedAt: startedAt, identity: 'kube-system-uid' };
const unreachable: ActivityFailure = { code: 'ClusterUnreachable', message: 'no answer', retryable: true };
const create: PoolOperation = {
  kind: 'create',
  pool: 'ws1',
  namespace: 'default',
  name: 'phi',
  uid: 'u',
  since: startedAt,
};

function view(change: Partial<ClusterView> = {}): ClusterView {
  return {
    wanted: [],
    runningSince: {},
    orphanSince: {},
    inTransition: 0,
    holding: 0,
    trouble: '',
    ...change,
  };
}

function tick(
  values: Readonly<Record<string, unknown>>,
  change: Partial<ClusterRun> = {},
): Promise<Story<ClusterRun>> {
  const input = { cluster: 'main', logicVersion: 1, memory: prepared, failures: 0, ...change };
  return drive(clusterLifecycle, input, {
    answer: ({ activity }) => {
      const value = values[activity];
      return isFailure(value) ? { ok: false, failure: value } : { ok: true, value: value ?? {} };
    },
  });
}

function isFailure(value: unknown): value is ActivityFailure {
  return typeof value === 'object' && value !== null && 'retryable' in value;
}

function acts({ calls }: Story<ClusterRun>): string {
  return calls.map(({ activity }) => activity).join(' ');
}

describe('a tick reads like the runbook', () => {
  it('prepares a cluster it does not know, then looks', async () => {
    const ready = { identity: 'kube-system-uid', condition: 'running', ready: true };
    const story = await tick({ prepareCluster: ready, observeCluster: view() }, { memory: newClusterMemory });
    assert.equal(acts(story), 'prepareCluster observeCluster');
    assert.equal(story.restartedWith?.memory.preparedAt, startedAt);
    assert.equal(story.restartedWith.memory.identity, 'kube-system-uid');
  });

  it('executes what is wished for and remembers what it started', async () => {
    const story = await tick({
      observeCluster: view({ wanted: [create] }),
      operatePool: { pool: 'ws1', result: 'started' },
    });
    assert.equal(acts(story), 'observeCluster operatePool');
    assert.deepEqual(story.restartedWith?.memory.runningSince, { ws1: startedAt });
  });

  it('asks ARM only when the cluster does not answer, and looks at everything anew afterwards', async () => {
    const story = await tick({ observeCluster: unreachable, checkPower: { condition: 'running' } });
    assert.equal(acts(story), 'observeCluster checkPower');
    assert.deepEqual([story.restartedWith?.failures, story.restartedWith?.memory.preparedAt], [1, null]);
  });
});

describe('how long a cluster is left alone', () => {
  const cases: [what: string, view: Partial<ClusterView>, seconds: number][] = [
    ['a few seconds while somebody waits', { inTransition: 1, holding: 1 }, busyTickSeconds],
    ['as much while a pool operation runs', { runningSince: { ws1: startedAt } }, busyTickSeconds],
    ['five minutes while nodes are held', { holding: 1 }, 300],
    ['a quarter of an hour while all who hold pools are asleep', { holding: 1, awake: 0 }, 900],
    ['a quarter of an hour while there is nothing', {}, 900],
  ];
  for (const [what, seen, seconds] of cases) {
    it(what, async () => {
      const { timers } = await tick({ observeCluster: view(seen) });
      assert.equal(timers.at(-1), seconds);
    });
  }

  it('ten minutes while it is stopped', async () => {
    const story = await tick({ observeCluster: unreachable, checkPower: { condition: 'stopped' } });
    assert.equal(story.timers.at(-1), 600);
  });

  it('no longer than that for a refusal that says when to ask for machines again', async () => {
    const failure = {
      code: 'SizeNotOffered',
      message: 'not here',
      retryable: false,
      retryAfterSeconds: 82_800,
    };
    const story = await tick({ observeCluster: failure, checkPower: { condition: 'running' } });
    assert.equal(story.timers.at(-1), 600);
  });

  it('at least a moment, however many nudges come', async () => {
    const story = await tick({ observeCluster: view() });
    assert.equal(story.timers.length, 2);
    assert.deepEqual(story.events, ['look']);
  });
});

describe('the end of a cluster', () => {
  it('comes when ARM does not know it any more', async () => {
    for (const values of [{ prepareCluster: unreachable }, { observeCluster: unreachable }]) {
      const memory = 'prepareCluster' in values ? newClusterMemory : prepared;
      const story = await tick({ ...values, checkPower: { condition: 'gone' } }, { memory });
      assert.deepEqual([story.ended, story.restartedWith], ['ClusterGone', undefined]);
    }
  });

  it('comes when another cluster has its name', async () => {
    const other = { identity: 'another', condition: 'replaced', ready: false };
    const story = await tick({ prepareCluster: other }, { memory: { ...prepared, preparedAt: null } });
    assert.equal(story.ended, 'ClusterGone');
  });
});
