import type { Journal, SavedQueue } from './journal.ts';

/** The message ids a queue has seen within its duplicate-detection window, also of messages long completed. */
export class DuplicateHistory {
  readonly #journal: Journal;
  readonly #queue: string;
  readonly #window: number;
  /** Message id to the time it may be used again; in order of that time, as the window never changes. */
  readonly #seen = new Map<string, number>();

  constructor(journal: Journal, queue: string, options: { window: number; saved: SavedQueue['duplicates'] }) {
    this.#journal = journal;
    this.#queue = queue;
    this.#window = options.window;
    for (const { messageId, until } of options.saved.toSorted((a, b) => a.until - b.until)) {
      this.#seen.set(messageId, until);
    }
  }

  /** True when the id is new within the window; it is then remembered. A repeat does not lengthen the window. */
  admit(messageId: string, now: number): boolean {
    this.#forgetUntil(now);
    if (this.#seen.has(messageId)) return false;
    this.#seen.set(messageId, now + this.#window);
    this.#journal.rememberDuplicate(this.#queue, messageId, now + this.#window);
    return true;
  }

  #forgetUntil(now: number): void {
    for (const [messageId, until] of this.#seen) {
      if (until > now) return;
      this.#seen.delete(messageId);
      this.#journal.forgetDuplicate(this.#queue, messageId);
    }
  }
}
