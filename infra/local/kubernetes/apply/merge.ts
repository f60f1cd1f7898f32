import { anything, fieldSchema, type Schema } from '../schema/schema.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { FieldSet } from './field-set.ts';
import { isAssociativeList, isGranularObject, itemElement, itemsByElement } from './list-items.ts';

/** `live` with everything `applied` says put over it. Neither argument is changed. */
export function mergeApplied(live: unknown, applied: unknown, schema: Schema): unknown {
  if (isGranularObject(applied, schema) && isGranularObject(live, schema)) {
    const merged: JsonObject = { ...live };
    for (const [name, value] of Object.entries(applied)) {
      merged[name] = mergeApplied(live[name], value, fieldSchema(schema, name) ?? anything);
    }
    return merged;
  }
  if (isAssociativeList(applied, schema) && isAssociativeList(live, schema))
    return mergeItems(live, applied, schema);
  return structuredClone(applied);
}

/** Items only `live` has keep their place; the places of shared items are filled in the applied order, new items follow. */
function mergeItems(live: unknown[], applied: unknown[], schema: Schema): unknown[] {
  const old = itemsByElement(live, schema);
  const queue = [...itemsByElement(applied, schema)];
  const merged: unknown[] = [];
  const shared = new Set(queue.map(([element]) => element).filter((element) => old.has(element)));
  const takeNext = (): boolean => {
    const next = queue.shift();
    if (next === undefined) return false;
    const [element, item] = next;
    merged.push(
      old.has(element)
        ? mergeApplied(old.get(element), item, schema.items ?? anything)
        : structuredClone(item),
    );
    return !shared.has(element);
  };
  for (const [element, item] of old) {
    if (!shared.has(element)) merged.push(item);
    else while (takeNext());
  }
  while (queue.length > 0) takeNext();
  return merged;
}

/**
 * Takes the `gone` fields out of `value` unless `kept` holds them or something below them. A parent that loses its last child
 * goes too when it was made by the fields that are gone. Returns undefined when nothing is left.
 */
export function removeFields(
  value: unknown,
  sets: { gone: FieldSet; kept: FieldSet },
  schema: Schema,
): unknown {
  const { gone, kept } = sets;
  if (gone.isEmpty()) return value;
  if (isGranularObject(value, schema) && gone.children.size > 0) {
    const rest: JsonObject = {};
    for (const [name, field] of Object.entries(value)) {
      const element = `f:${name}`;
      const below = { gone: gone.child(element), kept: kept.child(element) };
      const left = removeFields(field, below, fieldSchema(schema, name) ?? anything);
      if (left !== undefined) rest[name] = left;
    }
    return Object.keys(rest).length > 0 || !kept.isEmpty() ? rest : undefined;
  }
  if (isAssociativeList(value, schema) && gone.children.size > 0) {
    const rest = value.flatMap((item) => {
      const element = itemElement(item, schema);
      const below = { gone: gone.child(element), kept: kept.child(element) };
      const left = removeItem(item, below, schema.items ?? anything);
      return left === undefined ? [] : [left];
    });
    return rest.length > 0 || !kept.isEmpty() ? rest : undefined;
  }
  return gone.member && kept.isEmpty() ? undefined : value;
}

/** An item goes whole once its owner gives it up and nobody else owns any of it, its key fields included. */
function removeItem(item: unknown, sets: { gone: FieldSet; kept: FieldSet }, schema: Schema): unknown {
  if (sets.gone.member && sets.kept.isEmpty()) return undefined;
  if (!isObject(item)) return sets.gone.member ? undefined : item;
  return removeFields(item, sets, schema) ?? item;
}
