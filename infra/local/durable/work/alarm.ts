import type { Clock, Scheduled } from '../../clock/clock.ts';

interface AlarmOptions {
  clock: Clock;
  /** Called at or after the time set. Returns when to call again. */
  ring(now: number): number | undefined;
}

/** One pending call on the clock, for the earliest of the times asked for. */
export class Alarm {
  readonly #options: AlarmOptions;
  #pending: { at: number; scheduled: Scheduled } | undefined;
  #stopped = false;

  constructor(options: AlarmOptions) {
    this.#options = options;
  }

  /** True when the time has come but the clock has not called yet. */
  get overdue(): boolean {
    return this.#pending !== undefined && this.#pending.at <= this.#options.clock.now();
  }

  /** Asks for a call at `at`, epoch milliseconds; a later one that is pending gives way. */
  set(at: number): void {
    if (this.#stopped || (this.#pending !== undefined && this.#pending.at <= at)) return;
    this.#pending?.scheduled.cancel();
    this.#pending = { at, scheduled: this.#options.clock.schedule(at, () => this.#ring()) };
  }

  stop(): void {
    this.#stopped = true;
    this.#pending?.scheduled.cancel();
    this.#pending = undefined;
  }

  #ring(): void {
    this.#pending = undefined;
    const next = this.#options.ring(this.#options.clock.now());
    if (next !== undefined) this.set(next);
  }
}
