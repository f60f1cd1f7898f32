import type { MessageLifecycle, QueueParts } from './lifecycle.ts';
import type { Lock } from './locks.ts';
import type { StoredMessage } from './message.ts';
import type { SessionHold, SessionTable } from './sessions.ts';

/** A receiver waiting for any session with messages. */
export interface SessionSeeker {
  granted: (hold: SessionHold) => void;
  onLost: () => void;
}

/** Grants sessions to receivers, takes them back, and lets them run out. */
export class SessionDesk {
  readonly #table: SessionTable;
  readonly #queue: QueueParts;
  readonly #lifecycle: MessageLifecycle;
  readonly #seekers = new Set<SessionSeeker>();

  constructor(table: SessionTable, queue: QueueParts, lifecycle: MessageLifecycle) {
    this.#table = table;
    this.#queue = queue;
    this.#lifecycle = lifecycle;
  }

  /** @throws QueueFault sessionCannotBeLocked when another receiver holds it. */
  accept(sessionId: string, onLost: () => void): SessionHold {
    const hold = this.#table.take(sessionId, this.#lockEnd(), onLost);
    this.#watch(hold);
    return hold;
  }

  seek(seeker: SessionSeeker): void {
    this.#seekers.add(seeker);
    this.#queue.requestPump();
  }

  stopSeeking(seeker: SessionSeeker): void {
    this.#seekers.delete(seeker);
  }

  /** Grants free sessions with messages, the one whose first message is oldest first, to whoever waits longest. */
  serveSeekers(): void {
    for (const seeker of [...this.#seekers]) {
      const line = this.#queue.shelf.longestWaiting(
        (candidate) => typeof candidate !== 'string' || this.#table.isHeld(candidate),
      );
      if (typeof line !== 'string') return;
      this.#seekers.delete(seeker);
      seeker.granted(this.accept(line, seeker.onLost));
    }
  }

  /** Gives a session back: its unsettled messages return uncounted. */
  release(hold: SessionHold): void {
    if (!this.#table.owns(hold)) return;
    this.#table.drop(hold);
    for (const message of this.#unlockAll(hold)) this.#lifecycle.putBack(message);
    this.#queue.requestPump();
  }

  /** @throws QueueFault sessionLockLost. */
  renew(sessionId: string): number {
    const hold = this.#table.require(sessionId);
    hold.until = this.#lockEnd();
    return hold.until;
  }

  #watch(hold: SessionHold): void {
    const isHeld = () => this.#table.owns(hold);
    this.#queue.agenda.at(hold.until, isHeld, () => {
      if (hold.until > this.#queue.now()) this.#watch(hold);
      else this.#lose(hold);
    });
  }

  #lose(hold: SessionHold): void {
    this.#table.drop(hold);
    for (const message of this.#unlockAll(hold)) this.#lifecycle.countFailure(message);
    hold.onLost();
    this.#queue.requestPump();
  }

  #unlockAll(hold: SessionHold): StoredMessage[] {
    return [...hold.locks].flatMap((lock: Lock) => {
      this.#queue.locks.drop(lock);
      return this.#queue.shelf.find(lock.sequenceNumber) ?? [];
    });
  }

  #lockEnd(): number {
    return this.#queue.now() + this.#queue.rules.lockDuration;
  }
}
