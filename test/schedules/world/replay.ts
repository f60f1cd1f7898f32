/** One execution of an orchestrator, run again from its beginning over everything that has happened to it. */
import type { OrchestrationHandler, Task, TimerTask } from 'durable-functions';
import { DummyOrchestrationContext } from 'durable-functions';

/** What an orchestrator asks for, in the order of asking: its position is the number of the task. */
export type Action =
  | { is: 'activity'; name: string; input: unknown }
  | { is: 'timer'; until: string }
  | { is: 'event'; name: string };

/** What happens to an orchestration. */
export type Arrival =
  | { is: 'begun' }
  | { is: 'done'; task: number; result: unknown }
  | { is: 'rang'; task: number }
  | { is: 'event' };

/** What arrived together, and when (ISO 8601): the orchestrator's clock stands still in between. */
export interface Episode {
  at: string;
  arrivals: Arrival[];
}

export interface Story {
  actions: Action[];
  /** Timers it does not wait for any more. */
  cancelled: number[];
  /** Undefined while it waits. */
  end: { output: string; restartsWith: unknown } | undefined;
  /** Events that came and that nobody waited for. */
  unheardEvents: number;
}

interface Known {
  task: Task;
  number: number;
  /** For a group: when it is complete, with what. */
  group?: { members: Known[]; all: boolean };
}

export function replay(handler: OrchestrationHandler, input: unknown, episodes: readonly Episode[]): Story {
  const execution = new Execution(input);
  const generator = handler(execution.context());
  let waitsFor: Task | undefined;
  for (const { at, arrivals } of episodes) {
    execution.now = at;
    for (const arrival of arrivals) execution.take(arrival);
    for (;;) {
      let answer: unknown;
      if (waitsFor !== undefined) {
        const outcome = execution.outcomeOf(waitsFor);
        if (outcome === undefined) break;
        answer = outcome.value;
      }
      const step: IteratorResult<Task, unknown> = generator.next(answer);
      if (step.done === true) return execution.story({ output: String(step.value) });
      waitsFor = step.value;
    }
  }
  return execution.story(undefined);
}

class Execution {
  now = '';
  readonly #input: unknown;
  readonly #actions: Action[] = [];
  readonly #cancelled: number[] = [];
  readonly #tasks = new Map<Task, Known>();
  /** Results by task, in the order in which they came. */
  readonly #results = new Map<number, unknown>();
  /** Tasks that wait for an event, oldest first, and events that wait for a task. */
  readonly #listening: number[] = [];
  #unheard = 0;
  #restartsWith: unknown;

  constructor(input: unknown) {
    this.#input = input;
  }

  take(arrival: Arrival): void {
    switch (arrival.is) {
      case 'begun':
        return;
      case 'done':
        if (!this.#results.has(arrival.task)) this.#results.set(arrival.task, arrival.result);
        return;
      case 'rang':
        if (!this.#cancelled.includes(arrival.task)) this.#results.set(arrival.task, undefined);
        return;
      case 'event': {
        const listener = this.#listening.shift();
        if (listener === undefined) this.#unheard += 1;
        else this.#results.set(listener, undefined);
      }
    }
  }

  outcomeOf(task: Task): { value: unknown } | undefined {
    const known = this.#tasks.get(task);
    if (known === undefined) throw new TypeError('a task that nobody made was waited for');
    const { group, number } = known;
    if (group === undefined)
      return this.#results.has(number) ? { value: this.#results.get(number) } : undefined;
    if (group.all) {
      const missing = group.members.some((member) => !this.#results.has(member.number));
      return missing ? undefined : { value: group.members.map((member) => this.#results.get(member.number)) };
    }
    // The map keeps the order of arrival: who came first wins, also when both are there.
    const first = [...this.#results.keys()].find((done) => group.members.some((one) => one.number === done));
    return first === undefined
      ? undefined
      : { value: group.members.find((member) => member.number === first)?.task };
  }

  story(end: { output: string } | undefined): Story {
    return {
      actions: this.#actions,
      cancelled: this.#cancelled,
      end: end === undefined ? undefined : { ...end, restartsWith: this.#restartsWith },
      unheardEvents: this.#unheard,
    };
  }

  context(): DummyOrchestrationContext {
    // The SDK's own dummy has no df at all.
    const context = new DummyOrchestrationContext();
    const current = (): Date => new Date(this.now);
    const df = {
      get currentUtcDateTime() {
        return current();
      },
      getInput: () => structuredClone(this.#input),
      continueAsNew: (next: unknown) => (this.#restartsWith = next),
      setCustomStatus: () => undefined,
      callActivity: (name: string, given: unknown) =>
        this.#made(newTask(), { is: 'activity', name, input: throughJson(given) }),
      createTimer: (until: Date) => {
        const number = this.#actions.length;
        const cancel = (): void => void this.#cancelled.push(number);
        return this.#made(newTimer(cancel), { is: 'timer', until: until.toISOString() });
      },
      waitForExternalEvent: (name: string) => {
        const number = this.#actions.length;
        const task = this.#made(newTask(), { is: 'event', name });
        if (this.#unheard > 0) {
          this.#unheard -= 1;
          this.#results.set(number, undefined);
        } else this.#listening.push(number);
        return task;
      },
      Task: {
        all: (tasks: Task[]) => this.#grouped(tasks, true),
        any: (tasks: Task[]) => this.#grouped(tasks, false),
      },
    };
    Object.defineProperty(context, 'df', { value: df });
    return context;
  }

  #made<T extends Task>(task: T, action: Action): T {
    this.#tasks.set(task, { task, number: this.#actions.length });
    this.#actions.push(action);
    return task;
  }

  #grouped(tasks: Task[], all: boolean): Task {
    const members = tasks.map((task) => {
      const known = this.#tasks.get(task);
      if (known === undefined) throw new TypeError('a group of tasks that nobody made');
      return known;
    });
    const task = newTask();
    this.#tasks.set(task, { task, number: -1, group: { members, all } });
    return task;
  }
}

function throughJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function newTask(): Task {
  return { isCompleted: false, isFaulted: false };
}

function newTimer(cancel: () => void): TimerTask {
  return { isCompleted: false, isFaulted: false, isCanceled: false, cancel };
}
