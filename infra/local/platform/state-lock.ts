import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from './file-lock.ts';
import type { FileLock } from './file-lock.ts';
import { processNames } from './process-name.ts';
import type { ProcessName } from './process-name.ts';

/** Another platform already runs on the state folder. */
export class StateFolderInUse extends Error {
  constructor(stateDirectory: string, owner: string) {
    super(
      `${stateDirectory} is in use by another platform (process ${owner}). ` +
        'Stop that one, or give this one a folder of its own with --state DIR.',
    );
    this.name = 'StateFolderInUse';
  }
}

/** A supervisor that was killed is followed by its processes within their grace of 5 s. */
const predecessorGraceMilliseconds = 15_000;

/** Takes the state folder for this process, and waits for what is left of a platform that was killed in it. */
export function lockStateFolder(stateDirectory: string): FileLock {
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  const ownerFile = join(stateDirectory, 'platform.pid');
  const lock = tryLock(join(stateDirectory, 'platform.lock'));
  if (lock === undefined) throw new StateFolderInUse(stateDirectory, ownerOf(ownerFile));
  for (const name of processNames) {
    const predecessor = tryLock(processLockFile(stateDirectory, name), predecessorGraceMilliseconds);
    if (predecessor === undefined) {
      lock.release();
      throw new StateFolderInUse(stateDirectory, `of an earlier run: its ${name} did not end`);
    }
    predecessor.release();
  }
  writeFileSync(ownerFile, `${process.pid}\n`);
  return lock;
}

/** Held by a process of the platform while it lives. */
export function processLockFile(stateDirectory: string, name: ProcessName): string {
  return join(stateDirectory, `${name}.lock`);
}

function ownerOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
