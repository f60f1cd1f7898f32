/** What Azure refused becomes known to every workspace of the region. */
import { SlipwayError } from '../errors/slipway-error.ts';
import type { Refusal, Request } from '../planning/refusal.ts';
import { refusalFrom } from '../planning/refusal.ts';
import type { RegionFacts } from '../planning/region-facts.ts';
import type { ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ClusterServices, Services } from './services.ts';

/** The time by the orchestration, and the log of the invocation. */
export interface Moment {
  /** ISO 8601. */
  now: string;
  log: Logger;
}

export interface RefusedRequest {
  request: Request;
  failure: ProvisioningFailure;
}

/**
 * Remembers what is worth it, in this cluster and in the other configured clusters of its subscription and region. A memory that cannot be
 * written costs one more refusal: it is logged, and fails nothing.
 */
export async function rememberRefusals(
  services: Services,
  cluster: ClusterServices,
  refused: readonly RefusedRequest[],
  { now, log }: Moment,
): Promise<void> {
  const refusals = refused.flatMap(({ failure, request }): Refusal[] => {
    const refusal = refusalFrom(failure, request, now);
    return refusal === undefined ? [] : [refusal];
  });
  if (refusals.length === 0) return;
  const write = async (name: string): Promise<void> => {
    try {
      const { connection } = await services.cluster(name);
      await connection.refusals.remember(refusals, now);
    } catch (error) {
      if (!(error instanceof SlipwayError)) throw error;
      const { code, message } = error;
      log.warn('a refusal could not be remembered', { cluster: name, code, problem: message });
    }
  };
  const neighbours = await neighboursOf(services, cluster, now);
  await Promise.all([cluster.name, ...neighbours].map(write));
}

/** Other configured clusters that ask the same subscription in the same region. Where a region is not known, none is taken for the same. */
async function neighboursOf(services: Services, cluster: ClusterServices, now: string): Promise<string[]> {
  const others = services.clusterNames.filter((name) => name !== cluster.name);
  if (others.length === 0) return [];
  const placeOf = (name: string): Promise<RegionFacts> =>
    services.offers.lookUp({ cluster: name, instanceTypes: [], now: Date.parse(now) });
  const home = await placeOf(cluster.name);
  if (home.region === null) return [];
  const places = await Promise.all(others.map(placeOf));
  return others.filter((_, index) => {
    const place = places[index];
    return place?.region === home.region && place.subscriptionId === home.subscriptionId;
  });
}
