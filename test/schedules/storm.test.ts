import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StormReport } from './storm.ts';
import { Storm } from './storm.ts';

const workspaces = 300;
const clusters = 5;
/** One after the other, sixty creations of the usual four minutes make a night; the bench waits for it, this test takes a minute each. */
const timings = { pool: {}, cluster: { arm: { poolCreate: 60, poolDelete: 60 } } };

/** Azure's own limits hold: no answer 429, and what a storm costs beyond one PUT or DELETE each is what all of it shares. */
function assertWithinLimits(report: StormReport, what: string): void {
  console.log(what, report);
  assert.equal(report.throttled, 0, `${what}: Azure had to throttle`);
  assert.ok(
    report.armCalls / workspaces < 12,
    `${what}: ${report.armCalls / workspaces} ARM calls a workspace`,
  );
}

describe('300 workspaces at once that share a pool, on one cluster', () => {
  it('come and go by a few operations, although it takes one at a time', { timeout: 900_000 }, async () => {
    const storm = new Storm({ workspaces, clusters: 1, lock: 'cluster', sharing: 'shared' });
    try {
      const came = await storm.come();
      assertWithinLimits(came, 'coming');
      assert.equal(came.pools, 1);
      assert.ok(came.seconds < 1800, `${came.seconds} s until all are Ready`);
      const gone = await storm.go();
      assertWithinLimits(gone, 'going');
      assert.equal(gone.pools, 0, 'no pool is left');
      const calls = came.armCalls + gone.armCalls;
      assert.ok(calls < workspaces, `${calls} ARM calls`);
    } finally {
      storm.end();
    }
  });
});

describe('300 workspaces at once on 5 clusters, under the limits of Azure', () => {
  for (const lock of ['pool', 'cluster'] as const) {
    it(
      `with one operation a ${lock} at a time, all come and all go, and Azure throttles nobody`,
      { timeout: 900_000 },
      async () => {
        const storm = new Storm({ workspaces, clusters, lock, timings: timings[lock] });
        try {
          const came = await storm.come();
          assertWithinLimits(came, `lock per ${lock}, coming`);
          assert.equal(came.pools, workspaces, 'one pool each');
          assert.ok(came.conflicts <= clusters * 40, `${came.conflicts} conflicts`);
          assert.deepEqual(storm.unfair(), [], 'the oldest wish first, whatever its namespace');
          const gone = await storm.go();
          assertWithinLimits(gone, `lock per ${lock}, going`);
          assert.equal(gone.pools, 0, 'no pool is left');
        } finally {
          storm.end();
        }
      },
    );
  }
});
