/** What a workspace's nodes cost: counted from what the cluster orchestration sees, by the price that was told when they were asked for. */
import { findGpuSize } from '../planning/gpu-sizes.ts';
import type { Offer } from '../planning/placement.ts';
import { PriceSource } from '../planning/region-facts.ts';
import type { Allocation, Observed, ObservedPool } from './slipway-status.ts';
import { secondsBetween } from './timing.ts';

/** A running total. What has come since `since` is `hourly` times the hours since then: see {@link costAt}. */
export interface Cost {
  currency: 'USD';
  /** US dollars up to `since`. */
  accrued: number;
  /** US dollars an hour from `since` on; 0 while no node is held. */
  hourly: number;
  /** ISO 8601. */
  since: string;
  /** Where the prices are from. */
  source: string;
}

/** What nodes cost at one moment. */
export interface Rate {
  /** US dollars an hour. */
  hourly: number;
  source: string;
}

/** The price of one node on certain terms, as an allocation carries it. */
export type PoolPrice = Pick<Allocation, 'hourlyPrice' | 'priceSource'>;

/** By the built-in table. Spot nodes cost at most their price limit, or what on-demand ones do: the table knows no spot prices. */
export function listPrice({ instanceType, placement }: Offer): PoolPrice {
  const onDemand = findGpuSize(instanceType)?.hourlyPrice;
  if (onDemand === undefined) return { hourlyPrice: null, priceSource: null };
  if (placement.priority === 'on-demand')
    return { hourlyPrice: onDemand, priceSource: PriceSource.builtInTable };
  return {
    hourlyPrice: Math.min(onDemand, placement.spotMaxPrice ?? onDemand),
    priceSource: `${PriceSource.builtInTable}, upper limit of spot`,
  };
}

/**
 * What is being paid for, by what was seen: every node of every pool that is there and runs, those on their way out too. Nodes whose
 * price nobody knows are not counted.
 */
export function rateOf(allocations: readonly Allocation[], observed: Observed | null): Rate {
  const billed = allocations.flatMap((allocation) => {
    const pool = observed?.pools.find(({ name }) => name === allocation.pool);
    const nodes = pool === undefined ? 0 : billedNodes(pool, nodesIn(pool, observed));
    const { hourlyPrice, priceSource } = allocation;
    return nodes === 0 || hourlyPrice === null ? [] : [{ nodes, hourlyPrice, priceSource }];
  });
  const hourly = billed.reduce((sum, { nodes, hourlyPrice }) => sum + nodes * hourlyPrice, 0);
  const sources = billed.flatMap(({ priceSource }) => (priceSource === null ? [] : [priceSource]));
  return { hourly, source: [...new Set(sources)].join(', ') };
}

/** A pool tells the count it is getting: machines on their way out are still seen as nodes. */
function billedNodes({ state, count, power }: ObservedPool, seen: number): number {
  if (power === 'stopped') return state === 'updating' ? seen : 0;
  return Math.max(count, seen);
}

function nodesIn({ name }: ObservedPool, observed: Observed | null): number {
  return (observed?.nodes ?? []).filter(({ pool }) => pool === name).length;
}

/** US dollars until `now`; a clock that goes back takes nothing away. */
export function costAt({ accrued, hourly, since }: Cost, now: string): number {
  return accrued + hourly * (Math.max(0, secondsBetween(since, now)) / 3600);
}

/** The total brought up to `now`, and the rate from then on. Null as long as there was never anything to pay. */
export function accrue(before: Cost | null, rate: Rate, now: string): Cost | null {
  if (before === null && rate.source === '') return null;
  const source = rate.source === '' ? (before?.source ?? '') : rate.source;
  const accrued = before === null ? 0 : costAt(before, now);
  const since = before !== null && before.since > now ? before.since : now;
  return { currency: 'USD', accrued, hourly: rate.hourly, since, source };
}

/** Whether what is being paid has changed, which is worth writing; the total alone is not. */
export function isSameRate(before: Cost | null, after: Cost | null): boolean {
  return before?.hourly === after?.hourly && before?.source === after?.source;
}
