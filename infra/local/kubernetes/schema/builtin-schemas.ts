import { readFileSync } from 'node:fs';
import { isObject, type JsonObject } from '../json.ts';
import { readSchema } from './read-schema.ts';
import type { Schema } from './schema.ts';

let sources: JsonObject | undefined;
const resolved = new Map<string, Schema>();

/** The schema of a built-in type by its OpenAPI name, e.g. `io.k8s.api.core.v1.Pod`. Throws on a name that was not generated. */
export function builtinSchema(name: string): Schema {
  const known = resolved.get(name);
  if (known !== undefined) return known;
  sources ??= load();
  const source = sources[name];
  if (source === undefined) throw new Error(`builtin-schemas.json has no type ${name}; regenerate it`);
  const schema = readSchema(source, builtinSchema);
  resolved.set(name, schema);
  return schema;
}

/** The schema of `metadata`, the same for built-in kinds and custom resources. */
export function metadataSchema(): Schema {
  return builtinSchema('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
}

function load(): JsonObject {
  const parsed: unknown = JSON.parse(
    readFileSync(new URL('./builtin-schemas.json', import.meta.url), 'utf8'),
  );
  if (!isObject(parsed)) throw new Error('builtin-schemas.json does not hold an object');
  return parsed;
}
