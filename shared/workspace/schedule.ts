/** Cron expressions with a time zone. Croner knows the rules of daylight saving; only its pure part is used: nothing is scheduled. */
import { Cron } from 'croner';

/** Cron expressions in one time zone. */
export interface Schedule {
  suspend: string;
  resume: string;
  /** IANA name. */
  timeZone: string;
}

/** Five fields, as Kubernetes' CronJobs take them. */
const fields = /^\S+(\s+\S+){4}$/;

export function isCron(text: string): boolean {
  if (text.length > 100 || !fields.test(text)) return false;
  try {
    return new Cron(text, { paused: true }).nextRun(new Date(0)) !== null;
  } catch {
    return false; // croner tells by throwing; the caller says what is expected
  }
}

export function isTimeZone(name: string): boolean {
  // What holds where none is named: a formatter costs a third of reading a whole Workspace.
  if (name === 'UTC') return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false; // Intl tells by throwing
  }
}

/** When a schedule turns next. */
export interface NextTurn {
  /** The schedule says so now: what happens next is a resume. */
  suspended: boolean;
  /** ISO 8601: when it says otherwise; null: never again. */
  at: string | null;
}

/** What a schedule says at `now` (ISO 8601). Whoever comes next tells the state: before a resume all is suspended. */
export function scheduleAt(schedule: Schedule, now: string): NextTurn {
  const suspend = next(schedule.suspend, schedule.timeZone, now);
  const resume = next(schedule.resume, schedule.timeZone, now);
  if (resume === null) return { suspended: false, at: suspend };
  return suspend === null || resume < suspend
    ? { suspended: true, at: resume }
    : { suspended: false, at: suspend };
}

function next(cron: string, timeZone: string, now: string): string | null {
  return new Cron(cron, { timezone: timeZone, paused: true }).nextRun(new Date(now))?.toISOString() ?? null;
}
