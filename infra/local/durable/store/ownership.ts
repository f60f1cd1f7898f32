import { DatabaseSync } from 'node:sqlite';

/** Another engine, of this process or another, works on the task hub. */
export class TaskHubInUse extends Error {
  override readonly name = 'TaskHubInUse';
}

export interface Ownership {
  release(): void;
}

/**
 * Takes the task hub for this engine alone. The lock is an exclusive SQLite transaction on a file beside the hub: the
 * operating system drops it when its process dies, however it dies, so a dead owner never blocks a restart.
 */
export function takeOwnership(file: string): Ownership {
  if (file === ':memory:') return { release: () => undefined };
  const lock = new DatabaseSync(`${file}.lock`);
  try {
    lock.exec('PRAGMA journal_mode = DELETE; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!isBusy(error)) throw error;
    throw new TaskHubInUse(
      `task hub ${file} is in use by ${ownerOf(file)}. Stop that Functions host, or give this one another data folder.`,
    );
  }
  return { release: () => lock.close() };
}

/** Notes who owns the hub, for the message another process shows. */
export function recordOwner(database: DatabaseSync): void {
  database.prepare('INSERT OR REPLACE INTO hub VALUES (?, ?)').run('owner', `process ${process.pid}`);
}

/** Reads the note of the owner; it may not have written one yet. */
function ownerOf(file: string): string {
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      const value = database.prepare("SELECT value FROM hub WHERE key = 'owner'").get()?.['value'];
      return typeof value === 'string' ? value : 'another engine';
    } finally {
      database.close();
    }
  } catch {
    // Naming the owner is a courtesy: the refusal itself must not fail on it.
    return 'another engine';
  }
}

/** SQLITE_BUSY, https://www.sqlite.org/rescode.html#busy */
const busy = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === busy;
}
