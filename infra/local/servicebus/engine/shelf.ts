import type { Journal } from './journal.ts';
import type { LockTable } from './locks.ts';
import type { StoredMessage } from './message.ts';
import { MinHeap } from './min-heap.ts';

/** Key of the one line of a queue without sessions. */
export const everyone = Symbol('messages of a queue without sessions');
export type Line = string | typeof everyone;

/**
 * A queue's messages: stored, journalled, and in line for delivery by sequence number, one line a session.
 * Lines are lazy: an entry counts only while its message is active and unlocked.
 */
export class Shelf {
  readonly #journal: Journal;
  readonly #queue: string;
  readonly #locks: LockTable;
  readonly #lineOf: (message: StoredMessage) => Line;
  readonly #messages = new Map<number, StoredMessage>();
  readonly #lines = new Map<Line, MinHeap<number>>();

  constructor(
    journal: Journal,
    queue: string,
    options: { locks: LockTable; lineOf: (message: StoredMessage) => Line },
  ) {
    this.#journal = journal;
    this.#queue = queue;
    this.#locks = options.locks;
    this.#lineOf = options.lineOf;
  }

  /** Puts back a message that is on disk already. */
  restore(message: StoredMessage): void {
    this.#messages.set(message.sequenceNumber, message);
    this.enterLine(message);
  }

  add(message: StoredMessage): void {
    this.#journal.insert(this.#queue, message);
    this.restore(message);
  }

  update(message: StoredMessage): void {
    this.#journal.update(this.#queue, message);
  }

  remove(message: StoredMessage): void {
    this.#messages.delete(message.sequenceNumber);
    this.#journal.remove(this.#queue, message.sequenceNumber);
  }

  find(sequenceNumber: number): StoredMessage | undefined {
    return this.#messages.get(sequenceNumber);
  }

  has(message: StoredMessage): boolean {
    return this.#messages.get(message.sequenceNumber) === message;
  }

  /** (Re-)enters the line at the place its sequence number gives it. */
  enterLine(message: StoredMessage): void {
    if (!this.#isReady(message)) return;
    const key = this.#lineOf(message);
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = new MinHeap<number>((left, right) => left - right);
      this.#lines.set(key, line);
    }
    line.push(message.sequenceNumber);
  }

  /** The next message of a line; it stays there until it is locked or removed. */
  first(key: Line): StoredMessage | undefined {
    const line = this.#lines.get(key);
    if (line === undefined) return undefined;
    for (;;) {
      const sequenceNumber = line.peek();
      if (sequenceNumber === undefined) {
        this.#lines.delete(key);
        return undefined;
      }
      const message = this.#messages.get(sequenceNumber);
      if (message !== undefined && this.#isReady(message)) return message;
      line.pop();
    }
  }

  /** The line in `keys` that is not `excluded` and whose first message has waited longest by sequence number. */
  longestWaiting(excluded: (line: Line) => boolean): Line | undefined {
    let best: { line: Line; sequenceNumber: number } | undefined;
    for (const line of [...this.#lines.keys()]) {
      if (excluded(line)) continue;
      const first = this.first(line);
      if (first === undefined) continue;
      if (best === undefined || first.sequenceNumber < best.sequenceNumber) {
        best = { line, sequenceNumber: first.sequenceNumber };
      }
    }
    return best?.line;
  }

  /** Messages of any state from a sequence number on, in order; locked ones included. */
  browse(from: number, count: number, wanted: (message: StoredMessage) => boolean): StoredMessage[] {
    return this.all()
      .filter((message) => message.sequenceNumber >= from && wanted(message))
      .toArray()
      .sort((left, right) => left.sequenceNumber - right.sequenceNumber)
      .slice(0, count);
  }

  all(): IteratorObject<StoredMessage> {
    return this.#messages.values();
  }

  #isReady(message: StoredMessage): boolean {
    return message.state === 'active' && !this.#locks.isLocked(message.sequenceNumber);
  }
}
