import { isObject, type JsonObject } from '../json.ts';
import type { Schema } from './schema.ts';

const types = ['object', 'array', 'string', 'integer', 'number', 'boolean'] as const;

/**
 * Reads an OpenAPI v3 schema with Kubernetes' extensions. `named` resolves `$ref`; without it references are unknown types.
 * `x-kubernetes-validations` (CEL), `oneOf`, `anyOf` and `not` are not evaluated.
 */
export function readSchema(source: unknown, named: (reference: string) => Schema = () => ({})): Schema {
  if (!isObject(source)) return { preserveUnknownFields: true };
  const reference = source['$ref'];
  const schema: Schema = typeof reference === 'string' ? { ...named(reference) } : {};
  readStructure(schema, source, named);
  readLimits(schema, source);
  return schema;
}

function readStructure(schema: Schema, source: JsonObject, named: (reference: string) => Schema): void {
  const type = types.find((known) => known === source['type']);
  if (type !== undefined) schema.type = type;
  const { properties, additionalProperties, items } = source;
  if (isObject(properties)) {
    schema.properties = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, readSchema(property, named)]),
    );
  }
  if (isObject(additionalProperties)) schema.additionalProperties = readSchema(additionalProperties, named);
  if (additionalProperties === true) schema.preserveUnknownFields = true;
  if (isObject(items)) schema.items = readSchema(items, named);
  const listType = source['x-kubernetes-list-type'];
  if (listType === 'set' || listType === 'map' || listType === 'atomic') schema.listType = listType;
  const keys = strings(source['x-kubernetes-list-map-keys']);
  if (keys !== undefined) schema.listMapKeys = keys;
  if (source['x-kubernetes-map-type'] === 'atomic') schema.atomic = true;
  const mergeKey = source['x-kubernetes-patch-merge-key'];
  if (typeof mergeKey === 'string') schema.patchMergeKey = mergeKey;
  const strategy = source['x-kubernetes-patch-strategy'];
  if (typeof strategy === 'string') schema.patchStrategy = strategy;
  if (source['x-kubernetes-preserve-unknown-fields'] === true) schema.preserveUnknownFields = true;
  if (source['x-kubernetes-int-or-string'] === true) schema.intOrString = true;
  if (source['x-kubernetes-embedded-resource'] === true) schema.embeddedResource = true;
}

function readLimits(schema: Schema, source: JsonObject): void {
  if (source['nullable'] === true) schema.nullable = true;
  if (source['default'] !== undefined) schema.default = source['default'];
  const required = strings(source['required']);
  if (required !== undefined) schema.required = required;
  if (Array.isArray(source['enum'])) schema.enum = source['enum'];
  if (source['exclusiveMinimum'] === true) schema.exclusiveMinimum = true;
  if (source['exclusiveMaximum'] === true) schema.exclusiveMaximum = true;
  for (const limit of ['minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'] as const) {
    const value = source[limit];
    if (typeof value === 'number') schema[limit] = value;
  }
  for (const text of ['pattern', 'format'] as const) {
    const value = source[text];
    if (typeof value === 'string') schema[text] = value;
  }
}

function strings(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}
