import { trackUpdate } from '../apply/server-side-apply.ts';
import type { ObjectKey, StoredObject } from '../contract.ts';
import { ensureObject, equalJson, isObject, listAt, stringAt, type JsonObject } from '../json.ts';
import { apiVersionOf, storageKeyOf, type ResourceDefinition } from '../resources/definition.ts';
import { isStoredObject } from '../storage/database.ts';
import { badRequest, conflict, fault, invalid, notFound } from '../status.ts';
import { fillDefaults } from './create.ts';
import {
  atVersion,
  commit,
  expunge,
  isReadyToGo,
  timestamp,
  type Machinery,
  type WriteOptions,
} from './machinery.ts';
import { validateObject } from './validate-object.ts';

/** Which part of an object a write may change. */
export type Subresource = '' | 'status';

export interface Update {
  key: ObjectKey;
  subresource: Subresource;
  /** The wanted object, made from a copy of the current one. May carry preconditions in uid and resourceVersion. */
  change: (current: StoredObject) => JsonObject;
  /** False for server-side apply, which brings its own managedFields. */
  track: boolean;
}

/** Reads, changes and writes back one object. A write that changes nothing keeps its resourceVersion. */
export function update(
  machinery: Machinery,
  definition: ResourceDefinition,
  { key, subresource, change, track }: Update,
  options: WriteOptions,
): StoredObject {
  const stored = machinery.table.get(storageKeyOf(definition), key);
  if (stored === undefined) throw notFound(definition, key.name);
  const current = atVersion(stored, definition);
  const proposed = change(structuredClone(current));
  checkPreconditions(proposed, current, definition);

  const next = keepServerFields(proposed, current, { definition, subresource });
  refuseNewFinalizers(next, current, definition);
  definition.behaviour.carryOver?.(next, { ...current });
  fillDefaults(next, definition);
  validateObject(next, current, definition);
  const metadata = ensureObject(next, 'metadata');
  if (definition.hasGeneration && specChanged(next, current, definition)) {
    metadata['generation'] = (current.metadata.generation ?? 0) + 1;
  }
  if (track) {
    const writer = {
      manager: options.manager,
      operation: 'Update',
      apiVersion: apiVersionOf(definition),
      subresource,
    } as const;
    const time = timestamp(machinery.clock.now());
    const tracked = trackUpdate({
      before: { ...current },
      after: next,
      schema: definition.schema,
      writer,
      time,
    });
    metadata['managedFields'] = listAt(tracked, 'metadata', 'managedFields');
  }
  if (!isStoredObject(next))
    throw new Error(`updating ${definition.plural} ${key.name} made a malformed object`);
  if (sameContent(next, current)) return current;
  if (options.dryRun === true) return next;
  return isReadyToGo(next) ? expunge(machinery, definition, next) : commit(machinery, definition, next);
}

function checkPreconditions(
  proposed: JsonObject,
  current: StoredObject,
  definition: ResourceDefinition,
): void {
  const { name, namespace, uid, resourceVersion } = current.metadata;
  const given = (field: string): string | undefined => stringAt(proposed, 'metadata', field);
  if (given('name') !== undefined && given('name') !== name) {
    throw badRequest(
      `the name of the object (${given('name')}) does not match the name on the URL (${name})`,
    );
  }
  if (given('namespace') && given('namespace') !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (given('uid') && given('uid') !== uid) {
    const why = `Precondition failed: UID in precondition: ${given('uid')}, UID in object meta: ${uid}`;
    throw conflict(definition, name, why);
  }
  const version = given('resourceVersion');
  if (version && version !== '0' && version !== resourceVersion) throw conflict(definition, name);
  if (!version && definition.custom) {
    throw invalid(definition, name, [
      fault.invalid('metadata.resourceVersion', 0, 'must be specified for an update'),
    ]);
  }
}

/** Identity and deletion are the server's; the main endpoint keeps status, `/status` keeps all else. */
function keepServerFields(
  proposed: JsonObject,
  current: StoredObject,
  { definition, subresource }: { definition: ResourceDefinition; subresource: Subresource },
): JsonObject {
  if (subresource === 'status') {
    const { status: _, ...rest } = structuredClone(current);
    const managedFields = listAt(proposed, 'metadata', 'managedFields');
    const metadata = { ...rest.metadata, managedFields };
    return { ...rest, metadata, ...(proposed['status'] === undefined ? {} : { status: proposed['status'] }) };
  }
  const metadata: JsonObject = { ...(isObject(proposed['metadata']) ? proposed['metadata'] : {}) };
  for (const field of serverFields) {
    const value = current.metadata[field];
    if (value === undefined) Reflect.deleteProperty(metadata, field);
    else metadata[field] = value;
  }
  metadata['managedFields'] ??= current.metadata.managedFields;
  const next: JsonObject = { ...proposed, apiVersion: current.apiVersion, kind: current.kind, metadata };
  if (definition.hasStatus) {
    if (current['status'] === undefined) Reflect.deleteProperty(next, 'status');
    else next['status'] = structuredClone(current['status']);
  }
  return next;
}

const serverFields = [
  ...([
    'name',
    'namespace',
    'uid',
    'resourceVersion',
    'creationTimestamp',
    'generation',
    'generateName',
  ] as const),
  ...(['deletionTimestamp', 'deletionGracePeriodSeconds'] as const),
];

function refuseNewFinalizers(next: JsonObject, current: StoredObject, definition: ResourceDefinition): void {
  if (current.metadata.deletionTimestamp === undefined) return;
  const old = new Set(current.metadata.finalizers);
  const added = listAt(next, 'metadata', 'finalizers').filter(
    (finalizer) => typeof finalizer === 'string' && !old.has(finalizer),
  );
  if (added.length === 0) return;
  const detail = `no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`;
  throw invalid(definition, current.metadata.name, [fault.forbidden('metadata.finalizers', detail)]);
}

/** A custom resource's generation counts changes of everything but metadata and status; a built-in one's those of its spec. */
function specChanged(next: JsonObject, current: StoredObject, definition: ResourceDefinition): boolean {
  if (!definition.custom && 'spec' in next) return !equalJson(next['spec'], current['spec']);
  const payload = (object: JsonObject): JsonObject => {
    const { metadata: _metadata, status, ...rest } = object;
    return definition.hasStatus ? rest : { ...rest, status };
  };
  return !equalJson(payload(next), payload({ ...current }));
}

function sameContent(next: StoredObject, current: StoredObject): boolean {
  return equalJson(withoutUndefined(next), withoutUndefined(current));
}

/** JSON knows no undefined; a copy without them compares as it would be stored. */
function withoutUndefined(object: StoredObject): unknown {
  return JSON.parse(JSON.stringify(object));
}
