/**
 * Reads the fields of an object that anybody may have edited by hand. An API server may drop nulls, so an absent field takes its
 * first value; one of another kind does too, and is remembered as broken.
 */
export class StoredFields {
  readonly #record: Record<string, unknown>;
  #broken = false;

  constructor(record: Record<string, unknown>) {
    this.#record = record;
  }

  /** Whether a field read so far was there but not of its kind. */
  broken(): boolean {
    return this.#broken;
  }

  text(name: string, first: string): string {
    return this.#read(name, isText, first);
  }

  /** ISO 8601 in UTC. */
  time(name: string, first: string): string {
    return this.#read(name, isTime, first);
  }

  /** A finite number, zero or more. */
  count(name: string, first: number): number {
    return this.#read(name, isCount, first);
  }

  flag(name: string, first: boolean): boolean {
    return this.#read(name, (value) => typeof value === 'boolean', first);
  }

  oneOf<T extends string>(name: string, words: readonly T[], first: T): T {
    const isWord = (value: unknown): value is T => words.some((word) => word === value);
    return this.#read(name, isWord, first);
  }

  /** A nested value, or null when it is absent or `read` cannot make it out. */
  nested<T>(name: string, read: (value: unknown) => T | null): T | null {
    const value = this.#record[name];
    if (value === undefined || value === null) return null;
    const result = read(value);
    if (result === null) this.#broken = true;
    return result;
  }

  /** A list without the items that `read` cannot make out. */
  list<T>(name: string, read: (value: unknown) => T | null): T[] {
    const value = this.#record[name];
    if (value === undefined || value === null) return [];
    const items = Array.isArray(value) ? value.map(read) : [null];
    const known = items.filter((item) => item !== null);
    if (known.length < items.length) this.#broken = true;
    return known;
  }

  #read<T>(name: string, is: (value: unknown) => value is T, first: T): T {
    const value = this.#record[name];
    if (is(value)) return value;
    if (value !== undefined && value !== null) this.#broken = true;
    return first;
  }
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isTime(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}
