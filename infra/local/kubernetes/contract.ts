/**
 * The simulated Kubernetes API server's object store, as in-process controllers see it (scheduler, kubelet, workload
 * controllers, the ARM side that joins nodes). The HTTP front uses the same store, so both obey the same rules.
 */

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  generateName?: string;
  managedFields?: unknown[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** Any stored object. Fields beyond metadata are JSON; narrow them where they are read. */
export interface StoredObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

/** What a controller writes: the server fills uid, resourceVersion, timestamps and defaults. */
export interface NewObject {
  apiVersion: string;
  kind: string;
  metadata: Partial<ObjectMeta> & ({ name: string } | { generateName: string });
  [field: string]: unknown;
}

/** Names one resource type: `{ group: '', version: 'v1', plural: 'pods' }`. */
export interface ResourceType {
  group: string;
  version: string;
  plural: string;
}

export interface ObjectKey {
  namespace?: string;
  name: string;
}

export interface StoreChange {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  resource: ResourceType;
  object: StoredObject;
}

/** Writes throw `ApiError` (a Kubernetes Status with its HTTP code) when the server would refuse them. */
export interface ObjectStore {
  get(resource: ResourceType, key: ObjectKey): StoredObject | undefined;
  /** `labels` is an equality selector. */
  list(
    resource: ResourceType,
    filter?: { namespace?: string; labels?: Record<string, string> },
  ): StoredObject[];
  create(object: NewObject): StoredObject;
  /** Reads, lets `change` edit a copy, writes it back through the main endpoint; no-op writes keep resourceVersion. Undefined when absent. */
  mutate(
    resource: ResourceType,
    key: ObjectKey,
    change: (object: StoredObject) => void,
  ): StoredObject | undefined;
  /** The same through the status subresource. */
  mutateStatus(
    resource: ResourceType,
    key: ObjectKey,
    change: (object: StoredObject) => void,
  ): StoredObject | undefined;
  /** Background propagation; `graceSeconds: 0` removes a bound Pod at once, as a kubelet does. No error when absent. */
  remove(resource: ResourceType, key: ObjectKey, options?: { uid?: string; graceSeconds?: number }): void;
  /** Every committed change, in order, synchronously after the commit. Returns the unsubscribe function. */
  subscribe(listener: (change: StoreChange) => void): () => void;
}
