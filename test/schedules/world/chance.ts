/** What may happen to anything that crosses a border: chosen by a seed, so that a run can be had again. */
import { SeededRandom } from '../../faults/kill/support/seeded-random.ts';

/** How an activity is run. */
export type ActivityFate =
  | { is: 'once' | 'twice' | 'result-lost' | 'late' }
  /** The process dies before the call of this number that it makes of a port. */
  | { is: 'dies'; beforeCall: number };

export type MessageFate = { is: 'once' } | { is: 'lost' } | { is: 'twice' | 'late'; seconds: number };

/** Seed 0 is a calm world: everything happens once, in order, at once. */
export class Chance {
  readonly calm: boolean;
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.calm = seed === 0;
    this.#random = new SeededRandom(seed);
  }

  /** Of `count` things that wait, the position of the next. */
  next(count: number): number {
    return this.calm || count < 2 ? 0 : this.#random.between(0, count - 1);
  }

  activity(): ActivityFate {
    const drawn = this.calm ? 1 : this.#random.next();
    if (drawn < 0.05) return { is: 'dies', beforeCall: this.#random.between(0, 5) };
    if (drawn < 0.09) return { is: 'result-lost' };
    if (drawn < 0.13) return { is: 'twice' };
    return drawn < 0.15 ? { is: 'late' } : { is: 'once' };
  }

  message(): MessageFate {
    const drawn = this.calm ? 1 : this.#random.next();
    if (drawn < 0.08) return { is: 'lost' };
    if (drawn < 0.16) return { is: 'twice', seconds: this.#random.between(0, 120) };
    return drawn < 0.25 ? { is: 'late', seconds: this.#random.between(1, 600) } : { is: 'once' };
  }
}
