import { isObject, type JsonObject } from '../json.ts';
import type { Schema } from '../schema/schema.ts';
import { ApiError } from '../status.ts';
import { compare, fieldsOf } from './compare.ts';
import { FieldSet } from './field-set.ts';
import { mergeApplied, removeFields } from './merge.ts';
import {
  isOf,
  ownerText,
  readOwnerships,
  writeOwnerships,
  type Ownership,
  type Writer,
} from './ownership.ts';

/** Fields nobody owns: identity and what only the server writes. */
const unowned = FieldSet.fromFieldsV1({
  'f:apiVersion': {},
  'f:kind': {},
  'f:metadata': {
    '.': {},
    ...Object.fromEntries(
      [
        'name',
        'namespace',
        'creationTimestamp',
        'selfLink',
        'uid',
        'generation',
        'managedFields',
        'resourceVersion',
      ].map((field) => [`f:${field}`, {}]),
    ),
  },
});

function owned(fields: FieldSet): FieldSet {
  const metadata = fields
    .child('f:metadata')
    .recursiveDifference(FieldSet.of([...unowned.child('f:metadata').children]));
  const rest = [...fields.children].filter(([element]) => !unowned.children.has(element));
  return FieldSet.of([...rest, ['f:metadata', FieldSet.of([...metadata.children])]]);
}

export interface Application {
  /** The object as it is; an empty object when it does not exist yet. */
  live: JsonObject;
  applied: JsonObject;
  schema: Schema;
  writer: Writer;
  force: boolean;
  /** RFC 3339 time of the new entry. */
  time: string;
}

/**
 * Server-side apply: merges, refuses what other managers own with another value (409 with one cause a field), takes away what this
 * manager applied before and no longer does. Returns the new object, managedFields included.
 */
export function applyConfiguration({ live, applied, schema, writer, force, time }: Application): JsonObject {
  const ownerships = readOwnerships(managedFieldsOf(live));
  const others = ownerships.filter((ownership) => !isOf(ownership, writer));
  const mine = ownerships.find((ownership) => isOf(ownership, writer));
  const fields = owned(fieldsOf(applied, schema));

  const merged = asObject(mergeApplied(live, applied, schema));
  const { written } = compare(live, merged, schema);
  const contested = others
    .map((ownership) => ({ ownership, fields: ownership.fields.intersection(written) }))
    .filter((contest) => !contest.fields.isEmpty());
  if (contested.length > 0 && !force) throw applyConflict(contested);
  const remaining = others.map((other) => ({
    ...other,
    fields: other.fields.difference(other.fields.intersection(written)),
  }));

  const kept = remaining.reduce((sum, other) => sum.union(other.fields), fields);
  const gone = (mine?.fields ?? FieldSet.empty).difference(fields);
  const result = asObject(removeFields(merged, { gone, kept: kept.union(unowned) }, schema) ?? {});
  const unchanged = mine?.fields.equals(fields) === true && mine.apiVersion === writer.apiVersion;
  const entry: Ownership = { ...writer, time: unchanged ? mine.time : time, fields };
  return withManagedFields(result, [...remaining, entry]);
}

/** What `before` became by an ordinary write: the writer owns what it wrote, others lose it. */
export function trackUpdate(change: {
  before: JsonObject;
  after: JsonObject;
  schema: Schema;
  writer: Writer;
  time: string;
}): JsonObject {
  const { before, after, schema, writer, time } = change;
  const ownerships = readOwnerships(managedFieldsOf(before));
  const comparison = compare(before, after, schema);
  const written = owned(comparison.written);
  const removed = owned(comparison.removed);
  const lost = written.union(removed);
  const others = ownerships
    .filter((ownership) => !isOf(ownership, writer))
    .map((other) => ({ ...other, fields: other.fields.difference(lost) }));
  const mine = ownerships.find((ownership) => isOf(ownership, writer));
  const fields = (mine?.fields ?? FieldSet.empty).union(written).difference(removed);
  const unchanged = mine?.fields.equals(fields) === true && written.isEmpty();
  return withManagedFields(after, [...others, { ...writer, time: unchanged ? mine.time : time, fields }]);
}

function applyConflict(contested: { ownership: Ownership; fields: FieldSet }[]): ApiError {
  const causes = contested.flatMap(({ ownership, fields }) =>
    fields.paths().map((field) => ({
      reason: 'FieldManagerConflict',
      message: `conflict with ${ownerText(ownership)}`,
      field,
    })),
  );
  const count = causes.length === 1 ? '1 conflict' : `${causes.length} conflicts`;
  const [first] = causes;
  const text =
    causes.length === 1 && first !== undefined
      ? `${first.message}: ${first.field}`
      : contested
          .map(
            ({ ownership, fields }) =>
              `conflicts with ${ownerText(ownership)}:\n${fields
                .paths()
                .map((path) => `- ${path}`)
                .join('\n')}`,
          )
          .join('\n');
  return new ApiError(409, 'Conflict', `Apply failed with ${count}: ${text}`, { causes });
}

function withManagedFields(object: JsonObject, ownerships: Ownership[]): JsonObject {
  const metadata = { ...asObject(object['metadata']), managedFields: writeOwnerships(ownerships) };
  return { ...object, metadata };
}

function managedFieldsOf(object: JsonObject): unknown {
  return asObject(object['metadata'])['managedFields'];
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
