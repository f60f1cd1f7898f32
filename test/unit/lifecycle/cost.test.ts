import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accrue, costAt, listPrice, rateOf } from '../../../shared/lifecycle/cost.ts';
import type { ObservedPool } from '../../../shared/lifecycle/slipway-status.ts';
import { regionalOnDemand } from '../../../shared/planning/placement.ts';
import { withCostSoFar } from '../../../functions/http/cost-so-far.ts';
import { allocation, at, firstPool, node, observed, pool, readyStatus } from './support/snapshots.ts';

const instanceType = 'Standard_NC24ads_A100_v4';

describe('the price of a node', () => {
  it('is the list price on demand, and at most that, or the limit, for spot', () => {
    const onDemand = listPrice({ instanceType, placement: regionalOnDemand });
    assert.deepEqual(onDemand, { hourlyPrice: 3.673, priceSource: 'built-in-table' });
    const spot = { ...regionalOnDemand, priority: 'spot' as const };
    assert.equal(listPrice({ instanceType, placement: spot }).hourlyPrice, 3.673);
    const limited = listPrice({ instanceType, placement: { ...spot, spotMaxPrice: 1.5 } });
    assert.deepEqual(limited, { hourlyPrice: 1.5, priceSource: 'built-in-table, upper limit of spot' });
  });

  it('of a size that nobody knows is not known', () => {
    const unknown = listPrice({ instanceType: 'Standard_NC1_v99', placement: regionalOnDemand });
    assert.deepEqual(unknown, { hourlyPrice: null, priceSource: null });
  });
});

describe('what is being paid for', () => {
  const two = allocation({ count: 2, seen: true, hourlyPrice: 2 });
  const seen = (change: Partial<ObservedPool>, nodes = 0): number =>
    rateOf(
      [two],
      observed({
        pools: [pool(change)],
        nodes: Array.from({ length: nodes }, (_, index) => node({ name: `node-${index}` })),
      }),
    ).hourly;
  const cases: [what: string, hourly: number, change: Partial<ObservedPool>, nodes?: number][] = [
    ['nodes that run', 4, { count: 2 }, 2],
    ['nodes that are being made', 4, { count: 2, state: 'creating' }],
    ['nodes on their way out, although the pool tells none', 4, { count: 0, state: 'updating' }, 2],
    ['no node of an empty pool', 0, { count: 0 }],
    ['no machine that is stopped', 0, { count: 2, power: 'stopped' }],
    ['a machine that is being stopped', 2, { count: 2, power: 'stopped', state: 'updating' }, 1],
    ['nodes of a pool that is being deleted', 4, { count: 2, state: 'deleting' }],
    ['the nodes there are while more are refused', 2, { count: 1, state: 'refused' }, 1],
    ['nothing that was refused', 0, { count: 0, state: 'refused' }],
  ];
  for (const [what, hourly, change, nodes] of cases)
    it(`is ${what}`, () => {
      assert.equal(seen(change, nodes), hourly);
    });

  it('is every pool that is there, each at its own price, and none whose price is unknown', () => {
    const held = [
      allocation({ pool: 'old', wish: 'absent', hourlyPrice: 1, priceSource: 'azure-retail-prices' }),
      allocation({ pool: 'odd', wish: 'absent', hourlyPrice: null, priceSource: null }),
      allocation({ hourlyPrice: 3 }),
    ];
    const pools = [pool({ name: 'old', count: 4 }), pool({ name: 'odd' }), pool(), pool({ name: 'strange' })];
    assert.deepEqual(rateOf(held, observed({ pools, nodes: [] })), {
      hourly: 7,
      source: 'azure-retail-prices, built-in-table',
    });
  });

  it('is nothing as long as nobody has looked', () => {
    assert.deepEqual(rateOf([two], null), { hourly: 0, source: '' });
  });
});

describe('the running total', () => {
  const rate = { hourly: 6, source: 'built-in-table' };

  it('begins with the first node', () => {
    assert.equal(accrue(null, { hourly: 0, source: '' }, at(0)), null);
    assert.deepEqual(accrue(null, rate, at(5)), { currency: 'USD', accrued: 0, since: at(5), ...rate });
  });

  it('keeps what was paid, and by which price, when the nodes are gone', () => {
    const running = accrue(null, rate, at(0));
    assert.deepEqual(accrue(running, { hourly: 0, source: '' }, at(10)), {
      currency: 'USD',
      accrued: 1,
      hourly: 0,
      since: at(10),
      source: 'built-in-table',
    });
  });

  it('counts no time twice when a clock goes back', () => {
    const running = accrue(accrue(null, rate, at(0)), rate, at(10));
    assert.ok(running);
    const back = accrue(running, rate, at(5));
    assert.ok(back);
    assert.deepEqual([costAt(running, at(5)), back.accrued, back.since], [1, 1, at(10)]);
    assert.equal(costAt(back, at(20)), 2);
  });

  it('is told up to now for one workspace', () => {
    const cost = accrue(null, rate, at(0));
    const record = {
      apiVersion: 'kaito.sh/v1beta1',
      kind: 'Workspace',
      metadata: {
        name: 'phi',
        namespace: 'default',
        uid: 'u',
        resourceVersion: '1',
        creationTimestamp: at(0),
      },
      status: { state: 'Ready', slipway: { ...readyStatus({ cost }), trail: [] } },
    };
    const told = JSON.stringify(withCostSoFar(record, at(7)));
    assert.match(told, /"costSoFar":\{"amount":0\.7,"currency":"USD","hourly":6,"source":"built-in-table"/);
    const { status, ...fresh } = record;
    assert.deepEqual(withCostSoFar(fresh, at(7)), fresh);
    assert.equal(status.state, 'Ready');
  });

  it('of a workspace whose pool is not listed stands still', () => {
    assert.equal(rateOf([allocation({ pool: firstPool })], observed({ pools: [] })).hourly, 0);
  });
});
