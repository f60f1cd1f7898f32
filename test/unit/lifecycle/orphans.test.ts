import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findOrphans, overdueOrphans, recordNameOf, sinceWhen } from '../../../shared/lifecycle/orphans.ts';
import type { WishfulRecord } from '../../../shared/lifecycle/pool-operations.ts';
import { PoolTag } from '../../../shared/lifecycle/pool-tag.ts';
import type { Allocation } from '../../../shared/lifecycle/slipway-status.ts';
import type { PoolView } from '../../../shared/provisioning/node-provisioner.ts';
import { allocation, at, firstPool, observed, uid } from './support/snapshots.ts';

const ours = { [PoolTag.workspace]: 'main/default/phi', [PoolTag.uid]: uid, [PoolTag.owner]: 'me' };

function view(change: Partial<PoolView> = {}): PoolView {
  return {
    name: firstPool,
    instanceType: 'Standard_NC24ads_A100_v4',
    count: 1,
    state: 'succeeded',
    provisioningState: 'Succeeded',
    tags: ours,
    ...change,
  };
}

function record(allocations: Allocation[], of = uid): WishfulRecord {
  return { namespace: 'default', name: 'phi', uid: of, allocations, observed: observed({}) };
}

describe('an orphan', () => {
  const found = (records: WishfulRecord[], pools: PoolView[]): [string, boolean][] =>
    findOrphans(records, pools, 'me').map(({ pool, removable }) => [pool, removable]);

  it('is a pool with our tags that no record lists, whether it is wished for or not', () => {
    const pools = [view(), view({ name: 'wsorphan' })];
    assert.deepEqual(found([record([allocation()])], pools), [['wsorphan', true]]);
    assert.deepEqual(found([record([allocation({ wish: 'absent' })])], pools), [['wsorphan', true]]);
    assert.deepEqual(found([], pools), [
      [firstPool, true],
      ['wsorphan', true],
    ]);
  });

  it('is none on its way out', () => assert.deepEqual(found([], [view({ state: 'deleting' })]), []));

  it('is never a pool that lacks any of our tags, whatever else it carries', () => {
    fc.assert(
      fc.property(
        fc.subarray(Object.keys(ours), { maxLength: 2 }),
        fc.dictionary(fc.string(), fc.string()),
        (kept, others) => {
          const some = Object.fromEntries(Object.entries(ours).filter(([tag]) => kept.includes(tag)));
          const lacking = Object.keys(ours).filter((tag) => !kept.includes(tag));
          const empty = Object.fromEntries(lacking.map((tag) => [tag, '']));
          for (const tags of [
            { ...others, ...some },
            { ...others, ...some, ...empty },
          ])
            assert.deepEqual(found([], [view({ tags })]), []);
        },
      ),
    );
  });

  it('that another deployment made is for that one to remove, while its workspace is there', () => {
    const theirs = view({ tags: { ...ours, [PoolTag.owner]: 'them' } });
    assert.deepEqual(found([record([])], [theirs]), [[firstPool, false]]);
    assert.deepEqual(found([record([], 'another-uid')], [theirs]), [[firstPool, true]]);
  });

  it('whose workspace tag names no workspace is told of, and kept', () => {
    for (const workspace of ['phi', 'main/default', 'main//phi', 'main/default/phi/more', '/']) {
      const pool = view({ tags: { ...ours, [PoolTag.workspace]: workspace } });
      assert.deepEqual(found([], [pool]), [[firstPool, false]], workspace);
    }
    assert.deepEqual(recordNameOf('main/default/phi'), { namespace: 'default', name: 'phi' });
  });

  it('is removed after a grace that began when it was first seen, by an order that says whose it was', () => {
    const orphans = findOrphans([], [view()], 'me');
    const since = sinceWhen(orphans, { [firstPool]: at(0), wsgone: at(0) }, at(5));
    assert.deepEqual(since, { [firstPool]: at(0) });
    assert.deepEqual(overdueOrphans(orphans, since, at(9)), []);
    assert.deepEqual(overdueOrphans(orphans, since, at(10)), [
      { kind: 'remove-orphan', pool: firstPool, since: at(0), workspace: 'main/default/phi', uid },
    ]);
    assert.deepEqual(overdueOrphans([], since, at(10)), [], 'not where orphans are only reported');
  });
});
