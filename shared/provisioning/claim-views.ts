import type { PoolView } from './node-provisioner.ts';
import type { SharedClaim } from './shared-claims.ts';
import { wantedNodes } from './shared-claims.ts';
import type { ClaimFacts, SharedNodeFacts, SharedPoolFacts } from './shared-upkeep.ts';
import { byAge, isGood } from './shared-upkeep.ts';

/** What one shared pool's claims are seen by; `pool` is undefined while it is not there. */
export interface SharedPoolSight {
  pool: SharedPoolFacts | undefined;
  claims: readonly SharedClaim[];
  nodes: readonly SharedNodeFacts[];
}

type Standing = Pick<PoolView, 'state' | 'provisioningState' | 'count' | 'failure' | 'power'>;

/** The claims of one shared pool, each as the port shows a pool. */
export function claimViews(sight: SharedPoolSight): PoolView[] {
  const promised = promisedTo(sight);
  return sight.claims.map((claim) => {
    const own = sight.nodes.filter((node) => node.claim === claim.name);
    const { name, tags, order, sharedPool } = claim;
    return {
      name,
      instanceType: order.instanceType,
      tags,
      nodes: own.map((node) => node.name).sort(),
      sharedPool,
      ...standing(claim, own, promised.has(name)),
    };
  });
}

export function toClaimFacts(claim: SharedClaim): ClaimFacts {
  const { name, createdAt, released, awaited, refusal } = claim;
  return { name, createdAt, wanted: wantedNodes(claim), released, awaited, refused: refusal !== undefined };
}

/** @param promised Azure has taken up the nodes it still lacks: it counts them already, as it does for a pool that is being made */
function standing(claim: SharedClaim, own: readonly SharedNodeFacts[], promised: boolean): Standing {
  const { refusal, grownFrom, power, order } = claim;
  if (claim.released) return { state: 'deleting', provisioningState: 'Releasing', count: own.length };
  const count = own.filter(isGood).length;
  const wanted = wantedNodes(claim);
  if (count < wanted && refusal !== undefined) {
    return grownFrom > 0 && count >= grownFrom
      ? { state: 'succeeded', provisioningState: 'NotGrown', count }
      : { state: 'failed', provisioningState: 'Refused', count, failure: refusal };
  }
  if (count === wanted && power === 'stopped') {
    return { state: 'succeeded', provisioningState: 'Stopped', count: order.count, power };
  }
  if (count === wanted) return { state: 'succeeded', provisioningState: 'Claimed', count };
  return {
    state: count === 0 ? 'creating' : 'updating',
    provisioningState: count < wanted ? 'Claiming' : 'Releasing',
    count: count < wanted && promised ? wanted : count,
  };
}

/** Claims whose missing nodes are within the pool's count: those that its machines will go to, the oldest first. */
function promisedTo({ pool, claims, nodes }: SharedPoolSight): Set<string> {
  let spare = (pool?.count ?? 0) - nodes.filter(isGood).length;
  const promised = byAge(claims).filter((claim) => {
    if (claim.refusal !== undefined) return false;
    const there = nodes.filter((node) => node.claim === claim.name && isGood(node)).length;
    const missing = Math.max(0, wantedNodes(claim) - there);
    spare -= missing;
    return missing > 0 && spare >= 0;
  });
  return new Set(promised.map(({ name }) => name));
}
