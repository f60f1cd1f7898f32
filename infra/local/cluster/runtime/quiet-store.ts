import { isDeepStrictEqual } from 'node:util';
import type { ObjectKey, ObjectStore, ResourceType, StoredObject } from '../../kubernetes/contract.ts';

/**
 * The store as controllers should use it: a write that would change nothing is not sent at all, as real controllers
 * compare before they write. Level-triggered loops come to rest that way.
 */
export function quietStore(store: ObjectStore): ObjectStore {
  const changes = (
    resource: ResourceType,
    key: ObjectKey,
    change: (object: StoredObject) => void,
  ): StoredObject | undefined => {
    const current = store.get(resource, key);
    if (current === undefined) return undefined;
    const before = withoutManagedFields(current);
    const draft = structuredClone(before);
    change(draft);
    return isDeepStrictEqual(withoutUndefined(draft), before) ? current : undefined;
  };
  return {
    get: (resource, key) => store.get(resource, key),
    list: (resource, filter) => store.list(resource, filter),
    create: (object) => store.create(object),
    mutate: (resource, key, change) => changes(resource, key, change) ?? store.mutate(resource, key, change),
    mutateStatus: (resource, key, change) =>
      changes(resource, key, change) ?? store.mutateStatus(resource, key, change),
    remove: (resource, key, options) => store.remove(resource, key, options),
    subscribe: (listener) => store.subscribe(listener),
  };
}

/** The record of who wrote what is the server's business, and the larger half of many objects. */
function withoutManagedFields(object: StoredObject): StoredObject {
  const metadata = { ...object.metadata };
  delete metadata.managedFields;
  return { ...object, metadata };
}

/** Stored objects are JSON: a field that is undefined is not there. */
function withoutUndefined(object: StoredObject): unknown {
  return JSON.parse(JSON.stringify(object));
}
