/** A task of the replay simulator: running until it settles, once. */
export class SimulatedTask {
  #state: 'running' | 'succeeded' | 'failed' = 'running';
  readonly #listeners: ((failed: boolean) => void)[] = [];

  get settled(): boolean {
    return this.#state !== 'running';
  }

  /** A task that needs no waiting, such as a fire-and-forget call. */
  static done(): SimulatedTask {
    const task = new SimulatedTask();
    task.settle(false);
    return task;
  }

  settle(failed: boolean): void {
    if (this.settled) return;
    this.#state = failed ? 'failed' : 'succeeded';
    for (const listener of this.#listeners) listener(failed);
  }

  /** Calls `listener` when the task settles; at once when it has. */
  whenSettled(listener: (failed: boolean) => void): void {
    if (this.settled) listener(this.#state === 'failed');
    else this.#listeners.push(listener);
  }
}

/** Settles with the first child. */
export function anyOf(children: readonly SimulatedTask[]): SimulatedTask {
  const whole = new SimulatedTask();
  // .NET's Task.WhenAny succeeds whatever its first child did.
  for (const child of children) child.whenSettled(() => whole.settle(false));
  return whole;
}

/** Settles when the last child has, as .NET's Task.WhenAll does; the SDK's own Task.all fails with the first failure. */
export function allOf(children: readonly SimulatedTask[]): SimulatedTask {
  const whole = new SimulatedTask();
  let running = children.length;
  let anyFailed = false;
  for (const child of children) {
    child.whenSettled((failed) => {
      anyFailed ||= failed;
      if (--running === 0) whole.settle(anyFailed);
    });
  }
  return whole;
}
