/** Drives an orchestrator by hand: answers its activities, lets its timers ring, and tells what it did. */
import type { OrchestrationHandler, Task, TimerTask } from 'durable-functions';
import { DummyOrchestrationContext } from 'durable-functions';
import type { Outcome } from '../../../../functions/contracts/activity.ts';
import type { Steps } from '../../../../functions/orchestrators/run.ts';
import { Run } from '../../../../functions/orchestrators/run.ts';

export const startedAt = '2026-03-01T08:00:00.000Z';

export interface Call {
  activity: string;
  input: unknown;
}

export interface Story<Input> {
  calls: Call[];
  /** Seconds of each timer, in the order made. */
  timers: number[];
  /** Timers that were cancelled, by position. */
  cancelled: number[];
  /** Events waited for. */
  events: string[];
  /** Input of the next execution, when it goes on. */
  restartedWith: Input | undefined;
  ended: string;
}

export interface Answers {
  answer: (call: Call) => Outcome<unknown> | Promise<Outcome<unknown>>;
  /** Virtual time; {@link startedAt} when left out. */
  now?: string;
  /** Somebody nudges during the sleep. */
  nudged?: boolean;
}

type Meaning =
  | { kind: 'activity'; call: Call }
  | { kind: 'timer' }
  | { kind: 'event' }
  | { kind: 'all'; calls: Call[] }
  | { kind: 'any'; event: Task; timer: Task };

/** Runs one execution to its end. Every task must be yielded at most once, as Durable Functions demands. */
export async function drive<Input extends object>(
  steps: (run: Run<Input>) => Steps<string>,
  input: Input,
  { answer, nudged = false, now = startedAt }: Answers,
): Promise<Story<Input>> {
  const meanings = new Map<Task, Meaning>();
  const story: Story<Input> = {
    calls: [],
    timers: [],
    cancelled: [],
    events: [],
    restartedWith: undefined,
    ended: '',
  };
  const made = <T extends Task>(task: T, meaning: Meaning): T => {
    meanings.set(task, meaning);
    return task;
  };
  const meaningOf = (task: Task | undefined): Meaning => {
    const meaning = task === undefined ? undefined : meanings.get(task);
    if (meaning === undefined) throw new TypeError('a task that nobody made');
    return meaning;
  };
  const callOf = (task: Task): Call => {
    const meaning = meaningOf(task);
    if (meaning.kind !== 'activity') throw new TypeError(`all() of a task of kind ${meaning.kind}`);
    return meaning.call;
  };
  const df = {
    currentUtcDateTime: new Date(now),
    getInput: () => input,
    continueAsNew: (next: Input) => {
      story.restartedWith = next;
    },
    setCustomStatus: () => undefined,
    callActivity: (name: string, given: unknown) =>
      made(newTask(), { kind: 'activity', call: { activity: name, input: given } }),
    createTimer: (until: Date) => {
      const position = story.timers.push((until.getTime() - Date.parse(now)) / 1000) - 1;
      return made(
        newTimer(() => story.cancelled.push(position)),
        { kind: 'timer' },
      );
    },
    waitForExternalEvent: (name: string) => {
      story.events.push(name);
      return made(newTask(), { kind: 'event' });
    },
    Task: {
      all: (tasks: Task[]) => made(newTask(), { kind: 'all', calls: tasks.map(callOf) }),
      any: ([event, timer]: Task[]) => {
        if (event === undefined || timer === undefined) throw new TypeError('any() of fewer than two tasks');
        return made(newTask(), { kind: 'any', event, timer });
      },
    },
  };
  // The SDK's own dummy has no df at all.
  const context = new DummyOrchestrationContext();
  Object.defineProperty(context, 'df', { value: df });
  const perform = async (call: Call): Promise<Outcome<unknown>> => {
    story.calls.push(call);
    return answer(call);
  };
  const resolve = async (meaning: Meaning): Promise<unknown> => {
    switch (meaning.kind) {
      case 'activity':
        return perform(meaning.call);
      case 'all':
        return Promise.all(meaning.calls.map(perform));
      case 'any':
        return nudged ? meaning.event : meaning.timer;
      case 'timer':
      case 'event':
        return undefined;
    }
  };
  const handler: OrchestrationHandler = (given) => steps(new Run<Input>(given));
  const execution = handler(context);
  const yielded = new Set<Task>();
  let step: IteratorResult<Task, unknown> = execution.next();
  while (step.done !== true) {
    if (yielded.has(step.value)) throw new TypeError('a task was yielded twice');
    yielded.add(step.value);
    step = execution.next(await resolve(meaningOf(step.value)));
  }
  story.ended = String(step.value);
  return story;
}

function newTask(): Task {
  return { isCompleted: false, isFaulted: false };
}

function newTimer(cancel: () => void): TimerTask {
  return { isCompleted: false, isFaulted: false, isCanceled: false, cancel };
}
