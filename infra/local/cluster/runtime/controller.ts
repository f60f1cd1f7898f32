import type { StoreChange } from '../../kubernetes/contract.ts';

/**
 * One control loop. It acts on what it sees, never on what happened: `reconcile` may be called at any time and any
 * number of times for a key, and works out from the stored objects what is due now and when to look again.
 */
export interface Controller {
  name: string;
  /** The keys whose state a change may concern. Every object counts as added once at start. */
  affected(change: StoreChange): string[];
  /** Brings the thing named `key` closer to what it should be. Returns when to look again (virtual epoch ms), if ever. */
  reconcile(key: string): number | undefined;
}

/** The earlier of some due times; undefined ones do not count. */
export function earliest(...times: (number | undefined)[]): number | undefined {
  const due = times.filter((time) => time !== undefined);
  return due.length === 0 ? undefined : Math.min(...due);
}
