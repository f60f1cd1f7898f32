import { randomInt } from 'node:crypto';

/** Random choices that one number repeats: `SLIPWAY_SEED` replays the seed that a run has printed. */
export class SeededRandom {
  readonly seed: number;
  #state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.#state = seed >>> 0;
  }

  /** A new seed, or the one of `SLIPWAY_SEED`; printed with the name of the run. */
  static announced(run: string): SeededRandom {
    const given = process.env['SLIPWAY_SEED'];
    const random = new SeededRandom(given === undefined ? randomInt(2 ** 31) : Number(given));
    console.log(`${run}: SLIPWAY_SEED=${random.seed}`);
    return random;
  }

  /** From 0 (inclusive) to 1 (exclusive): mulberry32 by Tommy Ettinger. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** One of a list that must not be empty. */
  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.between(0, choices.length - 1)];
    if (choice === undefined) throw new RangeError('nothing to pick from');
    return choice;
  }
}
