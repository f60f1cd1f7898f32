import { isObject, type JsonObject } from '../json.ts';

/**
 * A set of field paths as `fieldsV1` writes them: `f:name` a field, `k:{...}` an item of a keyed list, `v:...` an item of a set;
 * `.` marks a path that is itself a member although some of its children are too. Immutable.
 */
export class FieldSet {
  static readonly empty = new FieldSet(false, new Map());

  readonly member: boolean;
  readonly children: ReadonlyMap<string, FieldSet>;

  constructor(member: boolean, children: ReadonlyMap<string, FieldSet>) {
    this.member = member;
    this.children = children;
  }

  /** A set with the path to here as its only member. */
  static readonly leaf = new FieldSet(true, new Map());

  static of(children: Iterable<[string, FieldSet]>, member = false): FieldSet {
    const kept = new Map([...children].filter(([, child]) => !child.isEmpty()));
    return member || kept.size > 0 ? new FieldSet(member, kept) : FieldSet.empty;
  }

  static fromFieldsV1(fields: unknown): FieldSet {
    if (!isObject(fields)) return FieldSet.empty;
    const entries = Object.entries(fields).filter(([element]) => element !== '.');
    const isMember = '.' in fields || entries.length === 0;
    return FieldSet.of(
      entries.map(([element, child]) => [element, FieldSet.fromFieldsV1(child)]),
      isMember,
    );
  }

  toFieldsV1(): JsonObject {
    const fields: JsonObject = {};
    if (this.member && this.children.size > 0) fields['.'] = {};
    for (const element of [...this.children.keys()].sort())
      fields[element] = this.child(element).toFieldsV1();
    return fields;
  }

  isEmpty(): boolean {
    return !this.member && this.children.size === 0;
  }

  child(element: string): FieldSet {
    return this.children.get(element) ?? FieldSet.empty;
  }

  union(other: FieldSet): FieldSet {
    const elements = new Set([...this.children.keys(), ...other.children.keys()]);
    return FieldSet.of(
      [...elements].map((element) => [element, this.child(element).union(other.child(element))]),
      this.member || other.member,
    );
  }

  intersection(other: FieldSet): FieldSet {
    return FieldSet.of(
      [...this.children].map(([element, child]) => [element, child.intersection(other.child(element))]),
      this.member && other.member,
    );
  }

  difference(other: FieldSet): FieldSet {
    return FieldSet.of(
      [...this.children].map(([element, child]) => [element, child.difference(other.child(element))]),
      this.member && !other.member,
    );
  }

  /** As `difference`, but whatever lies below a member of `other` goes too. */
  recursiveDifference(other: FieldSet): FieldSet {
    if (other.member) return FieldSet.empty;
    return FieldSet.of(
      [...this.children].map(([element, child]) => [
        element,
        child.recursiveDifference(other.child(element)),
      ]),
      this.member,
    );
  }

  equals(other: FieldSet): boolean {
    return this.difference(other).isEmpty() && other.difference(this).isEmpty();
  }

  /** The members as paths in messages: `.spec.containers[name="web"].image`. */
  paths(prefix = ''): string[] {
    const below = [...this.children].flatMap(([element, child]) => child.paths(prefix + pathText(element)));
    return this.member ? [prefix, ...below] : below;
  }
}

function pathText(element: string): string {
  const text = element.slice(2);
  if (element.startsWith('f:')) return `.${text}`;
  if (element.startsWith('v:')) return `[=${text}]`;
  const keys: unknown = JSON.parse(text);
  const pairs = Object.entries(isObject(keys) ? keys : {});
  return `[${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
}
