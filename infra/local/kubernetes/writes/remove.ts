import type { ObjectKey, StoredObject } from '../contract.ts';
import { ensureObject, listAt, numberAt, stringAt } from '../json.ts';
import { storageKeyOf, type ResourceDefinition } from '../resources/definition.ts';
import { conflict, notFound } from '../status.ts';
import { atVersion, commit, expunge, isReadyToGo, timestamp, type Machinery } from './machinery.ts';

export type Propagation = 'Background' | 'Foreground' | 'Orphan';

/** `DeleteOptions` as far as they are honoured. */
export interface Removal {
  uid?: string;
  resourceVersion?: string;
  graceSeconds?: number;
  propagation?: Propagation;
  dryRun?: boolean;
}

/** What a DELETE came to: the object is gone, or it stays terminating. */
export interface RemovalResult {
  removed: boolean;
  object: StoredObject;
}

/** Pods that a kubelet may still run get this long unless they say otherwise (`spec.terminationGracePeriodSeconds`). */
const defaultGraceSeconds = 30;

/** CRs of a definition go before it; the API server's own finalizer says so. */
export const customResourceCleanup = 'customresourcecleanup.apiextensions.k8s.io';

/** Deletes one object, or marks it as terminating when finalizers, a grace period or its content stand in the way. */
export function remove(
  machinery: Machinery,
  definition: ResourceDefinition,
  key: ObjectKey,
  removal: Removal,
): RemovalResult {
  const stored = machinery.table.get(storageKeyOf(definition), key);
  if (stored === undefined) throw notFound(definition, key.name);
  checkPreconditions(stored, definition, removal);
  const next = marked(machinery, definition, structuredClone(stored), removal);
  if (isReadyToGo(next)) {
    const object = removal.dryRun === true ? stored : expunge(machinery, definition, next);
    return { removed: true, object: atVersion(object, definition) };
  }
  if (removal.dryRun === true || unchanged(stored, next))
    return { removed: false, object: atVersion(stored, definition) };
  return { removed: false, object: commit(machinery, definition, next) };
}

function checkPreconditions(
  { metadata }: StoredObject,
  definition: ResourceDefinition,
  removal: Removal,
): void {
  const { uid, resourceVersion } = removal;
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    throw conflict(definition, metadata.name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    throw conflict(definition, metadata.name, why);
  }
}

/** The object as it terminates: deletion time, grace period, and the finalizers that the propagation policy asks for. */
function marked(
  machinery: Machinery,
  definition: ResourceDefinition,
  object: StoredObject,
  removal: Removal,
): StoredObject {
  const { metadata } = object;
  const first = metadata.deletionTimestamp === undefined;
  setPropagation(object, removal.propagation);
  const grace = graceSeconds(definition, object, removal.graceSeconds);
  if (first || grace < (metadata.deletionGracePeriodSeconds ?? 0)) {
    metadata.deletionTimestamp = timestamp(machinery.clock.now() + grace * 1000);
    metadata.deletionGracePeriodSeconds = grace;
  }
  if (first && (metadata.generation ?? 0) > 0) metadata.generation = (metadata.generation ?? 0) + 1;
  if (definition.group === '' && definition.plural === 'namespaces')
    ensureObject(object, 'status')['phase'] = 'Terminating';
  if (definition.plural === 'customresourcedefinitions' && first) {
    metadata.finalizers = [...new Set([...(metadata.finalizers ?? []), customResourceCleanup])];
  }
  return object;
}

function setPropagation({ metadata }: StoredObject, propagation: Propagation | undefined): void {
  if (propagation === undefined) return;
  const finalizers = (metadata.finalizers ?? []).filter(
    (name) => name !== 'orphan' && name !== 'foregroundDeletion',
  );
  if (propagation === 'Foreground') finalizers.push('foregroundDeletion');
  if (propagation === 'Orphan') finalizers.push('orphan');
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
}

function graceSeconds(
  { group, plural }: ResourceDefinition,
  object: StoredObject,
  asked: number | undefined,
): number {
  if (group !== '' || plural !== 'pods') return 0;
  const phase = stringAt(object, 'status', 'phase');
  if (!stringAt(object, 'spec', 'nodeName') || phase === 'Succeeded' || phase === 'Failed') return 0;
  return asked ?? numberAt(object, 'spec', 'terminationGracePeriodSeconds') ?? defaultGraceSeconds;
}

function unchanged(stored: StoredObject, next: StoredObject): boolean {
  return JSON.stringify(stored) === JSON.stringify(next);
}

/** Owners of an object, with what garbage collection asks about them. */
export function ownersOf(object: StoredObject): { uid: string; blocks: boolean }[] {
  return listAt(object, 'metadata', 'ownerReferences').flatMap((owner) => {
    const uid = stringAt(owner, 'uid');
    const blocks =
      typeof owner === 'object' &&
      owner !== null &&
      'blockOwnerDeletion' in owner &&
      owner.blockOwnerDeletion === true;
    return uid === undefined ? [] : [{ uid, blocks }];
  });
}
