import type { ClusterObject, ClusterObjects } from '../kubernetes/cluster-objects.ts';
import { nodeClaims } from './karpenter-objects.ts';
import { toClaimFacts } from './node-claim-facts.ts';

/** Deletes those of the claims whose nodes are named, unless they are going already: their machines go with them. */
export async function removeClaims(
  objects: ClusterObjects,
  claims: readonly ClusterObject[],
  nodes: readonly string[],
): Promise<'started' | 'unchanged'> {
  const dead = claims.filter((claim) => {
    const { nodeName, deleting } = toClaimFacts(claim);
    return nodeName !== undefined && nodes.includes(nodeName) && !deleting;
  });
  for (const claim of dead) await objects.delete(nodeClaims, claim, 'Background');
  return dead.length === 0 ? 'unchanged' : 'started';
}
