/** Identity of an entity in messages and rows: `@name@key`, the name in lower case, the key as given. */
export function entityId(name: string, key: string): string {
  return `@${name.toLowerCase()}@${key}`;
}

/** `counter` of `@counter@key`. */
export function entityName(id: string): string {
  return id.slice(1, id.indexOf('@', 1));
}

/** `key` of `@counter@key`. */
export function entityKey(id: string): string {
  return id.slice(id.indexOf('@', 1) + 1);
}
