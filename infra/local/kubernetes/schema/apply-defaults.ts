import { isObject } from '../json.ts';
import type { Schema } from './schema.ts';

/**
 * Fills `default:` values in place, outside in, so that a default object gets its own fields' defaults. A null where a default
 * exists and null is not allowed counts as absent, as structural schemas demand.
 */
export function applyDefaults(value: unknown, schema: Schema): void {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items !== undefined) for (const item of value) applyDefaults(item, items);
    return;
  }
  if (!isObject(value)) return;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const missing = value[name] === undefined || (value[name] === null && property.nullable !== true);
    if (property.default !== undefined && missing) value[name] = structuredClone(property.default);
    if (value[name] !== undefined) applyDefaults(value[name], property);
  }
  if (schema.additionalProperties !== undefined) {
    for (const field of Object.values(value)) applyDefaults(field, schema.additionalProperties);
  }
}

/** Removes null fields in place: a built-in kind's decoder reads null as absent. */
export function dropNulls(value: unknown, schema?: Schema): void {
  if (Array.isArray(value)) {
    for (const item of value) dropNulls(item, schema?.items);
    return;
  }
  if (!isObject(value)) return;
  for (const [name, field] of Object.entries(value)) {
    const declared = schema?.properties?.[name] ?? schema?.additionalProperties;
    if (field === null) Reflect.deleteProperty(value, name);
    // Free-form payloads (a ControllerRevision's data, raw extensions) keep their nulls.
    else if (declared?.preserveUnknownFields !== true) dropNulls(field, declared);
  }
}
