import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fullTickBudget, spendTick } from '../../../shared/lifecycle/tick-budget.ts';
import { after } from '../../../shared/lifecycle/timing.ts';

/** Looks again as soon as it may, for `seconds`; returns how often. */
function looksWithin(seconds: number, share = 1): number {
  const start = '2026-01-01T00:00:00.000Z';
  let budget = fullTickBudget;
  let elapsed = 0;
  let looks = 0;
  while (elapsed < seconds) {
    looks += 1;
    const spent = spendTick(budget, after(start, elapsed), share);
    budget = spent.budget;
    elapsed += spent.pauseSeconds;
  }
  return looks;
}

describe('the budget of looks at a cluster', () => {
  it('lets a single request be served without delay', () => {
    assert.ok(spendTick(fullTickBudget, '2026-01-01T00:00:00.000Z', 1).pauseSeconds < 1);
  });

  it('serves an hour-long storm by one look in five seconds, beside the first few', () => {
    const looks = looksWithin(3600);
    assert.ok(looks <= 3600 / 5 + 11, `${looks} looks`);
    assert.ok(looks >= 3600 / 5 - 1, `${looks} looks`);
  });

  it('takes half of the calls that a subscription has, however many clusters share them', () => {
    for (const clusters of [1, 3, 5, 20]) {
      const looks = clusters * looksWithin(3600, 1 / clusters);
      assert.ok(looks <= 3600 / 2 + 20 + clusters, `${clusters} clusters look ${looks} times in an hour`);
    }
  });

  it('is full again after a quiet minute, and never more than full', () => {
    let budget = fullTickBudget;
    for (let look = 0; look < 30; look += 1) budget = spendTick(budget, '2026-01-01T00:00:00.000Z', 1).budget;
    const later = spendTick(budget, '2026-01-01T00:10:00.000Z', 1);
    assert.ok(later.pauseSeconds < 1);
    assert.ok(later.budget.tokens <= 9);
  });
});
