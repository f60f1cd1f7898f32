import { CauseReason, shown } from '../fault.ts';
import type { Fault } from '../fault.ts';
import { isJsonObject } from './structural-schema.ts';
import type { FromSchema, IntegerSchema, ObjectSchema, Schema, TextSchema } from './structural-schema.ts';
import { suggest } from './suggest.ts';

interface Reading {
  faults: Fault[];
  /** Refuse fields the schema does not know (requests), or drop them (stored objects that a newer KAITO may have written). */
  strict: boolean;
}

/**
 * Reads a value by a schema as the API server does: checks it, fills in defaults, drops what is unknown.
 * Faults are added to `reading.faults`. The result always has the schema's type: where the input is at fault it holds
 * a neutral value (empty text, 0, empty list), so that the rules after this one can run and report theirs too.
 */
export function readBySchema<const S extends Schema>(
  schema: S,
  value: unknown,
  field: string,
  reading: Reading,
): FromSchema<S> {
  const result = read(schema, value, field, reading);
  if (!conforms(schema, result)) throw new TypeError(`the reader built a wrong value for ${field}`);
  return result;
}

function read(schema: Schema, value: unknown, field: string, reading: Reading): unknown {
  switch (schema.type) {
    case 'string':
      return readText(schema, value, field, reading);
    case 'integer':
      return readInteger(schema, value, field, reading);
    case 'array':
      if (!Array.isArray(value)) return wrongType('a list', [], { value, field, reading });
      return value.map((item: unknown, index) => read(schema.items, item, `${field}[${index}]`, reading));
    case 'object': {
      if (!isJsonObject(value)) return wrongType('an object', neutral(schema), { value, field, reading });
      if ('properties' in schema) return readObject(schema, value, field, reading);
      if (!('additionalProperties' in schema)) return value;
      const entries = Object.entries(value);
      return Object.fromEntries(
        entries.map(([key, item]) => [
          key,
          read(schema.additionalProperties, item, `${field}[${key}]`, reading),
        ]),
      );
    }
  }
}

function readObject(
  schema: ObjectSchema,
  value: Record<string, unknown>,
  field: string,
  reading: Reading,
): unknown {
  const result: Record<string, unknown> = {};
  for (const [key, property] of Object.entries(schema.properties)) {
    const path = field === '' ? key : `${field}.${key}`;
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    const fallback = 'default' in property ? property.default : undefined;
    const required = schema.required?.includes(key) === true;
    // The API server drops null from fields that are not nullable (PruneNonNullableNullsWithoutDefaults), then defaults.
    if (given === undefined || (given === null && !required)) {
      if (fallback !== undefined) result[key] = fallback;
      else if (required) {
        reading.faults.push({
          field: path,
          reason: CauseReason.Required,
          message: `${path} is required`,
          remedy: `add ${key}${property.description === undefined ? '' : `: ${property.description}`}`,
        });
        result[key] = neutral(property);
      }
    } else result[key] = read(property, given, path, reading);
  }
  if (reading.strict) refuseUnknown(schema, value, field, reading);
  return result;
}

function refuseUnknown(
  schema: ObjectSchema,
  value: Record<string, unknown>,
  field: string,
  reading: Reading,
): void {
  const known = Object.keys(schema.properties);
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(schema.properties, key)) continue;
    const path = field === '' ? key : `${field}.${key}`;
    reading.faults.push(unknownField(path, key, known));
  }
}

/** A fault for a key that is not among the known ones, with a did-you-mean when one is near. */
export function unknownField(path: string, key: string, known: readonly string[]): Fault {
  const nearest = suggest(key, known);
  return {
    field: path.slice(0, 200),
    reason: CauseReason.Invalid,
    message: `unknown field ${shown(key)}`,
    remedy: nearest === undefined ? `known fields here: ${known.join(', ')}` : `did you mean ${nearest}?`,
  };
}

function readText(schema: TextSchema, value: unknown, field: string, reading: Reading): unknown {
  if (typeof value !== 'string') return wrongType('text', neutral(schema), { value, field, reading });
  if (schema.enum?.includes(value) === false) {
    reading.faults.push({
      field,
      reason: CauseReason.NotSupported,
      message: `${shown(value)} is not one of ${schema.enum.join(', ')}`,
      remedy: `write ${suggest(value, schema.enum) ?? schema.enum.join(' or ')}`,
    });
    return neutral(schema);
  }
  return value;
}

function readInteger(schema: IntegerSchema, value: unknown, field: string, reading: Reading): unknown {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    return wrongType('a whole number', neutral(schema), { value, field, reading });
  }
  if (schema.minimum !== undefined && value < schema.minimum) {
    const message = `${value} is below the minimum ${schema.minimum}`;
    reading.faults.push({
      field,
      reason: CauseReason.Invalid,
      message,
      remedy: `write ${schema.minimum} or more`,
    });
    return neutral(schema);
  }
  return value;
}

function wrongType(
  wanted: string,
  instead: unknown,
  given: { value: unknown; field: string; reading: Reading },
): unknown {
  const { value, field, reading } = given;
  const found =
    value === null
      ? 'null'
      : Array.isArray(value)
        ? 'a list'
        : isJsonObject(value)
          ? 'an object'
          : shown(value);
  let remedy = `write ${wanted}`;
  if (wanted === 'a whole number' && typeof value === 'string') remedy += ', without quotes';
  else if (wanted === 'text' && typeof value !== 'object') remedy = 'put it in quotes';
  reading.faults.push({
    field,
    reason: CauseReason.TypeInvalid,
    message: `must be ${wanted}, not ${found}`,
    remedy,
  });
  return instead;
}

/** What stands in for a value at fault. */
function neutral(schema: Schema): unknown {
  switch (schema.type) {
    case 'string':
      return schema.default ?? schema.enum?.[0] ?? '';
    case 'integer':
      return schema.default ?? schema.minimum ?? 0;
    case 'array':
      return [];
    case 'object': {
      if (!('properties' in schema)) return {};
      const filled = Object.entries(schema.properties).filter(
        ([key, property]) => schema.required?.includes(key) === true || 'default' in property,
      );
      return Object.fromEntries(filled.map(([key, property]) => [key, neutral(property)]));
    }
  }
}

/** Whether a value has the type of the schema: required and defaulted fields there, every field well typed. */
function conforms<S extends Schema>(schema: S, value: unknown): value is FromSchema<S> {
  return hasShape(schema, value);
}

function hasShape(schema: Schema, value: unknown): boolean {
  switch (schema.type) {
    case 'string':
      return typeof value === 'string' && (schema.enum?.includes(value) ?? true);
    case 'integer':
      return Number.isSafeInteger(value);
    case 'array':
      return Array.isArray(value) && value.every((item) => hasShape(schema.items, item));
    case 'object': {
      if (!isJsonObject(value)) return false;
      if ('properties' in schema) {
        return Object.entries(schema.properties).every(([key, property]) =>
          value[key] === undefined
            ? schema.required?.includes(key) !== true && !('default' in property)
            : hasShape(property, value[key]),
        );
      }
      if (!('additionalProperties' in schema)) return true;
      return Object.values(value).every((item) => hasShape(schema.additionalProperties, item));
    }
  }
}
