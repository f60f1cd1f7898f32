/** Node's longest timer, about 24.8 days; later things are looked at again then. */
const longestTimer = 2 ** 31 - 1;

/** One real-time timer for a whole queue: calls `ring` at the earliest time asked for. Does not keep the process alive. */
export class Alarm {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;
  #due = Infinity;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  wakeAt(due: number): void {
    if (due >= this.#due) return;
    this.stop();
    this.#due = due;
    this.#timer = setTimeout(() => this.#fire(), Math.min(Math.max(due - Date.now(), 0), longestTimer));
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#due = Infinity;
  }

  #fire(): void {
    this.#due = Infinity;
    this.#ring();
  }
}
