import {
  emptyQueue,
  type Journal,
  type SavedQueue,
} from '../../../../infra/local/servicebus/engine/journal.ts';
import type { StoredMessage } from '../../../../infra/local/servicebus/engine/message.ts';

/** A journal without a disk whose commits happen when the test says so; keeps what a restart would find. */
export class MemoryJournal implements Journal {
  readonly #messages = new Map<string, StoredMessage>();
  readonly #reserved = new Map<string, number>();
  #actions: (() => void)[] = [];

  insert(queue: string, message: StoredMessage): void {
    this.#messages.set(`${queue} ${message.sequenceNumber}`, { ...message });
  }

  update(queue: string, message: StoredMessage): void {
    this.insert(queue, message);
  }

  remove(queue: string, sequenceNumber: number): void {
    this.#messages.delete(`${queue} ${sequenceNumber}`);
  }

  rememberDuplicate(): void {
    // The model test has no duplicate detection; its own tests go through a real journal.
  }

  forgetDuplicate(): void {
    // See above.
  }

  saveSession(): void {
    // See above.
  }

  reserveSequenceNumbers(queue: string, last: number): void {
    this.#reserved.set(queue, last);
  }

  afterCommit(action: () => void): void {
    this.#actions.push(action);
  }

  /** Commits, and goes on while that asks for more. */
  commit(): void {
    while (this.#actions.length > 0) {
      const actions = this.#actions;
      this.#actions = [];
      for (const action of actions) action();
    }
  }

  load(queue: string): SavedQueue {
    const messages = [...this.#messages]
      .filter(([key, { sequenceNumber }]) => key === `${queue} ${sequenceNumber}`)
      .map(([, message]) => ({ ...message }));
    return { ...emptyQueue, messages, lastReservedSequenceNumber: this.#reserved.get(queue) ?? 0 };
  }
}
