import type { StoredObject } from '../contract.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import { isObject } from '../json.ts';
import { badRequest } from '../status.ts';

/** Parses a field selector (`metadata.name=a,status.phase!=Running`) into a test; fields the kind does not index are refused with 400. */
export function parseFieldSelector(
  selector: string,
  definition: ResourceDefinition,
): (object: StoredObject) => boolean {
  const allowed = new Set(['metadata.name', 'metadata.namespace', ...definition.selectableFields]);
  const tests = selector
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => {
      const [, path, sign, wanted] = /^([^=!]+?)\s*(==|=|!=)\s*(.*)$/.exec(text) ?? [];
      if (path === undefined)
        throw badRequest(`invalid selector: ${JSON.stringify(text)}; can't understand it`);
      if (!allowed.has(path)) throw badRequest(`field label not supported: ${path}`);
      return (object: StoredObject): boolean => (fieldText(object, path) === wanted) === (sign !== '!=');
    });
  return (object) => tests.every((test) => test(object));
}

/** The field as text; absent fields are empty, as the API server's field sets have them. */
function fieldText(object: StoredObject, path: string): string {
  let value: unknown = object;
  for (const name of path.split('.')) value = isObject(value) ? value[name] : undefined;
  if (isObject(value) && path === 'source')
    return typeof value['component'] === 'string' ? value['component'] : '';
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}
