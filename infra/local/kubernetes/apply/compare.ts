import { equalJson } from '../json.ts';
import { anything, fieldSchema, type Schema } from '../schema/schema.ts';
import { FieldSet } from './field-set.ts';
import { isAssociativeList, isGranularObject, itemsByElement } from './list-items.ts';

/** The fields an applied configuration owns: its leaves, and the items of its associative lists. */
export function fieldsOf(value: unknown, schema: Schema): FieldSet {
  if (isGranularObject(value, schema)) {
    const entries = Object.entries(value);
    if (entries.length === 0) return FieldSet.leaf;
    return FieldSet.of(
      entries.map(([name, field]) => [`f:${name}`, fieldsOf(field, schemaOf(schema, name))]),
    );
  }
  if (isAssociativeList(value, schema)) {
    if (value.length === 0) return FieldSet.leaf;
    const items = [...itemsByElement(value, schema)];
    return FieldSet.of(
      items.map(([element, item]) => [element, withSelf(fieldsOf(item, schema.items ?? anything))]),
    );
  }
  return FieldSet.leaf;
}

export interface Comparison {
  /** Fields that are new or have another value. */
  written: FieldSet;
  removed: FieldSet;
}

const same: Comparison = { written: FieldSet.empty, removed: FieldSet.empty };

/** What changed from `before` to `after`; undefined stands for absent. */
export function compare(before: unknown, after: unknown, schema: Schema): Comparison {
  if (equalJson(before, after)) return same;
  if (after === undefined) return { written: FieldSet.empty, removed: withSelf(everyField(before, schema)) };
  if (before === undefined) return { written: everyField(after, schema), removed: FieldSet.empty };
  if (isGranularObject(before, schema) && isGranularObject(after, schema)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return combine(
      [...names].map((name) => [`f:${name}`, compare(before[name], after[name], schemaOf(schema, name))]),
    );
  }
  if (isAssociativeList(before, schema) && isAssociativeList(after, schema)) {
    const [old, next] = [itemsByElement(before, schema), itemsByElement(after, schema)];
    const elements = new Set([...old.keys(), ...next.keys()]);
    return combine(
      [...elements].map((element) => {
        const change = compare(old.get(element), next.get(element), schema.items ?? anything);
        return [element, old.has(element) ? change : { ...change, written: withSelf(change.written) }];
      }),
    );
  }
  return { written: FieldSet.leaf, removed: FieldSet.empty };
}

function combine(changes: [string, Comparison][]): Comparison {
  return {
    written: FieldSet.of(changes.map(([element, { written }]) => [element, written])),
    removed: FieldSet.of(changes.map(([element, { removed }]) => [element, removed])),
  };
}

/** As `fieldsOf`, with maps of free keys as members of their own: how an Update records what it added. */
function everyField(value: unknown, schema: Schema): FieldSet {
  if (isGranularObject(value, schema) && Object.keys(value).length > 0) {
    const children: [string, FieldSet][] = Object.entries(value).map(([name, field]) => [
      `f:${name}`,
      everyField(field, schemaOf(schema, name)),
    ]);
    return FieldSet.of(children, schema.properties === undefined);
  }
  if (isAssociativeList(value, schema) && value.length > 0) {
    const items = [...itemsByElement(value, schema)];
    const children: [string, FieldSet][] = items.map(([element, item]) => [
      element,
      withSelf(everyField(item, schema.items ?? anything)),
    ]);
    return FieldSet.of(children, true);
  }
  return FieldSet.leaf;
}

function withSelf(fields: FieldSet): FieldSet {
  return new FieldSet(true, fields.children);
}

function schemaOf(schema: Schema, name: string): Schema {
  return fieldSchema(schema, name) ?? anything;
}
