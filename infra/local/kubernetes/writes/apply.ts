import { applyConfiguration } from '../apply/server-side-apply.ts';
import { stringAt, type JsonObject } from '../json.ts';
import type { ObjectKey, StoredObject } from '../contract.ts';
import { apiVersionOf, storageKeyOf, type ResourceDefinition } from '../resources/definition.ts';
import { dropNulls } from '../schema/apply-defaults.ts';
import { prune } from '../schema/prune.ts';
import { validate } from '../schema/validate.ts';
import { ApiError, badRequest, conflict, notFound } from '../status.ts';
import { insert } from './create.ts';
import { timestamp, type Machinery, type WriteOptions } from './machinery.ts';
import { update, type Subresource } from './update.ts';

export interface Apply {
  key: ObjectKey;
  subresource: Subresource;
  body: JsonObject;
  force: boolean;
}

/** Server-side apply of one object; `created` tells a 201 from a 200. */
export function apply(
  machinery: Machinery,
  definition: ResourceDefinition,
  { key, subresource, body, force }: Apply,
  options: WriteOptions,
): { object: StoredObject; created: boolean } {
  const applied = typedBody(body, definition, key);
  const context = {
    schema: definition.schema,
    writer: {
      manager: options.manager,
      operation: 'Apply',
      apiVersion: apiVersionOf(definition),
      subresource,
    } as const,
    force,
    time: timestamp(machinery.clock.now()),
  };
  const existing = machinery.table.get(storageKeyOf(definition), key);
  if (existing === undefined) {
    if (subresource !== '') throw notFound(definition, key.name);
    if (stringAt(applied, 'metadata', 'uid'))
      throw conflict(
        definition,
        key.name,
        `uid mismatch: the provided object specified uid ${stringAt(applied, 'metadata', 'uid')}, and no existing object was found`,
      );
    const object = applyConfiguration({ ...context, live: {}, applied: withoutStatus(applied, definition) });
    return { object: insert(machinery, definition, object, { ...options, track: false }), created: true };
  }
  const object = update(
    machinery,
    definition,
    {
      key,
      subresource,
      track: false,
      change: (current) => {
        requireVersion(applied, current, definition);
        const part = subresource === 'status' ? statusAlone(applied) : withoutStatus(applied, definition);
        return applyConfiguration({ ...context, live: { ...current }, applied: part });
      },
    },
    options,
  );
  return { object, created: false };
}

/** The body must be of the type and name of the request, and hold only declared fields: its fields become owned paths. */
function typedBody(body: JsonObject, definition: ResourceDefinition, key: ObjectKey): JsonObject {
  const applied = structuredClone(body);
  if (applied['apiVersion'] !== apiVersionOf(definition) || applied['kind'] !== definition.kind) {
    throw badRequest(
      `invalid object type: ${String(applied['apiVersion'])}, Kind=${String(applied['kind'])}`,
    );
  }
  const metadata = { ...(typeof applied['metadata'] === 'object' ? applied['metadata'] : {}) };
  applied['metadata'] = metadata;
  if (stringAt(applied, 'metadata', 'name') === undefined) Object.assign(metadata, { name: key.name });
  if (key.namespace !== undefined) {
    const namespace = stringAt(applied, 'metadata', 'namespace');
    if (namespace && namespace !== key.namespace) {
      throw badRequest(
        'the namespace of the provided object does not match the namespace sent on the request',
      );
    }
    Object.assign(metadata, { namespace: key.namespace });
  }
  if (stringAt(applied, 'metadata', 'name') !== key.name) {
    throw badRequest(
      `the name of the object (${stringAt(applied, 'metadata', 'name')}) does not match the name on the URL (${key.name})`,
    );
  }
  if ('managedFields' in metadata) throw badRequest('metadata.managedFields must be nil');
  if (!definition.custom) dropNulls(applied, definition.schema);
  const [unknown] = prune(applied, definition.schema);
  if (unknown !== undefined) throw untyped(definition, key, `.${unknown}: field not declared in schema`);
  const [wrong] = validate(applied, definition.schema, '').filter(
    (cause) => cause.reason === 'FieldValueTypeInvalid',
  );
  if (wrong !== undefined && !definition.custom) {
    throw untyped(definition, key, `.${wrong.field}: expected another type: ${wrong.message}`);
  }
  return applied;
}

/** The API server's own answer to an untypable patch is a 500 without a reason. */
function untyped(
  { group, version, kind }: ResourceDefinition,
  { namespace = '', name }: ObjectKey,
  why: string,
): ApiError {
  const gv = group === '' ? version : `${group}/${version}`;
  return new ApiError(
    500,
    undefined,
    `failed to create typed patch object (${namespace}/${name}; ${gv}, Kind=${kind}): ${why}`,
  );
}

function requireVersion(applied: JsonObject, current: StoredObject, definition: ResourceDefinition): void {
  const version = stringAt(applied, 'metadata', 'resourceVersion');
  if (version && version !== current.metadata.resourceVersion)
    throw conflict(definition, current.metadata.name);
}

function withoutStatus(applied: JsonObject, { hasStatus }: ResourceDefinition): JsonObject {
  if (!hasStatus) return applied;
  const { status: _, ...rest } = applied;
  return rest;
}

function statusAlone({ status, apiVersion, kind }: JsonObject): JsonObject {
  return { apiVersion, kind, ...(status === undefined ? {} : { status }) };
}
