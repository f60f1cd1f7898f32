import type { DatabaseSync } from 'node:sqlite';
import type { z } from 'zod';

/**
 * A table of JSON documents, read from memory and written through to SQLite before `set` returns: what a caller was
 * told survives a kill -9. Documents are replaced, never edited in place.
 */
export class DocumentTable<Document> {
  readonly #rows = new Map<string, Document>();
  readonly #write: (key: string, document: Document) => void;
  readonly #erase: (key: string) => void;

  /** `name` is a SQL identifier of ours, never input. A stored document that no longer fits `schema` throws. */
  constructor(database: DatabaseSync, name: string, schema: z.ZodType<Document>) {
    database.exec(`CREATE TABLE IF NOT EXISTS ${name} (key TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT`);
    for (const row of database.prepare(`SELECT key, document FROM ${name} ORDER BY rowid`).all()) {
      this.#rows.set(String(row['key']), schema.parse(JSON.parse(String(row['document']))));
    }
    const upsert = database.prepare(
      `INSERT INTO ${name} VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET document = excluded.document`,
    );
    const remove = database.prepare(`DELETE FROM ${name} WHERE key = ?`);
    this.#write = (key, document) => void upsert.run(key, JSON.stringify(document));
    this.#erase = (key) => void remove.run(key);
  }

  get(key: string): Document | undefined {
    return this.#rows.get(key);
  }

  /** In order of first insertion. */
  values(): Document[] {
    return [...this.#rows.values()];
  }

  set(key: string, document: Document): void {
    this.#write(key, document);
    this.#rows.set(key, document);
  }

  delete(key: string): void {
    this.#erase(key);
    this.#rows.delete(key);
  }
}
