import type { Journal } from './journal.ts';

/** Numbers reserved by one write; a restart skips at most this many. */
const blockSize = 1000;

/** Gives out a queue's sequence numbers: 1, 2, 3 ... with gaps after a restart, never the same one twice. */
export class SequenceNumbers {
  readonly #journal: Journal;
  readonly #queue: string;
  #last: number;
  #reserved: number;

  constructor(journal: Journal, queue: string, lastReserved: number) {
    this.#journal = journal;
    this.#queue = queue;
    this.#last = lastReserved;
    this.#reserved = lastReserved;
  }

  next(): number {
    this.#last += 1;
    if (this.#last > this.#reserved) {
      this.#reserved += blockSize;
      this.#journal.reserveSequenceNumbers(this.#queue, this.#reserved);
    }
    return this.#last;
  }
}
