import type { Clock, Scheduled } from './clock.ts';

interface Pending {
  at: number;
  order: number;
  action: () => void;
}

/** Time that stands still until a test moves it: to the next thing due, or to a given moment. */
export class SteppedClock implements Clock {
  #now: number;
  #order = 0;
  #pending: Pending[] = [];
  /** Every move: since which real moment the clock has shown what. */
  readonly #moves: { real: number; virtual: number }[] = [];

  /** Starts at `start`, epoch milliseconds. */
  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
    this.#moves.push({ real: 0, virtual: start });
  }

  now(): number {
    return this.#now;
  }

  virtualAt(real: number): number {
    return (this.#moves.findLast((move) => move.real <= real) ?? { virtual: this.#now }).virtual;
  }

  schedule(at: number, action: () => void): Scheduled {
    const pending: Pending = { at, order: this.#order++, action };
    if (at <= this.#now) {
      setImmediate(() => {
        if (this.#remove(pending)) action();
      });
    }
    this.#pending.push(pending);
    return { cancel: () => void this.#remove(pending) };
  }

  /** When the next action is due, or undefined when nothing waits. */
  nextDue(): number | undefined {
    return this.#earliest()?.at;
  }

  /** Moves to the next thing due and runs it. Returns false when nothing waits. */
  step(): boolean {
    const next = this.#earliest();
    if (next === undefined) return false;
    this.advanceTo(Math.max(next.at, this.#now));
    return true;
  }

  /** Moves to `at` (never back), running in order whatever falls due on the way. */
  advanceTo(at: number): void {
    for (let next = this.#earliest(); next !== undefined && next.at <= at; next = this.#earliest()) {
      this.#now = Math.max(this.#now, next.at);
      this.#moves.push({ real: Date.now(), virtual: this.#now });
      this.#remove(next);
      next.action();
    }
    this.#now = Math.max(this.#now, at);
    this.#moves.push({ real: Date.now(), virtual: this.#now });
  }

  #earliest(): Pending | undefined {
    let earliest: Pending | undefined;
    for (const pending of this.#pending) {
      if (
        earliest === undefined ||
        pending.at < earliest.at ||
        (pending.at === earliest.at && pending.order < earliest.order)
      ) {
        earliest = pending;
      }
    }
    return earliest;
  }

  #remove(pending: Pending): boolean {
    const index = this.#pending.indexOf(pending);
    if (index >= 0) this.#pending.splice(index, 1);
    return index >= 0;
  }
}
