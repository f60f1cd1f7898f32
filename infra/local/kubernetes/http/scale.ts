import type { StoredObject } from '../contract.ts';
import { ensureObject, isObject, numberAt, objectAt, type JsonObject } from '../json.ts';
import type { ResourceDefinition, ScalePaths } from '../resources/definition.ts';
import { ApiError, fault, invalid } from '../status.ts';

/** The `autoscaling/v1 Scale` view of an object. */
export function scaleOf(object: StoredObject, definition: ResourceDefinition): JsonObject {
  const scale = pathsOf(definition);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = definition.custom ? valueAt(object, scale.labelSelector ?? '') : selectorText(object);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: valueAt(object, scale.specReplicas) ?? 0 },
    status: {
      replicas: valueAt(object, scale.statusReplicas) ?? 0,
      ...(typeof selector === 'string' ? { selector } : {}),
    },
  };
}

/** A copy of `object` with the replica count of a Scale put in. Throws 422 on a count that is none. */
export function scaled(object: StoredObject, scale: JsonObject, definition: ResourceDefinition): JsonObject {
  const replicas = numberAt(scale, 'spec', 'replicas');
  if (replicas === undefined || replicas < 0) {
    const type = { group: 'autoscaling', kind: 'Scale' };
    throw invalid(type, object.metadata.name, [
      fault.invalid('spec.replicas', replicas ?? null, 'must be greater than or equal to 0'),
    ]);
  }
  const next: JsonObject = structuredClone({ ...object });
  const fields = pathsOf(definition).specReplicas.split('.');
  const last = fields.pop() ?? '';
  let parent = next;
  for (const field of fields) parent = ensureObject(parent, field);
  parent[last] = replicas;
  const version = objectAt(scale, 'metadata')?.['resourceVersion'];
  if (typeof version === 'string') ensureObject(next, 'metadata')['resourceVersion'] = version;
  return next;
}

function pathsOf({ scale }: ResourceDefinition): ScalePaths {
  if (scale === undefined)
    throw new ApiError(404, 'NotFound', 'the server could not find the requested resource');
  return scale;
}

function valueAt(object: StoredObject, path: string): unknown {
  let value: unknown = object;
  for (const field of path.split('.')) value = isObject(value) ? value[field] : undefined;
  return value;
}

function selectorText(object: StoredObject): string {
  const labels = objectAt(object, 'spec', 'selector', 'matchLabels') ?? {};
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
}
