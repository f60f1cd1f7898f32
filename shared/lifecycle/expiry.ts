import type { LifetimeOptions } from '../workspace/lifetime-options.ts';
import { after } from './timing.ts';

/** When a workspace's life ends, and by which option. */
export interface Expiry {
  /** ISO 8601. */
  at: string;
  /** Reads after "it expired at ...:". */
  why: string;
}

/** Annotations and creation time of a workspace. */
export interface Lifetime {
  /** ISO 8601; empty when an older version did not note it. */
  createdAt: string;
  lifetime: LifetimeOptions;
}

/** The earlier of time to live and expiry date; null when neither is given. */
export function expiryOf({ createdAt, lifetime }: Lifetime): Expiry | null {
  const { timeToLiveSeconds, expiresAt } = lifetime;
  const ends: Expiry[] = [];
  if (timeToLiveSeconds !== null && createdAt !== '') {
    const at = after(createdAt, timeToLiveSeconds);
    ends.push({ at, why: `slipway.dev/ttl gives it ${timeToLiveSeconds} seconds from ${createdAt}` });
  }
  if (expiresAt !== null) ends.push({ at: expiresAt, why: 'slipway.dev/expires-at says so' });
  return ends.reduce<Expiry | null>(
    (earliest, end) => (earliest === null || end.at < earliest.at ? end : earliest),
    null,
  );
}

/** The expiry that has come, if it has. From then on there are no nodes, whatever `slipway.dev/on-expiry` says. */
export function expiredAt(workspace: Lifetime, now: string): Expiry | null {
  const expiry = expiryOf(workspace);
  return expiry !== null && expiry.at <= now ? expiry : null;
}

export function expiryText({ at, why }: Expiry): string {
  return `it expired at ${at}: ${why}`;
}
