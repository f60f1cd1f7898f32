import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { accrue, costAt, rateOf } from '../../../shared/lifecycle/cost.ts';
import type { Cost } from '../../../shared/lifecycle/cost.ts';
import { allocation, at, node, observed, pool } from '../../unit/lifecycle/support/snapshots.ts';
import { seed } from '../core/seed.ts';

/** What is seen for a while: a pool that grows, shrinks, stops or is not there, and whether something else is written meanwhile. */
const looks = fc.array(
  fc.record({
    minutes: fc.integer({ min: 0, max: 10_000 }),
    count: fc.nat(8),
    nodes: fc.nat(8),
    price: fc.option(fc.double({ min: 0.01, max: 100, noNaN: true })),
    state: fc.constantFrom(
      ...(['creating', 'updating', 'deleting', 'succeeded', 'failed', 'refused', 'waiting'] as const),
    ),
    stopped: fc.boolean(),
    listed: fc.boolean(),
    written: fc.boolean(),
  }),
  { maxLength: 30 },
);

describe('the cost of a workspace', () => {
  it('never falls, and is the integral of what was being paid, however often it is written', () => {
    fc.assert(
      fc.property(looks, (seen) => {
        const record: { cost: Cost | null } = { cost: null };
        let minutes = 0;
        let expected = 0;
        let before = 0;
        for (const look of seen) {
          const { count, nodes, price, state, stopped, listed, written } = look;
          const held = allocation({ count, hourlyPrice: price, priceSource: price === null ? null : 'list' });
          const rate = rateOf(
            [held],
            observed({
              pools: listed ? [pool({ count, state, ...(stopped ? { power: 'stopped' } : {}) })] : [],
              nodes: Array.from({ length: nodes }, (_, index) => node({ name: `node-${index}` })),
            }),
          );
          const next = accrue(record.cost, rate, at(minutes));
          const told = next === null ? 0 : costAt(next, at(minutes));
          assert.ok(told >= before - 1e-9, `${told} after ${before}`);
          before = told;
          if (written || record.cost?.hourly !== next?.hourly) record.cost = next;
          minutes += look.minutes;
          expected += rate.hourly * (look.minutes / 60);
          const now = record.cost === null ? 0 : costAt(record.cost, at(minutes));
          assert.ok(Math.abs(now - expected) <= 1e-6 * Math.max(1, expected), `${now} is not ${expected}`);
        }
      }),
      { numRuns: 2000, seed: seed('cost is an integral') },
    );
  });
});
