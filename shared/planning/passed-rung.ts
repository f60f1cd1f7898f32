import type { ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import type { Offer } from './placement.ts';
import { describeOffer } from './placement.ts';

/** A rung of the ladder that was not had, and why. It travels in the record: texts are short. */
export interface PassedRung {
  rung: number;
  /** {@link describeOffer} without a count: it also tells whether another ladder begins the same way. */
  offer: string;
  code: string;
  message: string;
  remedy?: string;
}

const longestText = 400;

export function passedRung(
  rung: number,
  offer: Offer,
  { code, message, remedy }: Pick<ProvisioningFailure, 'code' | 'message' | 'remedy'>,
): PassedRung {
  return {
    rung,
    offer: describeOffer(offer),
    code,
    message: message.slice(0, longestText),
    ...(remedy === undefined ? {} : { remedy: remedy.slice(0, longestText) }),
  };
}

/** Reason of a size that the model does not fit. */
export const modelDoesNotFit = 'ModelDoesNotFit';

/** The most telling first: what a person can have lifted for good, then what only time or another place helps against. */
const tellingOrder = [
  'InsufficientQuota',
  'InsufficientSpotQuota',
  'InsufficientRegionalQuota',
  'SizeNotOffered',
  'ZoneNotSupported',
  'ReservationUnusable',
  'SkuNotAvailable',
  'OverconstrainedAllocation',
  'ZonalAllocationFailed',
  'AllocationFailed',
] as const;

/** The one whose code and remedy stand for all; of equals the rung nearest to what was asked for. */
export function mostTelling(passed: readonly PassedRung[]): PassedRung | undefined {
  const rankOf = ({ code }: PassedRung): number => {
    const place = tellingOrder.findIndex((one) => one === code);
    if (place >= 0) return place;
    return code === modelDoesNotFit ? tellingOrder.length + 1 : tellingOrder.length;
  };
  return [...passed].sort((one, other) => rankOf(one) - rankOf(other) || one.rung - other.rung)[0];
}

const longestReason = 160;
const longestList = 6000;

/** Every rung with its reason, in one sentence for people. */
export function describePassed(passed: readonly PassedRung[]): string {
  const list = passed.map(
    ({ offer, code, message }) => `${offer}: ${code}: ${shortened(message, longestReason)}`,
  );
  return shortened(list.join('; '), longestList);
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}...`;
}
