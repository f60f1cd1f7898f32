import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PoolOperation, WishfulRecord } from '../../../shared/lifecycle/pool-operations.ts';
import {
  byUrgency,
  newClusterMemory,
  runningOperations,
  startable,
  wantedOperations,
} from '../../../shared/lifecycle/pool-operations.ts';
import { wantedTending } from '../../../shared/lifecycle/pool-tending.ts';
import { after } from '../../../shared/lifecycle/timing.ts';
import type { PoolView } from '../../../shared/provisioning/node-provisioner.ts';
import { allocation, observed } from './support/snapshots.ts';

const now = '2026-11-01T00:00:00.000Z';
const tend = true;

function view(name: string, more: Partial<PoolView> = {}): PoolView {
  const facts = {
    instanceType: 'Standard_NC24ads_A100_v4',
    count: 1,
    provisioningState: 'Succeeded',
    tags: {},
  };
  return { name, state: 'succeeded', ...facts, ...more };
}

function share(name: string, more: Partial<PoolView> = {}): PoolView {
  return view(name, { sharedPool: 'sh1', nodes: [], ...more });
}

function record(pool: string, since: string, wish: 'present' | 'absent' = 'present'): WishfulRecord {
  const one = { ...allocation({ pool, since, wish }), sharing: 'shared' as const };
  return { namespace: 'default', name: pool, uid: `uid-${pool}`, allocations: [one], observed: observed() };
}

function tending(
  records: WishfulRecord[],
  pools: PoolView[],
  runningSince: Record<string, string> = {},
): PoolOperation[] {
  return wantedTending(records, pools, { runningSince, now });
}

describe('tending shared pools', () => {
  it('is one operation for a pool, however many of its claims ask, as old as the oldest of them', () => {
    const records = [record('ws1', '2026-11-01T00:00:02.000Z'), record('ws2', '2026-11-01T00:00:01.000Z')];
    const pools = [view('sh1', { tend }), share('ws1', { tend }), share('ws2', { tend }), view('ws3')];
    assert.deepEqual(tending(records, pools), [
      { kind: 'tend', pool: 'sh1', since: '2026-11-01T00:00:01.000Z' },
    ]);
  });

  it('is asked for though the pool is not there yet, and though its records are gone', () => {
    assert.deepEqual(tending([], [share('ws1', { tend })]), [{ kind: 'tend', pool: 'sh1', since: '' }]);
    assert.deepEqual(tending([], [view('sh1', { tend })]), [{ kind: 'tend', pool: 'sh1', since: '' }]);
  });

  it('is nothing while nobody asks', () => {
    assert.deepEqual(tending([], [view('sh1'), share('ws1'), view('ws2')]), []);
  });

  it('ends an operation that takes too long, and never an upgrade', () => {
    const long = { sh1: after(now, -3600), ws2: after(now, -3600) };
    const pools = (provisioningState: string): PoolView[] => [
      view('sh1', { state: 'updating', provisioningState }),
      share('ws1'),
      view('ws2', { state: 'updating', provisioningState }),
    ];
    const ended = { kind: 'tend', pool: 'sh1', since: '', stuck: true };
    assert.deepEqual(tending([], pools('Scaling'), long), [ended]);
    assert.deepEqual(tending([], pools('Scaling'), { sh1: after(now, -600) }), []);
    assert.deepEqual(tending([], pools('UpgradingNodeImageVersion'), long), []);
  });

  it('needs no slot while Azure works on the pool, and one before', () => {
    const operation: PoolOperation = { kind: 'tend', pool: 'sh1', since: now };
    const full = { ...newClusterMemory, concurrency: 1 };
    assert.deepEqual(startable([operation], { ...full, runningSince: { sh1: now } }, now), [operation]);
    assert.deepEqual(startable([operation], { ...full, runningSince: { ws9: now } }, now), []);
    assert.deepEqual(startable([operation], full, now), [operation]);
  });

  it('comes before creations: it may give nodes back', () => {
    const create: PoolOperation = {
      kind: 'create',
      pool: 'ws1',
      namespace: 'default',
      name: 'phi',
      uid: 'uid',
      since: '2026-10-01T00:00:00.000Z',
    };
    const operation: PoolOperation = { kind: 'tend', pool: 'sh1', since: now };
    assert.deepEqual([create, operation].sort(byUrgency), [operation, create]);
  });
});

describe('claims on a shared pool', () => {
  it('are written down at once, though every slot is taken', () => {
    const wanted = wantedOperations([record('ws1', now), record('ws2', now, 'absent')], [share('ws2')]);
    assert.deepEqual(
      wanted.map(({ kind, pool }) => [kind, pool]),
      [
        ['create', 'ws1'],
        ['release', 'ws2'],
      ],
    );
    const full = { ...newClusterMemory, concurrency: 1, runningSince: { sh1: now } };
    assert.equal(startable(wanted, full, now).length, 2);
  });

  it('take no slot while they wait: Azure works on their pool, if at all', () => {
    const pools = [view('sh1', { state: 'creating' }), share('ws1', { state: 'creating' })];
    assert.deepEqual(runningOperations(pools, {}, now), { sh1: now });
  });
});
