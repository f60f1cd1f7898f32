/**
 * Regenerates `builtin-schemas.json`, the structural schemas of the built-in kinds, from Kubernetes' own published documents as
 * Debian's package `golang-k8s-client-go-dev` carries them (Apache-2.0; `dpkg -x` it into a folder and pass that folder):
 * the structured-merge schema (list types and map keys, authoritative for server-side apply) joined with the OpenAPI v3
 * documents (types, required fields, merge keys of strategic patches).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const roots = [
  ...['Namespace', 'Node', 'Pod', 'Service', 'Endpoints', 'ConfigMap', 'Secret', 'ServiceAccount', 'Event'],
  ...['PersistentVolumeClaim', 'PersistentVolume'],
].map((kind) => `io.k8s.api.core.v1.${kind}`);
roots.push(
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ControllerRevision'].map(
    (kind) => `io.k8s.api.apps.v1.${kind}`,
  ),
  'io.k8s.api.batch.v1.Job',
  'io.k8s.api.coordination.v1.Lease',
  'io.k8s.api.discovery.v1.EndpointSlice',
  'io.k8s.api.storage.v1.StorageClass',
  ...['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'].map((kind) => `io.k8s.api.rbac.v1.${kind}`),
);

interface TypeReference {
  namedType?: string | undefined;
  scalar?: string | undefined;
  map?: MapType | undefined;
  list?: ListType | undefined;
  elementRelationship?: string | undefined;
}
interface MapType {
  fields?: { name: string; type: TypeReference; default?: unknown }[] | undefined;
  elementType?: TypeReference | undefined;
  elementRelationship?: string | undefined;
}
interface ListType {
  elementType: TypeReference;
  elementRelationship?: string | undefined;
  keys?: string[] | undefined;
}

const typeReference: z.ZodType<TypeReference> = z.lazy(() =>
  z.object({
    namedType: z.string().optional(),
    scalar: z.string().optional(),
    map: mapType.optional(),
    list: listType.optional(),
    elementRelationship: z.string().optional(),
  }),
);
const mapType: z.ZodType<MapType> = z.lazy(() =>
  z.object({
    fields: z
      .array(z.object({ name: z.string(), type: typeReference, default: z.unknown().optional() }))
      .optional(),
    elementType: typeReference.optional(),
    elementRelationship: z.string().optional(),
  }),
);
const listType: z.ZodType<ListType> = z.lazy(() =>
  z.object({
    elementType: typeReference,
    elementRelationship: z.string().optional(),
    keys: z.array(z.string()).optional(),
  }),
);
const mergeDocument = z.object({
  types: z.array(z.intersection(typeReference, z.object({ name: z.string() }))),
});

const openApiField = z.looseObject({
  type: z.string().optional(),
  format: z.string().optional(),
  oneOf: z.array(z.unknown()).optional(),
  'x-kubernetes-patch-merge-key': z.string().optional(),
  'x-kubernetes-patch-strategy': z.string().optional(),
});
const openApiType = openApiField.extend({
  required: z.array(z.string()).optional(),
  properties: z.record(z.string(), openApiField).optional(),
});
const openApiDocument = z.object({ components: z.object({ schemas: z.record(z.string(), openApiType) }) });

type Schema = Record<string, unknown>;
const scalarTypes: Record<string, Schema> = {
  string: { type: 'string' },
  numeric: { type: 'number' },
  boolean: { type: 'boolean' },
};

function generate(packageFolder: string): Record<string, Schema> {
  const source = join(packageFolder, 'usr/share/gocode/src/k8s.io/client-go');
  const go = readFileSync(join(source, 'applyconfigurations/internal/internal.go'), 'utf8');
  const yaml = go.slice(go.indexOf('YAMLObject(`') + 'YAMLObject(`'.length, go.lastIndexOf('`)'));
  const merge = new Map(mergeDocument.parse(parse(yaml)).types.map((type) => [type.name, type]));
  const openApi = new Map<string, z.infer<typeof openApiType>>();
  for (const document of ['api__v1', 'apis__apps__v1', 'apis__batch__v1', 'apis__discovery.k8s.io__v1']) {
    const text = readFileSync(join(source, `openapi/openapitest/testdata/${document}_openapi.json`), 'utf8');
    for (const [name, type] of Object.entries(openApiDocument.parse(JSON.parse(text)).components.schemas)) {
      openApi.set(name, type);
    }
  }

  const schemas: Record<string, Schema> = {};
  const pending = [...roots];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (schemas[name] !== undefined) continue;
    const type = merge.get(name);
    if (type === undefined) throw new Error(`the merge schema has no type ${name}`);
    schemas[name] = namedSchema(name);
  }
  return schemas;

  function namedSchema(name: string): Schema {
    const documented = openApi.get(name);
    if (documented?.oneOf !== undefined) return { 'x-kubernetes-int-or-string': true };
    if (name.startsWith('__untyped') || name.endsWith('.FieldsV1'))
      return { 'x-kubernetes-preserve-unknown-fields': true };
    const schema = inline(merge.get(name) ?? {}, documented ?? {});
    const properties = merge.get(name)?.map?.fields ?? [];
    const required = documented?.required?.filter((field) =>
      properties.some((property) => property.name === field),
    );
    return required === undefined || required.length === 0 ? schema : { ...schema, required };
  }

  function inline(type: TypeReference, documented: z.infer<typeof openApiType>): Schema {
    if (type.namedType !== undefined) {
      pending.push(type.namedType);
      const atomic = type.elementRelationship === 'atomic' ? { 'x-kubernetes-map-type': 'atomic' } : {};
      return { $ref: type.namedType, ...atomic };
    }
    if (type.list !== undefined) {
      const { elementType, elementRelationship, keys } = type.list;
      const mergeKey = documented['x-kubernetes-patch-merge-key'];
      const strategy = documented['x-kubernetes-patch-strategy'];
      return {
        type: 'array',
        items: inline(elementType, {}),
        'x-kubernetes-list-type': elementRelationship === 'associative' ? (keys ? 'map' : 'set') : 'atomic',
        ...(keys ? { 'x-kubernetes-list-map-keys': keys } : {}),
        ...(mergeKey ? { 'x-kubernetes-patch-merge-key': mergeKey } : {}),
        ...(strategy ? { 'x-kubernetes-patch-strategy': strategy } : {}),
      };
    }
    if (type.map !== undefined) {
      const { fields, elementType, elementRelationship } = type.map;
      const strategy = documented['x-kubernetes-patch-strategy'];
      return {
        type: 'object',
        ...(fields
          ? {
              properties: Object.fromEntries(
                fields.map((field) => [
                  field.name,
                  {
                    ...inline(field.type, documented.properties?.[field.name] ?? {}),
                    ...(typeof field.default === 'string' && field.default !== ''
                      ? { default: field.default }
                      : {}),
                  },
                ]),
              ),
            }
          : {}),
        ...(elementType ? { additionalProperties: inline(elementType, {}) } : {}),
        ...(elementRelationship === 'atomic' ? { 'x-kubernetes-map-type': 'atomic' } : {}),
        ...(strategy ? { 'x-kubernetes-patch-strategy': strategy } : {}),
      };
    }
    if (type.scalar === 'numeric' && documented.type === 'integer') return { type: 'integer' };
    if (documented.type === 'string' || documented.type === 'boolean') return { type: documented.type };
    return scalarTypes[type.scalar ?? ''] ?? {};
  }
}

const [packageFolder] = process.argv.slice(2);
if (packageFolder === undefined) throw new Error('pass the folder the package was unpacked into');
const target = new URL('./builtin-schemas.json', import.meta.url);
writeFileSync(target, `${JSON.stringify(generate(packageFolder), null, 1)}\n`);
