import { setImmediate as nextTurn } from 'node:timers/promises';

interface LaneOptions<Key> {
  /** How many keys may run at once. */
  limit: number;
  run(key: Key): Promise<void>;
  /** A run rejected: a fault of the engine or its file, never of the app. */
  onError(key: Key, error: unknown): void;
}

/** Runs work named by keys: at most `limit` at once, each key once at a time, again when it was added while running. */
export class Lane<Key> {
  readonly #options: LaneOptions<Key>;
  readonly #ready = new Set<Key>();
  readonly #running = new Map<Key, Promise<void>>();
  readonly #again = new Set<Key>();
  #open = false;

  constructor(options: LaneOptions<Key>) {
    this.#options = options;
  }

  get idle(): boolean {
    return this.#ready.size === 0 && this.#running.size === 0;
  }

  add(key: Key): void {
    if (this.#running.has(key)) this.#again.add(key);
    else this.#ready.add(key);
    this.#pump();
  }

  open(): void {
    this.#open = true;
    this.#pump();
  }

  /** Starts nothing more. Resolves when what runs has ended. */
  async drain(): Promise<void> {
    this.#open = false;
    await Promise.all(this.#running.values());
  }

  #pump(): void {
    for (const key of this.#ready) {
      if (!this.#open || this.#running.size >= this.#options.limit) return;
      this.#ready.delete(key);
      this.#running.set(key, this.#perform(key));
    }
  }

  async #perform(key: Key): Promise<void> {
    // SQLite and the SDK's replay are synchronous and promises alone never yield: sockets get their turn between runs.
    await nextTurn();
    try {
      // The lane may have been closed meanwhile.
      if (this.#open) await this.#options.run(key);
    } catch (error) {
      this.#options.onError(key, error);
    }
    this.#running.delete(key);
    if (this.#again.delete(key)) this.#ready.add(key);
    this.#pump();
  }
}
