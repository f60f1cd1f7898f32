import { scheduleAt } from '../workspace/schedule.ts';
import { expiredAt, expiryOf, expiryText } from './expiry.ts';
import type { Lifetime } from './expiry.ts';

/** What the options of lifetime say at one moment. */
export interface Standing {
  /** `nodes`: as planned; `suspended`: none for now; `expired`: the workspace is to be deleted. */
  holds: 'nodes' | 'suspended' | 'expired';
  why: string;
  /** ISO 8601: when they may say otherwise although nobody changes them; null: never. */
  until: string | null;
}

/** Expiry before all, then what the user said by hand while it counts, then the schedule. */
export function standingOf(workspace: Lifetime, now: string): Standing {
  const { lifetime } = workspace;
  const expired = expiredAt(workspace, now);
  if (expired !== null) {
    const holds = lifetime.onExpiry === 'delete' ? 'expired' : 'suspended';
    return { holds, why: expiryText(expired), until: null };
  }
  const { suspended, until, why } = suspensionOf(workspace, now);
  return {
    holds: suspended ? 'suspended' : 'nodes',
    why,
    until: earliest(until, expiryOf(workspace)?.at ?? null),
  };
}

/** Turns looked at before the end of a suspension counts as out of sight: by-hand times and schedules may follow each other. */
const turnsForeseen = 5;

/** When the workspace is no longer suspended, and what then; null when that is not to be foreseen. */
export function nextHold(
  workspace: Lifetime,
  now: string,
): { at: string; holds: 'nodes' | 'expired' } | null {
  let at: string | null = now;
  for (let turn = 0; turn < turnsForeseen; turn += 1) {
    at = standingOf(workspace, at).until;
    if (at === null) return null;
    const { holds } = standingOf(workspace, at);
    if (holds !== 'suspended') return { at, holds };
  }
  return null;
}

interface Suspension {
  suspended: boolean;
  until: string | null;
  why: string;
}

function suspensionOf({ lifetime }: Lifetime, now: string): Suspension {
  const { suspended, suspendedUntil, schedule } = lifetime;
  const counts = suspended !== null && (suspendedUntil === null || now < suspendedUntil);
  if (counts) {
    const limit = suspendedUntil === null ? '' : ` until ${suspendedUntil}`;
    return { suspended, until: suspendedUntil, why: `slipway.dev/suspended is ${suspended}${limit}` };
  }
  if (schedule === null) return { suspended: false, until: null, why: 'nothing suspends it any more' };
  const turn = scheduleAt(schedule, now);
  const limit = turn.at === null ? '' : ` until ${turn.at}`;
  return {
    suspended: turn.suspended,
    until: turn.at,
    why: `its schedule says ${turn.suspended ? 'suspended' : 'running'}${limit}`,
  };
}

function earliest(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}
