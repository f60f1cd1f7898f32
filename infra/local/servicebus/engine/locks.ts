import { randomUUID } from 'node:crypto';
import type { SessionHold } from './sessions.ts';

/** One receiver's claim on one message. Under a session the claim lives exactly as long as the session's hold. */
export interface Lock {
  /** Lower-case UUID text; what clients call the lock token. */
  readonly token: string;
  readonly sequenceNumber: number;
  readonly hold: SessionHold | null;
  until: number;
}

/** The message locks of one queue, found by token and by message. In memory only. */
export class LockTable {
  readonly #byToken = new Map<string, Lock>();
  readonly #byMessage = new Map<number, Lock>();

  get size(): number {
    return this.#byToken.size;
  }

  take(sequenceNumber: number, until: number, hold: SessionHold | null): Lock {
    const lock: Lock = { token: randomUUID(), sequenceNumber, hold, until };
    this.#byToken.set(lock.token, lock);
    this.#byMessage.set(sequenceNumber, lock);
    hold?.locks.add(lock);
    return lock;
  }

  find(token: string): Lock | undefined {
    return this.#byToken.get(token);
  }

  isLocked(sequenceNumber: number): boolean {
    return this.#byMessage.has(sequenceNumber);
  }

  isHeld(lock: Lock): boolean {
    return this.#byToken.get(lock.token) === lock;
  }

  drop(lock: Lock): void {
    this.#byToken.delete(lock.token);
    this.#byMessage.delete(lock.sequenceNumber);
    lock.hold?.locks.delete(lock);
  }
}
