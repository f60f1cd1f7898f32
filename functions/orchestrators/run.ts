/** The one place that touches the Durable SDK from orchestrators: typed calls, sleep, restart. */
import type { OrchestrationContext, Task } from 'durable-functions';
import type { Activity, Outcome } from '../contracts/activity.ts';
import { nudge } from '../contracts/names.ts';

/** A step of an orchestration: yields Durable tasks, returns `T`. */
export type Steps<T, Next = never> = Generator<Task, T, Next>;

/** What an orchestrator may do. Everything is replay-safe. */
export class Run<Input extends object> {
  readonly #context: OrchestrationContext;

  constructor(context: OrchestrationContext) {
    this.#context = context;
  }

  input(): Input {
    return this.#context.df.getInput<Input>();
  }

  /** ISO 8601 time of this episode. */
  now(): string {
    return this.#context.df.currentUtcDateTime.toISOString();
  }

  *call<I extends object, O>(activity: Activity<I, O>, input: I): Steps<Outcome<O>, Outcome<O>> {
    return yield this.#context.df.callActivity(activity.name, input);
  }

  /** All at once; activities never reject, so waiting for all is safe. */
  *callAll<I extends object, O>(activity: Activity<I, O>, inputs: I[]): Steps<Outcome<O>[], Outcome<O>[]> {
    if (inputs.length === 0) return [];
    return yield this.#context.df.Task.all(
      inputs.map((input) => this.#context.df.callActivity(activity.name, input)),
    );
  }

  /** Until somebody nudges, at most `seconds`. One fresh event and one fresh timer: neither is ever reused. */
  *sleep(seconds: number): Steps<'nudged' | 'rested', Task> {
    const until = new Date(Date.parse(this.now()) + Math.max(1, seconds) * 1000);
    const timer = this.#context.df.createTimer(until);
    const nudged = this.#context.df.waitForExternalEvent(nudge);
    const winner = yield this.#context.df.Task.any([nudged, timer]);
    if (winner === timer) return 'rested';
    timer.cancel();
    return 'nudged';
  }

  /** A pause that no nudge shortens. */
  *pause(seconds: number): Steps<void, unknown> {
    yield this.#context.df.createTimer(new Date(Date.parse(this.now()) + seconds * 1000));
  }

  /** Begins again with fresh history. Must be the last thing an orchestrator does. */
  restart(input: Input): void {
    this.#context.df.continueAsNew(input);
  }

  /** Shown in the portal and by the management API; kept far below its 16 KB. */
  show(status: Record<string, string | number>): void {
    this.#context.df.setCustomStatus(status);
  }
}
