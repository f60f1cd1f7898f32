import { DatabaseSync } from 'node:sqlite';

/** A lock that the operating system frees when its holder ends, `kill -9` included. */
export interface FileLock {
  /** Idempotent. */
  release(): void;
}

/**
 * Takes the lock of this file, or returns undefined when another process still has it after `waitMilliseconds`
 * (spent blocking). It is an SQLite lock, because Node has no file locks and a process id in a file cannot be told
 * from that of a stranger who got the same number.
 */
export function tryLock(file: string, waitMilliseconds = 0): FileLock | undefined {
  const database = new DatabaseSync(file, { timeout: waitMilliseconds });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) return undefined;
    throw error;
  }
  return {
    release: () => {
      if (database.isOpen) database.close();
    },
  };
}

/** https://www.sqlite.org/rescode.html#busy */
const sqliteBusy = 5;

const held = new Set<FileLock>();

/** Takes the lock for the life of this process. Throws when another one has it. */
export function holdLock(file: string): void {
  const lock = tryLock(file);
  if (lock === undefined) throw new Error(`${file} is held by another process.`);
  // Referenced from here, so that no garbage collection frees it.
  held.add(lock);
}
