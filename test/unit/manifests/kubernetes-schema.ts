import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as client from '@kubernetes/client-node';
import { z } from 'zod';

/**
 * Faults of an object against the Kubernetes API, as the client's own models describe it: unknown fields, fields of the wrong
 * type, missing required ones. The models are generated from the API's OpenAPI document.
 * @param model such as `V1StatefulSet`
 */
export function schemaFaults(value: unknown, model: string, path = model): string[] {
  const object = z.record(z.string(), z.unknown()).safeParse(value);
  if (!object.success) return [`${path}: not an object`];
  const fields = fieldsOf(model);
  const faults = [...fields]
    .filter(([name, { required }]) => required && object.data[name] === undefined)
    .map(([name]) => `${path}.${name}: missing`);
  for (const [name, item] of Object.entries(object.data)) {
    const field = fields.get(name);
    if (field === undefined) faults.push(`${path}.${name}: unknown`);
    else if (quantities.has(name)) faults.push(...quantityFaults(item, `${path}.${name}`));
    else faults.push(...typeFaults(item, field.type, `${path}.${name}`));
  }
  return faults;
}

function typeFaults(value: unknown, type: string, path: string): string[] {
  const list = /^(?:Array|Set)<(.+)>$/.exec(type)?.[1];
  if (list !== undefined) {
    if (!Array.isArray(value)) return [`${path}: not a list`];
    return value.flatMap((item: unknown, index) => typeFaults(item, list, `${path}[${index}]`));
  }
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (map !== undefined) {
    const entries = z.record(z.string(), z.unknown()).safeParse(value);
    if (!entries.success) return [`${path}: not a map`];
    return Object.entries(entries.data).flatMap(([key, item]) => typeFaults(item, map, `${path}.${key}`));
  }
  if (type === 'IntOrString')
    return ['string', 'number'].includes(typeof value) ? [] : [`${path}: not a port`];
  if (['string', 'number', 'boolean'].includes(type))
    return typeof value === type ? [] : [`${path}: no ${type}`];
  if (type === 'any') return [];
  return schemaFaults(value, type, path);
}

/** Fields that hold maps of quantities: the models call them strings, the API takes numbers too. */
const quantities: ReadonlySet<string> = new Set(['limits', 'requests']);

function quantityFaults(value: unknown, path: string): string[] {
  return z.record(z.string(), z.union([z.string(), z.number()])).safeParse(value).success
    ? []
    : [`${path}: not a map of quantities`];
}

interface Field {
  type: string;
  required: boolean;
}

const models = dirname(createRequire(import.meta.url).resolve('@kubernetes/client-node')) + '/gen/models';
const attributes = z.array(z.object({ baseName: z.string(), type: z.string() }));
const known = new Map<string, ReadonlyMap<string, Field>>();

function fieldsOf(model: string): ReadonlyMap<string, Field> {
  const found = known.get(model);
  if (found !== undefined) return found;
  // What is required stands in the declarations alone: a field without a question mark.
  const declaration = readFileSync(join(models, `${model}.d.ts`), 'utf8');
  const optional = new Set([...declaration.matchAll(/^ {4}'(\w+)'\?:/gm)].map(([, name]) => name));
  const type: unknown = Reflect.get(client, model);
  const map: unknown = typeof type === 'function' ? Reflect.get(type, 'attributeTypeMap') : undefined;
  const fields = new Map(
    attributes
      .parse(map)
      .map((each) => [each.baseName, { type: each.type, required: !optional.has(each.baseName) }]),
  );
  known.set(model, fields);
  return fields;
}
