import { isDeepStrictEqual } from 'node:util';

/** A JSON object whose fields are narrowed where they are read. */
export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object under `field`, or undefined when it is absent or something else. */
export function objectAt(value: unknown, ...path: string[]): JsonObject | undefined {
  let current = value;
  for (const field of path) current = isObject(current) ? current[field] : undefined;
  return isObject(current) ? current : undefined;
}

/** The list under the path, or the value itself without one; empty when it is absent or something else. */
export function listAt(value: unknown, ...path: string[]): unknown[] {
  const last = path.at(-1);
  const list = last === undefined ? value : objectAt(value, ...path.slice(0, -1))?.[last];
  const items: unknown[] = Array.isArray(list) ? list : [];
  return items;
}

export function stringAt(value: unknown, ...path: string[]): string | undefined {
  const last = path.at(-1);
  const text = last === undefined ? undefined : objectAt(value, ...path.slice(0, -1))?.[last];
  return typeof text === 'string' ? text : undefined;
}

export function numberAt(value: unknown, ...path: string[]): number | undefined {
  const last = path.at(-1);
  const number = last === undefined ? undefined : objectAt(value, ...path.slice(0, -1))?.[last];
  return typeof number === 'number' ? number : undefined;
}

/** The object under `field`, made there when absent. */
export function ensureObject(parent: JsonObject, field: string): JsonObject {
  const existing = parent[field];
  if (isObject(existing)) return existing;
  const made: JsonObject = {};
  parent[field] = made;
  return made;
}

export function setDefault(object: JsonObject, field: string, value: unknown): void {
  if (object[field] === undefined || object[field] === null) object[field] = value;
}

export function equalJson(left: unknown, right: unknown): boolean {
  return isDeepStrictEqual(left, right);
}

/** Makes a whole tree read-only, so that what the store hands out cannot be changed behind its back. */
export function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of Object.values(value)) freeze(child);
  }
  return value;
}
