import type { ObjectKey, StoredObject } from '../contract.ts';
import { freeze } from '../json.ts';
import { Database } from './database.ts';

/** A committed change with the state before it, which selectors of watches and consistent paging need. */
export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** Storage key of the resource, `group/plural`. */
  resource: string;
  revision: number;
  object: StoredObject;
  previous: StoredObject | undefined;
}

/** How many changes a watch may resume over, the size of an API server's watch cache at most. */
const windowSize = 5_000;

/** All objects of the cluster: in memory for reading, written through to SQLite, with a window of recent changes. */
export class ObjectTable {
  readonly #database: Database;
  readonly #resources = new Map<string, Map<string, StoredObject>>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #window: Change[] = [];
  readonly #undelivered: Change[] = [];
  #delivering = false;
  #revision: number;
  /** Changes up to and including this revision are no longer in the window. */
  #forgotten: number;

  constructor(file: string) {
    this.#database = new Database(file);
    for (const { resource, object } of this.#database.load()) {
      this.#objects(resource).set(keyOf(object.metadata), freeze(object));
    }
    this.#revision = this.#database.revision();
    this.#forgotten = this.#revision;
  }

  get revision(): number {
    return this.#revision;
  }

  get(resource: string, key: ObjectKey): StoredObject | undefined {
    return this.#resources.get(resource)?.get(keyOf(key));
  }

  /** In key order (namespace, then name), as etcd lists. */
  list(resource: string): StoredObject[] {
    return [...(this.#resources.get(resource)?.entries() ?? [])].sort(byKey).map(([, object]) => object);
  }

  /** Every object of every resource. */
  *all(): Generator<{ resource: string; object: StoredObject }> {
    for (const [resource, objects] of this.#resources) {
      for (const object of [...objects.values()]) yield { resource, object };
    }
  }

  /** The list as it was at `revision`, or undefined when the window no longer reaches so far back. */
  listAt(resource: string, revision: number): StoredObject[] | undefined {
    if (revision < this.#forgotten) return undefined;
    const objects = new Map(this.#resources.get(resource));
    for (const change of this.#window.toReversed()) {
      if (change.revision <= revision) break;
      if (change.resource !== resource) continue;
      const key = keyOf(change.object.metadata);
      if (change.previous === undefined) objects.delete(key);
      else objects.set(key, change.previous);
    }
    return [...objects.entries()].sort(byKey).map(([, object]) => object);
  }

  /** Changes after `revision`, or undefined when some of them are no longer in the window. */
  changesAfter(revision: number): Change[] | undefined {
    if (revision < this.#forgotten) return undefined;
    return this.#window.filter((change) => change.revision > revision);
  }

  /** Stores `object` under a new resourceVersion and tells the listeners. */
  put(resource: string, object: StoredObject): StoredObject {
    const previous = this.get(resource, object.metadata);
    return this.#commit(resource, object, previous === undefined ? 'ADDED' : 'MODIFIED');
  }

  /** Removes the object; its last state, under the deletion's own resourceVersion, is what listeners see. */
  delete(resource: string, object: StoredObject): StoredObject {
    return this.#commit(resource, object, 'DELETED');
  }

  /** Forgets the window of changes, as an API server that restarts or compacts: older watches must list again. */
  compact(): void {
    this.#window.length = 0;
    this.#forgotten = this.#revision;
  }

  /** Hears every change in order, after its commit. A listener's own writes are delivered after the change it is hearing. */
  subscribe(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#listeners.clear();
    this.#database.close();
  }

  #commit(resource: string, object: StoredObject, type: Change['type']): StoredObject {
    const revision = this.#revision + 1;
    const committed = freeze({
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(revision) },
    });
    const { namespace = '', name } = committed.metadata;
    const row = { resource, namespace, name, object: type === 'DELETED' ? undefined : committed };
    this.#database.commit(revision, row);
    const objects = this.#objects(resource);
    const key = keyOf(committed.metadata);
    const previous = objects.get(key);
    if (type === 'DELETED') objects.delete(key);
    else objects.set(key, committed);
    this.#revision = revision;
    this.#remember({ type, resource, revision, object: committed, previous });
    return committed;
  }

  #remember(change: Change): void {
    this.#window.push(change);
    if (this.#window.length > windowSize * 1.2) {
      const dropped = this.#window.splice(0, this.#window.length - windowSize);
      this.#forgotten = dropped.at(-1)?.revision ?? this.#forgotten;
    }
    this.#undelivered.push(change);
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let next = this.#undelivered.shift(); next !== undefined; next = this.#undelivered.shift()) {
        for (const listener of [...this.#listeners]) listener(next);
      }
    } finally {
      this.#delivering = false;
    }
  }

  #objects(resource: string): Map<string, StoredObject> {
    let objects = this.#resources.get(resource);
    if (objects === undefined) {
      objects = new Map();
      this.#resources.set(resource, objects);
    }
    return objects;
  }
}

/** `namespace/name`; cluster-scoped objects have an empty namespace. */
export function keyOf({ namespace = '', name }: ObjectKey): string {
  return `${namespace}/${name}`;
}

function byKey([left]: [string, unknown], [right]: [string, unknown]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
