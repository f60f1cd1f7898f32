import type { StoredObject } from '../contract.ts';
import { isObject, listAt, objectAt, stringAt, type JsonObject } from '../json.ts';
import { editMetadata, timestamp, type Machinery } from '../writes/machinery.ts';
import { customResourceCleanup, remove } from '../writes/remove.ts';
import { update } from '../writes/update.ts';
import { customDefinitions } from './custom-definitions.ts';

export const crdStorageKey = 'apiextensions.k8s.io/customresourcedefinitions';
const manager = 'kube-apiserver';

/** Serves the custom resources of every stored CRD, now and as CRDs come, change and go. Returns the unsubscribe function. */
export function serveCustomResources(machinery: Machinery): () => void {
  const { table, registry } = machinery;
  for (const crd of table.list(crdStorageKey))
    registry.replaceCustom(crd.metadata.name, customDefinitions(crd));
  return table.subscribe(({ type, resource, object }) => {
    if (resource !== crdStorageKey) return;
    if (type === 'DELETED') {
      registry.replaceCustom(object.metadata.name, []);
      return;
    }
    registry.replaceCustom(object.metadata.name, customDefinitions(object));
    establish(machinery, object);
  });
}

/** Says in the CRD's status what is served: accepted names, stored versions, conditions NamesAccepted and Established. */
function establish(machinery: Machinery, crd: StoredObject): void {
  const definition = machinery.registry.byStorageKey(crdStorageKey);
  if (definition === undefined || crd.metadata.deletionTimestamp !== undefined) return;
  const lastTransitionTime = timestamp(machinery.clock.now());
  const condition = (type: string, reason: string, message: string): JsonObject => {
    const old = listAt(crd, 'status', 'conditions').find((other) => stringAt(other, 'type') === type);
    return isObject(old) ? old : { type, status: 'True', reason, message, lastTransitionTime };
  };
  const storage = listAt(crd, 'spec', 'versions').find(
    (version) => isObject(version) && version['storage'] === true,
  );
  const stored = new Set([...listAt(crd, 'status', 'storedVersions'), stringAt(storage, 'name') ?? '']);
  const status = {
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
    acceptedNames: objectAt(crd, 'spec', 'names'),
    storedVersions: [...stored],
  };
  update(
    machinery,
    definition,
    { key: crd.metadata, subresource: 'status', change: (current) => ({ ...current, status }), track: true },
    { manager },
  );
}

/** Deletes the custom resources of terminating CRDs and lets a CRD go once it has none. */
export function finishCustomResources(machinery: Machinery): boolean {
  const { table, registry } = machinery;
  const definition = registry.byStorageKey(crdStorageKey);
  let changed = false;
  for (const crd of table.list(crdStorageKey)) {
    if (crd.metadata.deletionTimestamp === undefined || definition === undefined) continue;
    const [custom] = customDefinitions(crd);
    const storageKey = `${stringAt(crd, 'spec', 'group')}/${stringAt(crd, 'spec', 'names', 'plural')}`;
    for (const object of custom === undefined ? [] : table.list(storageKey)) {
      if (custom === undefined || object.metadata.deletionTimestamp !== undefined) continue;
      remove(machinery, custom, object.metadata, {});
      changed = true;
    }
    if (table.list(storageKey).length > 0 || !crd.metadata.finalizers?.includes(customResourceCleanup))
      continue;
    const edit = (metadata: StoredObject['metadata']): void => {
      metadata.finalizers = (metadata.finalizers ?? []).filter((name) => name !== customResourceCleanup);
    };
    editMetadata(machinery, definition, { key: crd.metadata, edit });
    changed = true;
  }
  return changed;
}
