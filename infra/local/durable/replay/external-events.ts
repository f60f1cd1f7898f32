import { SimulatedTask } from './simulated-task.ts';

/**
 * Who waits for which external event. As in the .NET host: names ignore case, the latest waiter is served first, and events
 * nobody waits for are kept in order.
 */
export class ExternalEvents {
  readonly #waiting = new Map<string, SimulatedTask[]>();
  readonly #unclaimed = new Map<string, number>();

  waitFor(name: string): SimulatedTask {
    const key = name.toLowerCase();
    const unclaimed = this.#unclaimed.get(key) ?? 0;
    if (unclaimed > 0) {
      this.#unclaimed.set(key, unclaimed - 1);
      return SimulatedTask.done();
    }
    const task = new SimulatedTask();
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) this.#waiting.set(key, [task]);
    else waiting.push(task);
    return task;
  }

  raise(name: string): void {
    const key = name.toLowerCase();
    const task = this.#waiting.get(key)?.pop();
    if (task === undefined) this.#unclaimed.set(key, (this.#unclaimed.get(key) ?? 0) + 1);
    else task.settle(false);
  }
}
