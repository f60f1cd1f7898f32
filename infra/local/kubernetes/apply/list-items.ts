import { isObject, type JsonObject } from '../json.ts';
import type { Schema } from '../schema/schema.ts';

/** Whether a value of this schema is merged field by field rather than owned as a whole. */
export function isGranularObject(value: unknown, schema: Schema): value is JsonObject {
  return isObject(value) && schema.atomic !== true;
}

/** Whether a list of this schema is merged item by item. */
export function isAssociativeList(value: unknown, schema: Schema): value is unknown[] {
  if (!Array.isArray(value)) return false;
  return schema.listType === 'set' || (schema.listType === 'map' && value.every(isObject));
}

/** The path element that names `item` in an associative list. A key that is absent takes its default (a port's protocol is TCP). */
export function itemElement(item: unknown, schema: Schema): string {
  if (schema.listType === 'set') return `v:${JSON.stringify(item)}`;
  const keys: JsonObject = {};
  for (const name of [...(schema.listMapKeys ?? [])].sort()) {
    const value = isObject(item) ? item[name] : undefined;
    const key = value ?? schema.items?.properties?.[name]?.default;
    if (key !== undefined) keys[name] = key;
  }
  return `k:${JSON.stringify(keys)}`;
}

/** Items by path element; a later duplicate wins. */
export function itemsByElement(items: unknown[], schema: Schema): Map<string, unknown> {
  return new Map(items.map((item) => [itemElement(item, schema), item]));
}
