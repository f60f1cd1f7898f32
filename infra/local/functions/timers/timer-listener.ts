import type { Clock, Scheduled } from '../../clock/clock.ts';
import { resolveSettings } from '../settings/app-settings.ts';
import type { HostFunction, HostInvocationRequest } from '../invoker.ts';
import type { Listener } from '../listener.ts';
import { parseSchedule } from './schedule.ts';
import type { Schedule } from './schedule.ts';
import { ScheduleStatusFile, never } from './schedule-status.ts';
import type { ScheduleStatus } from './schedule-status.ts';
import { timerInfo } from './timer-info.ts';

export interface TimerListenerOptions {
  function: HostFunction;
  clock: Clock;
  dataDirectory: string;
  /** Runs the function; never rejects. */
  invoke: (request: HostInvocationRequest) => Promise<unknown>;
  /** Told of what goes wrong outside the function, such as a status file that cannot be written. */
  onError: (error: unknown) => void;
}

/**
 * Fires one timer function on the virtual clock: at its schedule, at start-up when `runOnStartup`, and at once when an
 * occurrence was missed while no host ran. It never overlaps itself. Source: the timer extension's TimerListener.
 */
export class TimerListener implements Listener {
  readonly #options: TimerListenerOptions;
  readonly #schedule: Schedule;
  readonly #file: ScheduleStatusFile;
  readonly #isMonitored: boolean;
  #status: ScheduleStatus;
  #pending: Scheduled | undefined;
  #stopped = false;

  /** Throws when the schedule is not valid. */
  constructor(options: TimerListenerOptions) {
    this.#options = options;
    const { schedule, useMonitor } = options.function.trigger.options;
    this.#schedule = parseSchedule(resolveSettings(String(schedule)));
    this.#file = new ScheduleStatusFile(options.dataDirectory, options.function.name);
    this.#isMonitored = useMonitor !== false && !this.#isFrequent();
    this.#status = { Last: never, Next: this.#nextAfter(options.clock.now()), LastUpdated: never };
  }

  start(): void {
    const { function: fn, clock } = this.#options;
    const now = clock.now();
    const isPastDue = this.#isMonitored && this.#checkPastDue(now);
    if (isPastDue || fn.trigger.options['runOnStartup'] === true) this.#fire(isPastDue);
    else this.#scheduleAfter(now);
  }

  /** Fires no more; an invocation under way goes on. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#pending?.cancel();
    return Promise.resolve();
  }

  /** Schedules that come more than once a minute are not monitored, as in the real host. */
  #isFrequent(): boolean {
    const first = this.#schedule.next(this.#options.clock.now());
    const second = first === undefined ? undefined : this.#schedule.next(first);
    return first !== undefined && second !== undefined && second - first < 60_000;
  }

  #nextAfter(moment: number): string {
    const next = this.#schedule.next(moment);
    return next === undefined ? never : new Date(next).toISOString();
  }

  /** Compares the kept status with the schedule. A changed schedule counts from now on; it is never past due. */
  #checkPastDue(now: number): boolean {
    const kept = this.#file.read();
    if (kept === undefined) {
      this.#keep({ Last: never, Next: this.#nextAfter(now), LastUpdated: new Date(now).toISOString() });
      return false;
    }
    const since = Date.parse(kept.Last === never ? kept.LastUpdated : kept.Last);
    const expected = this.#nextAfter(since);
    this.#status = kept;
    if (kept.Next !== expected) {
      const isOver = expected !== never && now > Date.parse(expected);
      this.#keep({
        ...kept,
        Next: isOver ? this.#nextAfter(now) : expected,
        LastUpdated: new Date(since).toISOString(),
      });
    }
    return this.#status.Next !== never && now > Date.parse(this.#status.Next);
  }

  #scheduleAfter(moment: number): void {
    const next = this.#schedule.next(moment);
    if (next === undefined || this.#stopped) return;
    this.#pending = this.#options.clock.schedule(next, () => this.#fire(false));
  }

  #fire(isPastDue: boolean): void {
    const { clock, invoke, onError } = this.#options;
    const firedAt = clock.now();
    const reason = `Timer fired at ${new Date(firedAt).toISOString()}`;
    invoke({ reason, trigger: timerInfo(this.#status, isPastDue) })
      .then(() => {
        const fired = new Date(firedAt).toISOString();
        this.#keep({ Last: fired, Next: this.#nextAfter(firedAt), LastUpdated: fired });
        this.#scheduleAfter(Math.max(clock.now(), firedAt));
      })
      .catch(onError);
  }

  #keep(status: ScheduleStatus): void {
    this.#status = status;
    if (this.#isMonitored) this.#file.write(status);
  }
}
