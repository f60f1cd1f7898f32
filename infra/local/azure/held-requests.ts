import type { Clock } from '../clock/clock.ts';

/** Requests that a fault holds back until the virtual clock has moved. */
export class HeldRequests {
  readonly #clock: Clock;
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many are held right now: whoever steps the clock must let time move for them. */
  count(): number {
    return this.#count;
  }

  /** Resolves when this many virtual seconds have gone by. */
  async hold(seconds: number): Promise<void> {
    this.#count += 1;
    await new Promise<void>((resolve) => {
      this.#clock.schedule(this.#clock.now() + seconds * 1000, resolve);
    });
    this.#count -= 1;
  }
}
