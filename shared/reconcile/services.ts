import type { MessageSender } from '../azure/message-sender.ts';
import type { ClusterConnection } from '../kubernetes/cluster.ts';
import type { HubFetcher } from '../planning/hub.ts';
import type { AdmissionContext } from '../workspace/admission-context.ts';
import type { SweepMode } from '../lifecycle/orphans.ts';
import type { RegionFacts } from '../planning/region-facts.ts';
import type { NodeProvisioner } from '../provisioning/node-provisioner.ts';

/** One configured cluster, ready to be used. */
export interface ClusterServices {
  readonly name: string;
  /** ARM id of the managed cluster. */
  readonly resourceId: string;
  /** The part of its subscription's ARM calls that this cluster may use: one among the configured clusters of that subscription. */
  readonly subscriptionShare: number;
  readonly connection: ClusterConnection;
  readonly provisioner: NodeProvisioner;
}

/** What is asked of {@link RegionOffers}. */
export interface OfferQuestion {
  /** A configured cluster: its subscription and region are meant. */
  cluster: string;
  /** Every size whose facts are wanted, such as those of all rungs of a ladder. */
  instanceTypes: readonly string[];
  /**
   * Milliseconds since 1970 by the clock of whoever asks (the cluster's, as `Timed.serverTime` tells it): what is remembered ages by it, so
   * that a decision and its facts live in the same time.
   */
  now: number;
}

/**
 * Sizes, quotas and prices of a cluster's region. Remembered per subscription and region: usages a minute, sizes six hours, prices a
 * day; callers at the same moment share one request.
 *
 * Fails open and never throws for what Azure does not tell: silent or slow (3 s) sources leave `null` in the facts and a sentence in
 * `notes`. Prices then come from the built-in table, and say so. Throws `Terminal('UnknownCluster')` alone.
 *
 * Use: `const facts = await services.offers.lookUp({ cluster, instanceTypes, now })`, then for each rung `offerVerdict(offer, count, facts)` of
 * `planning/offer-verdict.ts`, and `priceFor(sizeFactsOf(facts, instanceType), placement.priority)` of `planning/region-facts.ts`.
 */
export interface RegionOffers {
  lookUp(question: OfferQuestion): Promise<RegionFacts>;
}

/** Everything with effects that doors, turns and ticks may use. Made once per process by `functions/composition.ts`. */
export interface Services {
  /** Name of this deployment, as it stands in the Lease and in pool tags. */
  readonly owner: string;
  /** What is done about pools and objects that belong to nothing. */
  readonly orphanSweep: SweepMode;
  readonly clusterNames: readonly string[];
  readonly defaultCluster: string;
  /** Connects on first use. Throws `Terminal('UnknownCluster')` for a name that is not configured. */
  cluster(name: string): Promise<ClusterServices>;
  /** What the rules of admission must know of a cluster, from its settings alone; nothing special for one that is not configured. */
  admission(cluster: string): Partial<AdmissionContext>;
  readonly messages: MessageSender;
  /** Where facts of models outside the catalogue come from. */
  readonly hub: HubFetcher;
  readonly offers: RegionOffers;
}
