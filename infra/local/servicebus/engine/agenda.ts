import { MinHeap } from './min-heap.ts';

interface Entry {
  due: number;
  /** False once the thing it was for is gone; such entries are dropped unrun. */
  stillWanted: () => boolean;
  run: () => void;
}

/** Nothing is compacted below this size: a few dead entries cost less than the sweep. */
const smallestSweep = 1024;

/** What a queue must do at which time: locks and lives running out, scheduled messages falling due. */
export class Agenda {
  readonly #entries = new MinHeap<Entry>((left, right) => left.due - right.due);
  readonly #onAdded: (due: number) => void;
  #sweepAt = smallestSweep;

  /** `onAdded` hears the time of everything that is entered. */
  constructor(onAdded: (due: number) => void) {
    this.#onAdded = onAdded;
  }

  at(due: number, stillWanted: () => boolean, run: () => void): void {
    this.#entries.push({ due, stillWanted, run });
    this.#onAdded(due);
    if (this.#entries.size >= this.#sweepAt) {
      // Completed messages leave their entries behind for as long as they could have lived.
      this.#entries.retain((entry) => entry.stillWanted());
      this.#sweepAt = Math.max(smallestSweep, 2 * this.#entries.size);
    }
  }

  /** The next time anything is due, if anything is. */
  nextDue(): number | undefined {
    for (;;) {
      const next = this.#entries.peek();
      if (next === undefined || next.stillWanted()) return next?.due;
      this.#entries.pop();
    }
  }

  runUntil(now: number): void {
    for (;;) {
      const next = this.#entries.peek();
      if (next === undefined || next.due > now) return;
      this.#entries.pop();
      if (next.stillWanted()) next.run();
    }
  }
}
