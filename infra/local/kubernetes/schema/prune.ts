import { isObject } from '../json.ts';
import { metadataSchema } from './builtin-schemas.ts';
import { fieldSchema, type Schema } from './schema.ts';

/**
 * Removes in place every field that `schema` does not declare. Returns their paths (`spec.template.foo`,
 * `spec.containers[0].foo`), for warnings and strict validation.
 */
export function prune(value: unknown, schema: Schema, path = ''): string[] {
  if (Array.isArray(value)) {
    const items = schema.items;
    return items === undefined ? [] : value.flatMap((item, index) => prune(item, items, `${path}[${index}]`));
  }
  if (!isObject(value)) return [];
  const unknown: string[] = [];
  for (const [name, field] of Object.entries(value)) {
    const at = path === '' ? name : `${path}.${name}`;
    const declared = declaredField(schema, name, path === '');
    if (declared === undefined) {
      // Assigning undefined would leave the key behind in what is stored.
      Reflect.deleteProperty(value, name);
      unknown.push(at);
    } else {
      unknown.push(...prune(field, declared, at));
    }
  }
  return unknown;
}

/** As `fieldSchema`, with the three fields that every object and every embedded resource has. */
function declaredField(schema: Schema, name: string, atRoot: boolean): Schema | undefined {
  if (atRoot || schema.embeddedResource === true) {
    if (name === 'apiVersion' || name === 'kind') return { type: 'string' };
    if (name === 'metadata') return metadataSchema();
  }
  return fieldSchema(schema, name);
}
