import { DueTimer } from './due-timer.ts';
import type { Clock } from '../../clock/clock.ts';
import type { ObjectStore, StoreChange } from '../../kubernetes/contract.ts';
import { resources } from '../objects/resource-types.ts';
import type { Controller } from './controller.ts';
import type { ObjectCache } from './object-cache.ts';

/** Keys worked on before other things in the process get their turn. */
const batch = 50;

/** After an error a key is tried again this much later, in virtual milliseconds. */
const retryAfter = 1_000;

/** A key refused this often in a row is reported, as it is no passing conflict. */
const reportAfter = 5;

/** Runs controllers: queues the keys that changes affect, works them off in order, and wakes those that are due. */
export class ControlLoops {
  readonly #clock: Clock;
  readonly #controllers: Controller[];
  readonly #queue = new Map<string, { controller: Controller; key: string }>();
  readonly #due = new Map<string, { controller: Controller; key: string; at: number }>();
  readonly #failures = new Map<string, number>();
  readonly #timer: DueTimer;
  readonly #unsubscribe: () => void;
  #working = false;
  #paused = false;
  #stopped = false;

  constructor({
    clock,
    store,
    cache,
    controllers,
  }: {
    clock: Clock;
    store: ObjectStore;
    cache: ObjectCache;
    controllers: Controller[];
  }) {
    this.#clock = clock;
    this.#controllers = controllers;
    this.#timer = new DueTimer(clock, () => this.#wake());
    this.#unsubscribe = store.subscribe((change) => {
      cache.apply(change);
      this.#tell(change);
    });
    for (const resource of Object.values(resources)) {
      for (const object of cache.list(resource)) this.#tell({ type: 'ADDED', resource, object });
    }
  }

  /** Queues one key of the controller named. */
  nudge(controllerName: string, key: string): void {
    const controller = this.#controllers.find(({ name }) => name === controllerName);
    if (controller === undefined) throw new Error(`there is no controller ${controllerName}`);
    this.#enqueue(controller, key);
  }

  /** A stopped cluster's controllers stand still; what changed meanwhile waits. */
  setPaused(paused: boolean): void {
    this.#paused = paused;
    if (paused) return;
    this.#wake();
    this.#start();
  }

  /** True when nothing can happen before the clock moves. */
  idle(): boolean {
    return this.#paused || (this.#queue.size === 0 && !this.#timer.overdue);
  }

  stop(): void {
    this.#stopped = true;
    this.#unsubscribe();
    this.#timer.set(undefined);
    this.#queue.clear();
    this.#due.clear();
  }

  #tell(change: StoreChange): void {
    for (const controller of this.#controllers) {
      for (const key of controller.affected(change)) this.#enqueue(controller, key);
    }
  }

  #enqueue(controller: Controller, key: string): void {
    if (this.#stopped) return;
    this.#queue.set(`${controller.name} ${key}`, { controller, key });
    this.#start();
  }

  #start(): void {
    if (this.#working || this.#paused || this.#queue.size === 0) return;
    this.#working = true;
    setImmediate(() => {
      this.#working = false;
      this.#work();
    });
  }

  #work(): void {
    if (this.#paused || this.#stopped) return;
    for (const [id, { controller, key }] of [...this.#queue].slice(0, batch)) {
      this.#queue.delete(id);
      const at = this.#reconcile(controller, key, id);
      if (at === undefined) this.#due.delete(id);
      else this.#due.set(id, { controller, key, at });
    }
    if (this.#queue.size > 0) this.#start();
    else this.#setTimer();
  }

  #reconcile(controller: Controller, key: string, id: string): number | undefined {
    try {
      const at = controller.reconcile(key);
      this.#failures.delete(id);
      return at;
    } catch (error) {
      const failures = (this.#failures.get(id) ?? 0) + 1;
      this.#failures.set(id, failures);
      if (failures === reportAfter || !isRefusal(error))
        console.error(`cluster simulator: ${id} failed ${failures} times in a row:`, error);
      return this.#clock.now() + retryAfter * failures;
    }
  }

  #wake(): void {
    if (this.#paused) return;
    const now = this.#clock.now();
    for (const [id, { controller, key, at }] of this.#due) {
      if (at > now) continue;
      this.#due.delete(id);
      this.#enqueue(controller, key);
    }
    this.#setTimer();
  }

  #setTimer(): void {
    const times = this.#due.values().map(({ at }) => at);
    this.#timer.set(this.#due.size === 0 ? undefined : times.reduce((least, at) => Math.min(least, at)));
  }
}

/** The API server's refusals (conflict, namespace terminating) pass by themselves; anything else is a bug to be seen. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'ApiError';
}
