import type { LifetimeOptions } from '../workspace/lifetime-options.ts';
import type { Price } from './region-facts.ts';

/** US dollars for all nodes of a plan, at list price. Storage, network and the cluster itself come on top. */
export interface PlannedCost {
  currency: 'USD';
  nodes: number;
  perNodeHour: number;
  hourly: number;
  source: Price['source'];
  basis: string;
}

export function plannedCost(nodes: number, price: Price | undefined): PlannedCost | null {
  if (price === undefined) return null;
  return {
    currency: 'USD',
    nodes,
    perNodeHour: price.hourly,
    hourly: cents(nodes * price.hourly),
    source: price.source,
    basis: price.basis,
  };
}

/** What a workspace costs until it expires by `slipway.dev/ttl` or `slipway.dev/expires-at`, whichever comes first. */
export interface CostUntilExpiry {
  /** ISO 8601, if it were created now. */
  expiresAt: string;
  hours: number;
  /** Null when no price is known. An upper bound: nodes bill from the moment Azure starts them, and a schedule may suspend them. */
  total: number | null;
}

/** @param now milliseconds since 1970 */
export function costUntilExpiry(
  hourly: number | null,
  { timeToLiveSeconds, expiresAt }: LifetimeOptions,
  now: number,
): CostUntilExpiry | null {
  const ends = [
    ...(timeToLiveSeconds === null ? [] : [now + timeToLiveSeconds * 1000]),
    ...(expiresAt === null ? [] : [Date.parse(expiresAt)]),
  ];
  if (ends.length === 0) return null;
  const end = Math.min(...ends);
  const hours = Math.max(0, end - now) / 3_600_000;
  return {
    expiresAt: new Date(end).toISOString(),
    hours: Math.round(hours * 100) / 100,
    total: hourly === null ? null : cents(hourly * hours),
  };
}

/** Binary fractions must not show. */
function cents(amount: number): number {
  return Math.round(amount * 10_000) / 10_000;
}
