import { aksError, armError } from './arm-error.ts';
import type { ArmRequest } from './arm-request.ts';

interface Bucket {
  capacity: number;
  /** Tokens per virtual second. */
  refill: number;
}

/** ARM's own buckets per subscription and principal. Source: ARM throttling documentation. */
const armBuckets = {
  reads: { capacity: 250, refill: 25 },
  writes: { capacity: 200, refill: 10 },
  deletes: { capacity: 200, refill: 10 },
} as const satisfies Record<string, Bucket>;

/** The subscription-wide limit is fifteen times that of one principal. */
const globalFactor = 15;

/** Buckets of the AKS resource provider. Source: AKS "quotas, SKUs, regions". */
const aksBuckets = {
  putPool: { capacity: 20, refill: 1 / 60 },
  putCluster: { capacity: 20, refill: 1 / 60 },
  getCluster: { capacity: 60, refill: 1 },
  getOperation: { capacity: 200, refill: 2 },
  listClusters: { capacity: 500, refill: 1 },
  listClustersInGroup: { capacity: 60, refill: 1 },
  other: { capacity: 60, refill: 1 },
} as const satisfies Record<string, Bucket>;

/** Token buckets in virtual time. In memory: a restarted simulator starts with full ones. */
export class RateLimits {
  readonly #levels = new Map<string, { tokens: number; at: number }>();

  /**
   * Takes one token from every bucket the request falls into. Returns the headers of the answer;
   * throws 429 with Retry-After when a bucket is empty.
   */
  take(operation: string, request: ArmRequest, now: number): Record<string, string> {
    const kind = request.method === 'GET' ? 'reads' : request.method === 'DELETE' ? 'deletes' : 'writes';
    const { capacity } = armBuckets[kind];
    const arm = this.#takeOne(`arm/${kind}`, armBuckets[kind], now);
    if (arm.wait > 0) {
      throw armError(
        429,
        'SubscriptionRequestsThrottled',
        `Number of requests for subscription '${request.parameters['subscription'] ?? ''}' exceeded the limit of ${capacity} ${kind}. Please try again after '${arm.wait}' seconds.`,
        { retryAfterSeconds: arm.wait },
      );
    }
    if (request.path.toLowerCase().includes('/microsoft.containerservice/'))
      this.#takeAks(operation, request, now);
    const used = capacity - arm.remaining;
    return {
      [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(arm.remaining),
      [`x-ms-ratelimit-remaining-subscription-global-${kind}`]: String(capacity * globalFactor - used),
    };
  }

  #takeAks(operation: string, request: ArmRequest, now: number): void {
    const { name, scope } = aksBucketOf(operation, request);
    const { wait } = this.#takeOne(`aks/${name}/${scope}`, aksBuckets[name], now);
    if (wait === 0) return;
    const handler = `${operation.replace('_', '')}Handler.${request.method}`;
    throw aksError(
      429,
      'Throttled',
      `The ${handler} request limit has been exceeded for SubID='${request.parameters['subscription'] ?? ''}', please retry again in ${wait} seconds.`,
      { retryAfterSeconds: wait },
    );
  }

  #takeOne(key: string, { capacity, refill }: Bucket, now: number): { remaining: number; wait: number } {
    const last = this.#levels.get(key) ?? { tokens: capacity, at: now };
    const tokens = Math.min(capacity, last.tokens + (Math.max(0, now - last.at) / 1000) * refill);
    const enough = tokens >= 1;
    const left = enough ? tokens - 1 : tokens;
    this.#levels.set(key, { tokens: left, at: now });
    return { remaining: Math.floor(left), wait: enough ? 0 : Math.max(1, Math.ceil((1 - tokens) / refill)) };
  }
}

function aksBucketOf(
  operation: string,
  { parameters }: ArmRequest,
): { name: keyof typeof aksBuckets; scope: string } {
  const subscription = parameters['subscription'] ?? '';
  const cluster = `${parameters['group'] ?? ''}/${parameters['cluster'] ?? ''}`.toLowerCase();
  switch (operation) {
    case 'AgentPools_CreateOrUpdate':
      return { name: 'putPool', scope: `${cluster}/${parameters['pool'] ?? ''}`.toLowerCase() };
    case 'ManagedClusters_Get':
      return { name: 'getCluster', scope: cluster };
    case 'ManagedClusters_Stop':
    case 'ManagedClusters_Start':
      return { name: 'putCluster', scope: cluster };
    case 'ManagedClusters_List':
      return { name: 'listClusters', scope: subscription };
    case 'ManagedClusters_ListByResourceGroup':
      return { name: 'listClustersInGroup', scope: parameters['group'] ?? '' };
    case 'OperationStatusResult_Get':
    case 'OperationResults_Get':
      return { name: 'getOperation', scope: subscription };
    default:
      return { name: 'other', scope: subscription };
  }
}
