import { trackUpdate } from '../apply/server-side-apply.ts';
import type { StoredObject } from '../contract.ts';
import { ensureObject, stringAt, type JsonObject } from '../json.ts';
import { apiVersionOf, storageKeyOf, type ResourceDefinition } from '../resources/definition.ts';
import { applyDefaults } from '../schema/apply-defaults.ts';
import { isStoredObject } from '../storage/database.ts';
import { alreadyExists, badRequest, forbidden, notFound } from '../status.ts';
import { decode } from './decode.ts';
import { commit, nameSuffix, newUid, timestamp, type Machinery, type WriteOptions } from './machinery.ts';
import { validateObject } from './validate-object.ts';

/** Creates the object of a POST body in `namespace` (undefined for cluster-scoped kinds). */
export function create(
  machinery: Machinery,
  definition: ResourceDefinition,
  request: { namespace: string | undefined; body: unknown },
  options: WriteOptions,
): StoredObject {
  const object = decode(request.body, definition, options);
  const { metadata } = place(object, definition, request.namespace);
  if (stringAt(metadata, 'resourceVersion'))
    throw badRequest('resourceVersion should not be set on objects to be created');
  if (!stringAt(metadata, 'name')) {
    const prefix = stringAt(metadata, 'generateName');
    if (prefix) metadata['name'] = prefix + nameSuffix();
  }
  return insert(machinery, definition, object, { ...options, track: true });
}

/** Puts the object into the namespace of the request; a body that names another is refused. */
function place(
  object: JsonObject,
  definition: ResourceDefinition,
  namespace: string | undefined,
): { metadata: JsonObject } {
  const metadata = ensureObject(object, 'metadata');
  const given = stringAt(metadata, 'namespace');
  if (definition.namespaced && namespace !== undefined) {
    if (given && given !== namespace) {
      throw badRequest(
        `the namespace of the provided object does not match the namespace sent on the request`,
      );
    }
    metadata['namespace'] = namespace;
  }
  // The server drops the namespace of what has none (EnsureObjectNamespaceMatchesRequestNamespace of apiserver).
  if (!definition.namespaced) delete metadata['namespace'];
  return { metadata };
}

/**
 * The common end of POST, of PUT that creates and of server-side apply that creates. `track` records the writer in managedFields; an
 * apply brings its own entries.
 */
export function insert(
  machinery: Machinery,
  definition: ResourceDefinition,
  object: JsonObject,
  options: WriteOptions & { track: boolean },
): StoredObject {
  const { clock, table } = machinery;
  const metadata = ensureObject(object, 'metadata');
  const name = stringAt(metadata, 'name') ?? '';
  const namespace = stringAt(metadata, 'namespace');
  if (definition.namespaced) requireNamespace(machinery, definition, { namespace, name });
  const time = timestamp(clock.now());
  for (const field of ['deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink', 'generation']) {
    Reflect.deleteProperty(metadata, field);
  }
  Object.assign(metadata, { uid: newUid(), creationTimestamp: time, resourceVersion: '0' });
  if (definition.hasGeneration) metadata['generation'] = 1;
  if (options.track) Reflect.deleteProperty(metadata, 'managedFields');
  if (definition.hasStatus && definition.behaviour.keepsStatusOnCreation !== true)
    Reflect.deleteProperty(object, 'status');
  fillDefaults(object, definition);
  definition.behaviour.admit?.(object, machinery.admission);
  validateObject(object, undefined, definition);
  if (
    name !== '' &&
    table.get(storageKeyOf(definition), { ...(namespace === undefined ? {} : { namespace }), name })
  ) {
    throw alreadyExists(definition, name);
  }
  const writer = {
    manager: options.manager,
    operation: 'Update',
    apiVersion: apiVersionOf(definition),
    subresource: '',
  } as const;
  if (options.track) {
    const tracked = trackUpdate({ before: {}, after: object, schema: definition.schema, writer, time });
    metadata['managedFields'] = ensureObject(tracked, 'metadata')['managedFields'];
  }
  if (!isStoredObject(object))
    throw new Error(`creating ${definition.plural} ${name} made a malformed object`);
  return options.dryRun === true ? object : commit(machinery, definition, object);
}

/** Defaults of the schema, then those the kind computes. */
export function fillDefaults(object: JsonObject, definition: ResourceDefinition): void {
  applyDefaults(object, definition.schema);
  definition.behaviour.defaults?.(object);
}

/** The namespace must exist (404) and take new content (403). */
function requireNamespace(
  { table }: Machinery,
  definition: ResourceDefinition,
  { namespace, name }: { namespace: string | undefined; name: string },
): void {
  if (namespace === undefined || namespace === '') {
    throw badRequest('an empty namespace may not be set during creation');
  }
  const owner = table.get('/namespaces', { name: namespace });
  if (owner === undefined) throw notFound({ group: '', plural: 'namespaces' }, namespace);
  if (owner.metadata.deletionTimestamp !== undefined) {
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    const message = `namespace ${namespace} is being terminated`;
    throw forbidden(definition, name, why, [
      { reason: 'NamespaceTerminating', message, field: 'metadata.namespace' },
    ]);
  }
}
