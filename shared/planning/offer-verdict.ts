import type { ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import type { Offer } from './placement.ts';
import type { Quota, RegionFacts, SizeFacts } from './region-facts.ts';
import { sizeFactsOf } from './region-facts.ts';

export type OfferRefusalCode =
  | 'InsufficientQuota'
  | 'InsufficientRegionalQuota'
  | 'InsufficientSpotQuota'
  | 'SizeNotOffered'
  | 'ZoneNotSupported';

/** What the error table would make of Azure's own refusal: same codes, same classes, with the figures in the message. */
export type OfferRefusal = ProvisioningFailure & {
  code: OfferRefusalCode;
  remedy: string;
  retryAfterSeconds: number;
  /** For quota: vCPUs. */
  quota?: Quota & { needed: number };
};

export type OfferVerdict = { ok: true } | { ok: false; refusal: OfferRefusal };

const accepted: OfferVerdict = { ok: true };

// Cool-downs of karpenter-provider-azure, as in the error table: a limit of zero is a decision, a used-up one may free up.
const usedUpSeconds = 10 * 60;
const limitZeroSeconds = 60 * 60;
const notOfferedSeconds = 23 * 60 * 60;

/**
 * Can this rung of the ladder come, as far as Azure's own lists tell? `count` is the nodes to add. What is not known refuses nothing
 * (fail open): Azure has the last word. A capacity reservation has its quota already, so only its size and zones are looked at.
 */
export function offerVerdict(offer: Offer, count: number, facts: RegionFacts): OfferVerdict {
  const size = sizeFactsOf(facts, offer.instanceType);
  if (size === undefined) return accepted;
  const refusal =
    sizeRefusal(offer, size, facts) ??
    zoneRefusal(offer, size, facts) ??
    (offer.placement.capacityReservationGroup === null
      ? quotaRefusal(offer, count, { size, facts })
      : undefined);
  return refusal === undefined ? accepted : { ok: false, refusal };
}

function sizeRefusal(
  { placement }: Offer,
  { instanceType, listing }: SizeFacts,
  facts: RegionFacts,
): OfferRefusal | undefined {
  if (listing === null) return undefined;
  const refuse = (message: string, remedy: string): OfferRefusal => ({
    class: 'next-rung',
    code: 'SizeNotOffered',
    message,
    remedy,
    retryAfterSeconds: notOfferedSeconds,
  });
  const list = `az vm list-skus --location ${facts.region ?? '<region>'} --size ${instanceType} --all --output table`;
  if (!listing.offered) {
    const why = listing.restriction === null ? '' : ` (${listing.restriction})`;
    return refuse(
      `${instanceType} is not offered to the subscription in ${place(facts)}${why}`,
      `Choose an instance type that the region offers to this subscription: ${list}. A restriction is lifted by a support request for region access.`,
    );
  }
  if (placement.priority === 'spot' && !listing.spot) {
    return refuse(
      `${instanceType} is not offered as spot in ${place(facts)}`,
      'Set slipway.dev/priority to on-demand or spot-then-on-demand, or choose another instance type.',
    );
  }
  return undefined;
}

function zoneRefusal(
  { placement }: Offer,
  { instanceType, listing }: SizeFacts,
  facts: RegionFacts,
): OfferRefusal | undefined {
  if (listing === null) return undefined;
  const foreign = placement.zones.filter((zone) => !listing.zones.includes(zone));
  if (foreign.length === 0) return undefined;
  const offered =
    listing.zones.length === 0
      ? 'it is offered without zones only'
      : `it is offered in ${listing.zones.join(', ')}`;
  return {
    class: 'next-rung',
    code: 'ZoneNotSupported',
    message: `${instanceType} cannot be had in zone ${foreign.join(', ')} of ${place(facts)}: ${offered}`,
    remedy: 'Use zones in which this instance type is offered, or none.',
    retryAfterSeconds: notOfferedSeconds,
  };
}

/** Spot has one quota for the region; on-demand counts against the family and against the region. */
function quotaRefusal(
  { placement }: Offer,
  count: number,
  { size, facts }: { size: SizeFacts; facts: RegionFacts },
): OfferRefusal | undefined {
  if (size.vcpus === null) return undefined;
  const needed = count * size.vcpus;
  const counted: [code: OfferRefusalCode, what: string, quota: Quota | null][] =
    placement.priority === 'spot'
      ? [['InsufficientSpotQuota', 'spot vCPU quota', size.quota.spot]]
      : [
          ['InsufficientQuota', `${size.quota.family?.name ?? ''} vCPU quota`, size.quota.family],
          ['InsufficientRegionalQuota', 'total regional vCPU quota', size.quota.region],
        ];
  for (const [code, what, quota] of counted) {
    if (quota === null || needed <= quota.left) continue;
    return {
      // As in the error table: another size helps against a full family, not against a full region.
      class: code === 'InsufficientRegionalQuota' ? 'operator' : 'next-rung',
      code,
      message:
        `${what} in ${place(facts)}: ${count} x ${size.instanceType} needs ${needed} vCPUs, ` +
        `${quota.left} of ${quota.limit} are left (${quota.used} in use)`,
      remedy: quotaRemedy(code, { quota, needed, facts }),
      retryAfterSeconds: quota.limit === 0 ? limitZeroSeconds : usedUpSeconds,
      quota: { ...quota, needed },
    };
  }
  return undefined;
}

const alternatives: Readonly<Record<OfferRefusalCode, string>> = {
  InsufficientQuota: 'allow a size of another family with slipway.dev/fallback-instance-types',
  InsufficientRegionalQuota: 'use a cluster in another region',
  InsufficientSpotQuota: 'allow on-demand nodes with slipway.dev/priority: spot-then-on-demand',
  SizeNotOffered: 'choose another instance type',
  ZoneNotSupported: 'name other zones',
};

/** Azure raises a limit to a new total, so that is what must be asked for. Source: az quota update (extension "quota"). */
function quotaRemedy(
  code: OfferRefusalCode,
  { quota, needed, facts }: { quota: Quota; needed: number; facts: RegionFacts },
): string {
  const scope = `/subscriptions/${facts.subscriptionId}/providers/Microsoft.Compute/locations/${facts.region ?? '<region>'}`;
  const total = quota.used + needed;
  return (
    `Ask for a limit of ${total} vCPUs for ${quota.name}: az quota update --resource-name "${quota.name}" --scope ${scope} ` +
    `--limit-object value=${total} (or Azure portal, Quotas, Compute); or ${alternatives[code]}.`
  );
}

function place({ region }: RegionFacts): string {
  return region ?? 'the region of the cluster';
}
