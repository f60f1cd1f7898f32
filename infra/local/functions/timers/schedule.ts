import { parseTimeSpan } from '../settings/time-span.ts';
import { nextCronOccurrence, parseCron } from './ncrontab.ts';

/** When a timer is due next, as epoch milliseconds after the given moment; undefined means never again. */
export interface Schedule {
  next(after: number): number | undefined;
}

/** Reads a timer trigger's `schedule`: NCRONTAB or a TimeSpan such as `00:05:00`. Throws on anything else. */
export function parseSchedule(text: string): Schedule {
  const interval = parseTimeSpan(text);
  if (interval !== undefined) {
    if (interval <= 0) throw new Error(`'${text}' is not a schedule: the interval must be above zero.`);
    return { next: (after) => after + interval };
  }
  const cron = parseCron(text);
  return { next: (after) => nextCronOccurrence(cron, after) };
}
