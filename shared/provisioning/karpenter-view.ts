import type { ClusterObject } from '../kubernetes/cluster-objects.ts';
import { isRecord } from '../workspace/json-object.ts';
import { nodePoolLabel } from './karpenter-objects.ts';
import type { ClaimFacts } from './node-claim-facts.ts';
import { toClaimFacts, wantedInstanceType } from './node-claim-facts.ts';
import type { PoolView, ProvisioningFailure } from './node-provisioner.ts';
import { tagsAmong } from './stored-tags.ts';

/**
 * NodePools with their NodeClaims as the port shows pools. Claims whose NodePool is gone already still stand for machines that are paid
 * for: they are a pool that is being deleted.
 */
export function toPoolViews(pools: readonly ClusterObject[], claims: readonly ClusterObject[]): PoolView[] {
  const owned = Map.groupBy(claims, ({ metadata }) => metadata.labels[nodePoolLabel] ?? '');
  const views = pools.map((pool) => viewOf(pool, (owned.get(pool.metadata.name) ?? []).map(toClaimFacts)));
  const known = new Set(pools.map(({ metadata }) => metadata.name));
  const left = Map.groupBy(
    claims.map(toClaimFacts).filter(({ pool }) => pool !== '' && !known.has(pool)),
    ({ pool }) => pool,
  );
  return [...views, ...[...left].map(([name, facts]) => remainsOf(name, facts))];
}

function viewOf({ metadata, content }: ClusterObject, claims: readonly ClaimFacts[]): PoolView {
  const spec = isRecord(content['spec']) ? content['spec'] : {};
  const template = isRecord(spec['template']) ? spec['template'] : {};
  const { replicas } = spec;
  const count = typeof replicas === 'number' ? replicas : claims.filter(({ deleting }) => !deleting).length;
  return {
    name: metadata.name,
    instanceType: wantedInstanceType(template['spec']),
    count,
    tags: tagsAmong(metadata.annotations),
    nodes: nodesOf(claims),
    ...standing(claims, { count, deleting: metadata.deletionTimestamp !== undefined }),
  };
}

function remainsOf(name: string, claims: readonly ClaimFacts[]): PoolView {
  const [first] = claims;
  return {
    name,
    instanceType: first?.instanceType ?? '',
    count: claims.length,
    tags: first?.tags ?? {},
    nodes: nodesOf(claims),
    state: 'deleting',
    provisioningState: 'Deleting',
  };
}

/** State and reason of a pool that shall have `count` nodes, from its claims. */
export function standing(
  claims: readonly ClaimFacts[],
  { count, deleting }: { count: number; deleting: boolean },
): Pick<PoolView, 'state' | 'provisioningState' | 'failure'> {
  if (deleting) return { state: 'deleting', provisioningState: 'Deleting' };
  const wanted = claims.filter((claim) => !claim.deleting);
  const registered = wanted.filter((claim) => claim.registered).length;
  if (registered === count && claims.length === count) {
    return { state: 'succeeded', provisioningState: 'Registered' };
  }
  // A claim that Karpenter is replacing still tells why it could not be had.
  const failure = worst(claims.flatMap((claim) => claim.failure ?? []));
  const unhappy = failure === undefined ? {} : { failure };
  if (failure !== undefined && !mayPass(failure)) {
    return { state: 'failed', provisioningState: 'LaunchFailed', ...unhappy };
  }
  const slowest = wanted.find((claim) => !claim.registered);
  const provisioningState = slowest?.progress ?? (registered < count ? 'Launching' : 'Terminating');
  return { state: registered > 0 ? 'updating' : 'creating', provisioningState, ...unhappy };
}

/** Names of the nodes behind claims, sorted. */
export function nodesOf(claims: readonly ClaimFacts[]): string[] {
  return claims.flatMap(({ nodeName }) => nodeName ?? []).sort();
}

/** What will not pass by itself says more than what may. */
function worst(failures: readonly ProvisioningFailure[]): ProvisioningFailure | undefined {
  return failures.find((failure) => !mayPass(failure)) ?? failures[0];
}

function mayPass({ class: kind }: ProvisioningFailure): boolean {
  return kind === 'retry' || kind === 'wait';
}
