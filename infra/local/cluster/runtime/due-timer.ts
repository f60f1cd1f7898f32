import type { Clock, Scheduled } from '../../clock/clock.ts';

/** Keeps one action scheduled for the earliest thing due, and re-schedules as that changes. */
export class DueTimer {
  readonly #clock: Clock;
  readonly #action: () => void;
  #at: number | undefined;
  #scheduled: Scheduled | undefined;

  constructor(clock: Clock, action: () => void) {
    this.#clock = clock;
    this.#action = action;
  }

  /** Runs the action at `due` (epoch ms, rounded up) instead of at the time set before; undefined cancels. */
  set(due: number | undefined): void {
    const at = due === undefined ? undefined : Math.ceil(due);
    if (at === this.#at) return;
    this.#scheduled?.cancel();
    this.#at = at;
    this.#scheduled =
      at === undefined
        ? undefined
        : this.#clock.schedule(at, () => {
            this.#at = undefined;
            this.#action();
          });
  }

  /** True when its action is due already and only waits for its turn. */
  get overdue(): boolean {
    return this.#at !== undefined && this.#at <= this.#clock.now();
  }
}
