import type { StoredObject } from '../../kubernetes/contract.ts';
import type { ClusterContext } from '../cluster-context.ts';
import type { PodFault } from '../faults.ts';

/** The faults that strike this pod now. */
export function faultsOf({ faults, name }: ClusterContext, { metadata }: StoredObject): PodFault[] {
  return faults.pod({
    cluster: name,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid,
  });
}
