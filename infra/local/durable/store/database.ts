import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';

/**
 * Tables of a task hub. `inbox` holds what an instance has still to hear (`due` 0 means now, else epoch milliseconds of a
 * timer; `at` orders), `tasks` the activities to run. Rows are removed in the transaction that records their effect, so a
 * killed process leaves nothing to repair: what is not recorded is simply still there.
 */
const schema = `
  CREATE TABLE IF NOT EXISTS instances (
    id TEXT PRIMARY KEY, execution_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT, status TEXT NOT NULL,
    suspended INTEGER NOT NULL DEFAULT 0, input TEXT, output TEXT, custom_status TEXT, created INTEGER NOT NULL,
    updated INTEGER NOT NULL, parent TEXT) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS instances_by_creation ON instances (created, id);
  CREATE TABLE IF NOT EXISTS history (
    instance_id TEXT NOT NULL, number INTEGER NOT NULL, event TEXT NOT NULL,
    PRIMARY KEY (instance_id, number)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS inbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT, instance_id TEXT NOT NULL, execution_id TEXT, due INTEGER NOT NULL,
    at INTEGER NOT NULL, timer_id INTEGER, event TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS inbox_by_instance ON inbox (instance_id, at);
  CREATE INDEX IF NOT EXISTS inbox_by_due ON inbox (due);
  CREATE TABLE IF NOT EXISTS tasks (
    number INTEGER PRIMARY KEY AUTOINCREMENT, instance_id TEXT NOT NULL, execution_id TEXT NOT NULL,
    task_id INTEGER NOT NULL, name TEXT NOT NULL, input TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS tasks_by_instance ON tasks (instance_id);
  CREATE TABLE IF NOT EXISTS entities (id TEXT PRIMARY KEY, state TEXT, updated INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS entity_inbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT, entity_id TEXT NOT NULL, operation TEXT NOT NULL, input TEXT,
    reply_to TEXT);
  CREATE INDEX IF NOT EXISTS entity_inbox_by_entity ON entity_inbox (entity_id);
`;

/** Opens the task hub's file and brings it to the present schema. */
export function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file);
  // NORMAL syncs at checkpoints only: nothing is lost when the process dies, the last moments may be when the machine does.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;');
  database.exec(schema);
  return database;
}

/** Runs `body` in one transaction: all of its writes happen, or none. */
export function transaction<Result>(database: DatabaseSync, body: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  let result: Result;
  try {
    result = body();
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
  database.exec('COMMIT');
  return result;
}

export type Row = Record<string, SQLOutputValue>;

/** Column readers: a value of another type means a foreign or damaged file. */
export function textColumn(row: Row, name: string): string {
  const value = row[name];
  if (typeof value !== 'string') throw new TypeError(`column ${name}: expected text, found ${typeof value}`);
  return value;
}

export function optionalTextColumn(row: Row, name: string): string | null {
  return row[name] === null ? null : textColumn(row, name);
}

export function integerColumn(row: Row, name: string): number {
  const value = row[name];
  if (typeof value !== 'number')
    throw new TypeError(`column ${name}: expected an integer, found ${typeof value}`);
  return value;
}
