import type { Journal, SavedQueue, SavedSession } from './journal.ts';
import type { Lock } from './locks.ts';
import { QueueFault } from './faults.ts';

/** One receiver's exclusive claim on a session. */
export interface SessionHold {
  readonly sessionId: string;
  /** Message locks taken under this hold. */
  readonly locks: Set<Lock>;
  until: number;
  /** Told once when the hold runs out, not when it is released. */
  readonly onLost: () => void;
}

/** Who holds which session, and the state each session carries (which outlives holds and messages). */
export class SessionTable {
  readonly #journal: Journal;
  readonly #queue: string;
  readonly #holds = new Map<string, SessionHold>();
  readonly #states = new Map<string, SavedSession>();

  constructor(journal: Journal, queue: string, saved: SavedQueue['sessions']) {
    this.#journal = journal;
    this.#queue = queue;
    for (const { sessionId, session } of saved) this.#states.set(sessionId, session);
  }

  isHeld(sessionId: string): boolean {
    return this.#holds.has(sessionId);
  }

  owns(hold: SessionHold): boolean {
    return this.#holds.get(hold.sessionId) === hold;
  }

  /** @throws QueueFault sessionCannotBeLocked when another receiver holds it. */
  take(sessionId: string, until: number, onLost: () => void): SessionHold {
    if (this.#holds.has(sessionId)) {
      throw new QueueFault(
        'sessionCannotBeLocked',
        `The requested session '${sessionId}' cannot be accepted. It may be locked by another receiver.`,
      );
    }
    const hold: SessionHold = { sessionId, locks: new Set(), until, onLost };
    this.#holds.set(sessionId, hold);
    return hold;
  }

  /** @throws QueueFault sessionLockLost when nobody holds the session. */
  require(sessionId: string): SessionHold {
    const hold = this.#holds.get(sessionId);
    if (hold === undefined) {
      throw new QueueFault(
        'sessionLockLost',
        `The session lock for '${sessionId}' has expired. Accept the session again.`,
      );
    }
    return hold;
  }

  drop(hold: SessionHold): void {
    if (this.owns(hold)) this.#holds.delete(hold.sessionId);
  }

  state(sessionId: string): Buffer | null {
    return this.#states.get(sessionId)?.state ?? null;
  }

  /** An empty state is no state: the session is forgotten once its messages are gone. */
  setState(sessionId: string, state: Buffer | null, now: number): void {
    const session = state === null || state.length === 0 ? null : { state, updatedAt: now };
    if (session === null) this.#states.delete(sessionId);
    else this.#states.set(sessionId, session);
    this.#journal.saveSession(this.#queue, sessionId, session);
  }

  /** Sessions that carry state, with the time it was last set. */
  *statesUpdated(): Iterable<[sessionId: string, updatedAt: number]> {
    for (const [sessionId, session] of this.#states) yield [sessionId, session.updatedAt];
  }
}
