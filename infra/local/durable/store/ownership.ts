import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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
  writeFileSync(ownerNote(file), `process ${process.pid}`);
  return { release: () => lock.close() };
}

/** The owner's note of itself. Naming the owner is a courtesy: it may not have been written yet. */
function ownerOf(file: string): string {
  const note = ownerNote(file);
  return existsSync(note) ? readFileSync(note, 'utf8') : 'another process';
}

function ownerNote(file: string): string {
  return `${file}.owner`;
}

/** SQLITE_BUSY with all its extended codes, https://www.sqlite.org/rescode.html#busy */
const busy = 5;

function isBusy(error: unknown): boolean {
  return (
    error instanceof Error &&
    'errcode' in error &&
    typeof error.errcode === 'number' &&
    (error.errcode & 0xff) === busy
  );
}
