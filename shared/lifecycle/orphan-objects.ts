/** Objects in the cluster that Slipway made and whose Workspace is gone. Pure. */
import type { OwnedObject } from '../kubernetes/cluster.ts';

export interface OrphanObject extends OwnedObject {
  /** Whether it is known well enough whose it was to remove it. */
  removable: boolean;
  why: string;
}

interface KnownRecord {
  namespace: string;
  name: string;
  uid: string;
}

/**
 * Kubernetes collects what an owner leaves behind; these are what it did not: the collector is broken, or the Workspace was deleted with
 * `--cascade=orphan`, which takes the owner references away and leaves the label. A Workspace of that name takes such objects over.
 */
export function findOrphanObjects(
  objects: readonly OwnedObject[],
  records: readonly KnownRecord[],
): OrphanObject[] {
  const uids = new Set(records.map(({ uid }) => uid));
  const names = new Set(records.map(({ namespace, name }) => `${namespace}/${name}`));
  return objects.flatMap((object): OrphanObject[] => {
    const { ownerUid, workspace, namespace, deleting } = object;
    if (deleting) return [];
    if (ownerUid !== undefined) {
      return uids.has(ownerUid) ? [] : [{ ...object, removable: true, why: 'its workspace is gone' }];
    }
    if (workspace === undefined)
      return [{ ...object, removable: false, why: 'nothing on it says whose it is' }];
    return names.has(`${namespace}/${workspace}`)
      ? []
      : [{ ...object, removable: true, why: 'it has no owner, and no workspace has the name on its label' }];
  });
}

/** Under which it is remembered since when an object has been an orphan: `StatefulSet default/phi <uid>`. */
export function orphanKey({ kind, namespace, name, uid }: OwnedObject): string {
  return `${kind} ${namespace}/${name} ${uid}`;
}
