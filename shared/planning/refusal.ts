/** What Azure's refusal of an offer says about other requests, and for how long. Pure; adapters store what these rules make. */
import type { ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import type { Offer, Placement } from './placement.ts';

/** A refusal that is worth remembering: nobody asks Azure for what it covers before `until`. */
export interface Refusal {
  /** In Azure's spelling; compared without case. */
  instanceType: string;
  priority: Placement['priority'] | 'any';
  /** Where the refusal holds: on exactly these terms, or wherever quota or the size's offer is what lacks. */
  placement: Placement | 'any' | 'any-but-reserved';
  /** Nodes asked for beyond those held; fewer may still be had. */
  count: number;
  class: ProvisioningFailure['class'];
  code: string;
  message: string;
  remedy?: string;
  /** ISO 8601. */
  since: string;
  until: string;
}

/** Nodes to ask Azure for: `count` is what is added to those already held. */
export interface Request {
  offer: Offer;
  count: number;
}

const minutes = (count: number): number => count * 60;
const hours = (count: number): number => count * 3600;
/** Nothing is remembered longer: Azure's offers change. */
const longestSeconds = hours(24);
const longestMessage = 300;

interface Rule {
  priority: 'same' | 'any';
  placement: 'same' | 'any' | 'any-but-reserved';
  /** A request for fewer nodes may pass. */
  byCount: boolean;
  seconds(failure: ProvisioningFailure, request: Request): number;
}

/** A used-up quota may free up in minutes; the error table makes that an hour where the limit is zero. */
const quotaSeconds: Rule['seconds'] = ({ retryAfterSeconds = 0 }) => Math.max(retryAfterSeconds, minutes(10));
const capacity: Rule = { priority: 'same', placement: 'same', byCount: true, seconds: () => hours(1) };
// Machines of a reservation have their quota already: a lack of it elsewhere says nothing about them.
const quota: Rule = {
  priority: 'same',
  placement: 'any-but-reserved',
  byCount: true,
  seconds: quotaSeconds,
};

/**
 * By our failure code. What is not here is about this one request, and not remembered. Durations follow karpenter-provider-azure: 10
 * minutes for a low quota, an hour for one of zero and for capacity, 23 hours for a size that is not offered on demand.
 */
const rules: Readonly<Record<string, Rule>> = {
  InsufficientQuota: quota,
  InsufficientRegionalQuota: quota,
  InsufficientSpotQuota: quota,
  SizeNotOffered: { priority: 'any', placement: 'any', byCount: false, seconds: () => hours(23) },
  SkuNotAvailable: {
    priority: 'same',
    placement: 'same',
    byCount: false,
    seconds: (_failure, { offer }) => (offer.placement.priority === 'spot' ? hours(1) : hours(23)),
  },
  ZoneNotSupported: { priority: 'any', placement: 'same', byCount: false, seconds: () => hours(23) },
  ReservationUnusable: {
    priority: 'same',
    placement: 'same',
    byCount: false,
    seconds: () => minutes(10),
  },
  AllocationFailed: capacity,
  ZonalAllocationFailed: capacity,
  OverconstrainedAllocation: capacity,
};

/** What to remember of a refused request; undefined when the failure says nothing about others. `now` is ISO 8601. */
export function refusalFrom(
  failure: ProvisioningFailure,
  request: Request,
  now: string,
): Refusal | undefined {
  const rule = rules[failure.code];
  if (rule === undefined || failure.class === 'retry' || failure.class === 'wait') return undefined;
  const { instanceType, placement } = request.offer;
  const seconds = Math.min(rule.seconds(failure, request), longestSeconds);
  return {
    instanceType,
    priority: rule.priority === 'any' ? 'any' : placement.priority,
    placement: rule.placement === 'same' ? placement : rule.placement,
    count: rule.byCount ? Math.max(1, request.count) : 1,
    class: failure.class,
    code: failure.code,
    message: failure.message.slice(0, longestMessage),
    ...(failure.remedy === undefined ? {} : { remedy: failure.remedy }),
    since: now,
    until: new Date(Date.parse(now) + seconds * 1000).toISOString(),
  };
}

/** The refusal that stands against a request at `now` and lasts longest, if any does. */
export function findRefusal(
  refusals: readonly Refusal[],
  request: Request,
  now: string,
): Refusal | undefined {
  return refusals
    .filter((refusal) => now < refusal.until && covers(refusal, request))
    .reduce<Refusal | undefined>(
      (longest, one) => (longest === undefined || one.until > longest.until ? one : longest),
      undefined,
    );
}

/** Whether what was refused would be refused to this request as well. */
export function covers(refusal: Refusal, { offer, count }: Request): boolean {
  if (refusal.instanceType.toLowerCase() !== offer.instanceType.toLowerCase()) return false;
  if (refusal.priority !== 'any' && refusal.priority !== offer.placement.priority) return false;
  if (count < refusal.count) return false;
  switch (refusal.placement) {
    case 'any':
      return true;
    case 'any-but-reserved':
      return offer.placement.capacityReservationGroup === null;
    default:
      return isCoveredBy(refusal.placement, offer.placement);
  }
}

/** The same place, for no more money: who pays more for a spot node may get one. */
function isCoveredBy(refused: Placement, asked: Placement): boolean {
  return placeOf(refused) === placeOf(asked) && highestPrice(asked) <= highestPrice(refused);
}

function highestPrice({ spotMaxPrice }: Placement): number {
  return spotMaxPrice ?? Number.POSITIVE_INFINITY;
}

function placeOf({ zones, capacityReservationGroup }: Placement): string {
  return [...[...zones].sort(), (capacityReservationGroup ?? '').toLowerCase()].join('/');
}

/** Equal for refusals of which the later replaces the earlier. */
export function refusalKey({ instanceType, priority, placement, code }: Refusal): string {
  const place =
    typeof placement === 'string'
      ? placement
      : `${placeOf(placement)}${placement.spotMaxPrice === null ? '' : `@${placement.spotMaxPrice}`}`;
  return [instanceType.toLowerCase(), code, priority, place].join('|');
}

/** What a request is told that nobody sends to Azure any more. */
export function failureOf({
  class: kind,
  code,
  message,
  remedy,
  since,
  until,
}: Refusal): ProvisioningFailure {
  return {
    class: kind,
    code,
    message: `${message} (refused ${since.slice(0, 16)}Z, not asked again before ${until.slice(0, 16)}Z)`,
    ...(remedy === undefined ? {} : { remedy }),
  };
}

/** More would not fit a ConfigMap comfortably; what ends first is forgotten first. */
const mostRemembered = 200;

/** The memory after `fresh` was learnt: without what is over, one for each key, capped. */
export function withRefusals(known: readonly Refusal[], fresh: readonly Refusal[], now: string): Refusal[] {
  const byKey = new Map([...known, ...fresh].map((refusal) => [refusalKey(refusal), refusal]));
  return [...byKey.values()]
    .filter(({ until }) => now < until)
    .sort((one, other) => (one.until > other.until ? -1 : 1))
    .slice(0, mostRemembered);
}
