import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallBudget } from '../../../shared/lifecycle/call-budget.ts';
import { fullCallBudget, withinBudget } from '../../../shared/lifecycle/call-budget.ts';
import type { PoolOperation } from '../../../shared/lifecycle/pool-operations.ts';
import { after } from '../../../shared/lifecycle/timing.ts';

const start = '2026-01-01T00:00:00.000Z';

function operations(kind: 'create' | 'scale' | 'release', count: number): PoolOperation[] {
  return Array.from({ length: count }, (_, index) => ({
    kind,
    pool: `ws${index}`,
    namespace: 'default',
    name: `phi-${index}`,
    uid: String(index),
    since: start,
  }));
}

describe('the calls that a cluster may make of those its subscription shares', () => {
  it('creations cost none of them', () => {
    assert.equal(withinBudget(operations('create', 100), fullCallBudget, 0.2, start).operations.length, 100);
  });

  it('deletes wait for calls to come back, in their order', () => {
    const first = withinBudget(operations('release', 60), fullCallBudget, 0.2, start);
    assert.deepEqual(first.operations, operations('release', 60).slice(0, first.operations.length));
    const second = withinBudget(operations('release', 60), first.budget, 0.2, after(start, 60));
    assert.ok(first.operations.length < 5 && second.operations.length > 0, 'a few at once, more later');
  });

  for (const clusters of [1, 5, 10]) {
    it(`${clusters} clusters that delete as fast as they may stay within the bucket of 60 that gains one a second`, () => {
      const budgets: CallBudget[] = Array.from({ length: clusters }, () => fullCallBudget);
      let [bucket, started] = [60, 0];
      for (let second = 0; second < 3600; second += 15) {
        bucket = Math.min(60, bucket + (second === 0 ? 0 : 15));
        for (const [index, budget] of budgets.entries()) {
          const spent = withinBudget(operations('release', 100), budget, 1 / clusters, after(start, second));
          budgets[index] = spent.budget;
          started += spent.operations.length;
          bucket -= 1 + 2 * spent.operations.length;
        }
        assert.ok(bucket >= 0, `empty after ${second} seconds`);
      }
      assert.ok(started > 300, `${started} deletes in an hour`);
    });
  }
});
