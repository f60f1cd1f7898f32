import { DatabaseSync } from 'node:sqlite';
import type { StoredObject } from '../contract.ts';
import { isObject } from '../json.ts';

/** One object's row; `object` absent deletes it. */
export interface RowWrite {
  resource: string;
  namespace: string;
  name: string;
  object: StoredObject | undefined;
}

/**
 * The durable side of the store: every write is one transaction that carries the new resourceVersion, so a killed process
 * loses nothing it answered for and versions never repeat.
 */
export class Database {
  readonly #sqlite: DatabaseSync;
  readonly #put;
  readonly #delete;
  readonly #setRevision;

  /** `file` is a path, or `:memory:`. */
  constructor(file: string) {
    this.#sqlite = new DatabaseSync(file);
    // WAL with NORMAL survives the death of the process; only a power cut could lose the last commits.
    this.#sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000');
    this.#sqlite.exec(`
      CREATE TABLE IF NOT EXISTS objects (
        resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, json TEXT NOT NULL,
        PRIMARY KEY (resource, namespace, name)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS revision (id INTEGER PRIMARY KEY CHECK (id = 1), value INTEGER NOT NULL);
      INSERT OR IGNORE INTO revision VALUES (1, 1);
    `);
    this.#put = this.#sqlite.prepare('INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)');
    this.#delete = this.#sqlite.prepare(
      'DELETE FROM objects WHERE resource = ? AND namespace = ? AND name = ?',
    );
    this.#setRevision = this.#sqlite.prepare('UPDATE revision SET value = ? WHERE id = 1');
  }

  /** The last committed resourceVersion. */
  revision(): number {
    const value = this.#sqlite.prepare('SELECT value FROM revision WHERE id = 1').get()?.['value'];
    if (typeof value !== 'number') throw new Error('the revision row is missing');
    return value;
  }

  /** Every stored object with its resource. */
  *load(): Generator<{ resource: string; object: StoredObject }> {
    for (const { resource, json } of this.#sqlite.prepare('SELECT resource, json FROM objects').iterate()) {
      if (typeof resource !== 'string' || typeof json !== 'string')
        throw new Error('a row of objects is malformed');
      const object: unknown = JSON.parse(json);
      if (!isStoredObject(object)) throw new Error(`a stored object of ${resource} is malformed`);
      yield { resource, object };
    }
  }

  commit(revision: number, { resource, namespace, name, object }: RowWrite): void {
    this.#sqlite.exec('BEGIN IMMEDIATE');
    try {
      if (object === undefined) this.#delete.run(resource, namespace, name);
      else this.#put.run(resource, namespace, name, JSON.stringify(object));
      this.#setRevision.run(revision);
      this.#sqlite.exec('COMMIT');
    } catch (error) {
      this.#sqlite.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#sqlite.close();
  }
}

/** Whether a JSON value has what every stored object has: the server's own identity fields. */
export function isStoredObject(value: unknown): value is StoredObject {
  if (!isObject(value) || typeof value['apiVersion'] !== 'string' || typeof value['kind'] !== 'string')
    return false;
  const metadata = value['metadata'];
  return (
    isObject(metadata) &&
    typeof metadata['name'] === 'string' &&
    typeof metadata['uid'] === 'string' &&
    typeof metadata['resourceVersion'] === 'string' &&
    typeof metadata['creationTimestamp'] === 'string'
  );
}
