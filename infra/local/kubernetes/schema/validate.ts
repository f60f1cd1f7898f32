import { equalJson, isObject } from '../json.ts';
import { fault, type StatusCause } from '../status.ts';
import { fieldSchema, type Schema } from './schema.ts';

/** Checks `value` against a structural schema; paths as the API server writes them (`spec.replicas`, `items[0].name`). */
export function validate(value: unknown, schema: Schema, path: string): StatusCause[] {
  if (value === null) {
    return schema.nullable === true || schema.type === undefined
      ? []
      : [fault.type(path, null, `${path} in body must be of type ${schema.type}: "null"`)];
  }
  const actual = jsonType(value);
  if (schema.intOrString === true) {
    return actual === 'integer' || actual === 'string'
      ? []
      : [fault.type(path, value, `${path} in body must be of type integer,string: "${actual}"`)];
  }
  if (schema.type !== undefined && !hasType(actual, schema.type)) {
    return [fault.type(path, typeName(value), `${path} in body must be of type ${schema.type}: "${actual}"`)];
  }
  return [...validateLimits(value, schema, path), ...validateChildren(value, schema, path)];
}

function validateChildren(value: unknown, schema: Schema, path: string): StatusCause[] {
  if (Array.isArray(value)) {
    const items = schema.items;
    if (items === undefined) return [];
    return [
      ...duplicates(value, schema, path),
      ...value.flatMap((item, index) => validate(item, items, `${path}[${index}]`)),
    ];
  }
  if (!isObject(value)) return [];
  const causes: StatusCause[] = [];
  for (const name of schema.required ?? []) {
    if (value[name] === undefined) causes.push(fault.required(join(path, name)));
  }
  for (const [name, field] of Object.entries(value)) {
    const declared = fieldSchema(schema, name);
    if (declared !== undefined) causes.push(...validate(field, declared, join(path, name)));
  }
  return causes;
}

/** Items of a `map` or `set` list must be unique by key. */
function duplicates(items: unknown[], schema: Schema, path: string): StatusCause[] {
  if (schema.listType !== 'map' && schema.listType !== 'set') return [];
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const keys = schema.listMapKeys ?? [];
    const key =
      schema.listType === 'map' && isObject(item)
        ? Object.fromEntries(
            keys.map((name) => [name, item[name] ?? schema.items?.properties?.[name]?.default]),
          )
        : item;
    const text = JSON.stringify(key);
    if (seen.has(text)) return [fault.duplicate(`${path}[${index}]`, key)];
    seen.add(text);
    return [];
  });
}

function validateLimits(value: unknown, schema: Schema, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  const refuse = (detail: string): void =>
    void causes.push(fault.invalid(path, value, `${path} in body ${detail}`));
  if (schema.enum !== undefined && !schema.enum.some((allowed) => equalJson(allowed, value))) {
    causes.push(fault.unsupported(path, value, schema.enum));
  }
  if (typeof value === 'number') {
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
    if (minimum !== undefined && (exclusiveMinimum === true ? value <= minimum : value < minimum)) {
      refuse(`should be greater than${exclusiveMinimum === true ? '' : ' or equal to'} ${minimum}`);
    }
    if (maximum !== undefined && (exclusiveMaximum === true ? value >= maximum : value > maximum)) {
      refuse(`should be less than${exclusiveMaximum === true ? '' : ' or equal to'} ${maximum}`);
    }
  }
  if (typeof value === 'string') {
    const { minLength, maxLength, pattern, format } = schema;
    if (minLength !== undefined && value.length < minLength)
      refuse(`should be at least ${minLength} chars long`);
    if (maxLength !== undefined && value.length > maxLength)
      refuse(`should be at most ${maxLength} chars long`);
    if (pattern !== undefined && !new RegExp(pattern, 'u').test(value)) refuse(`should match '${pattern}'`);
    if (format === 'date-time' && Number.isNaN(Date.parse(value)))
      refuse('must be of type date-time: ' + JSON.stringify(value));
  }
  if (Array.isArray(value)) {
    if (schema.minItems !== undefined && value.length < schema.minItems)
      refuse(`should have at least ${schema.minItems} items`);
    if (schema.maxItems !== undefined && value.length > schema.maxItems)
      refuse(`should have at most ${schema.maxItems} items`);
  }
  return causes;
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** Objects and lists are named, not shown, in type faults. */
function typeName(value: unknown): unknown {
  return typeof value === 'object' ? jsonType(value) : value;
}

function hasType(actual: string, wanted: string): boolean {
  return actual === wanted || (actual === 'integer' && wanted === 'number');
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
