/**
 * NCRONTAB: six fields `second minute hour day-of-month month day-of-week`, or five without seconds. All fields must
 * hold at once (classic cron takes either day field). Source: the NCrontab library that the timer extension uses.
 * Evaluated in UTC. No installed library evaluates cron expressions.
 */
export interface CronSchedule {
  seconds: readonly number[];
  minutes: readonly number[];
  hours: readonly number[];
  days: ReadonlySet<number>;
  months: ReadonlySet<number>;
  weekdays: ReadonlySet<number>;
}

interface Field {
  name: string;
  least: number;
  most: number;
  names?: readonly string[];
}

const monthNames =
  'january february march april may june july august september october november december'.split(' ');
const dayNames = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');

const fields: readonly Field[] = [
  { name: 'second', least: 0, most: 59 },
  { name: 'minute', least: 0, most: 59 },
  { name: 'hour', least: 0, most: 23 },
  { name: 'day of month', least: 1, most: 31 },
  { name: 'month', least: 1, most: 12, names: monthNames },
  { name: 'day of week', least: 0, most: 6, names: dayNames },
];

/** Parses five or six fields. Throws with the field at fault. */
export function parseCron(text: string): CronSchedule {
  const given = text.trim().split(/\s+/);
  if (given.length !== 5 && given.length !== 6) {
    throw new Error(`'${text}' is not a schedule: NCRONTAB has six fields (five without seconds).`);
  }
  const parts = given.length === 5 ? ['0', ...given] : given;
  const values = fields.map((field, index) => parseField(field, parts[index] ?? ''));
  const [seconds = [], minutes = [], hours = [], days, months, weekdays] = values;
  return {
    seconds,
    minutes,
    hours,
    days: new Set(days),
    months: new Set(months),
    weekdays: new Set(weekdays),
  };
}

/** Sorted values of a list such as `*`, `5`, `1-5`, `*\/10`, `10/5`, `mon-fri`, `1,3,5`. */
function parseField(field: Field, text: string): number[] {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [, range = '', step] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
    const [least, most] = parseRange(field, range, step !== undefined);
    const stride = step === undefined ? 1 : Number(step);
    if (stride < 1) throw new Error(`'${part}' is not a valid ${field.name}: a step is at least 1.`);
    for (let value = least; value <= most; value += stride) values.add(value);
  }
  return [...values].sort((left, right) => left - right);
}

function parseRange(field: Field, text: string, hasStep: boolean): [number, number] {
  if (text === '*') return [field.least, field.most];
  const [from = '', to, ...more] = text.split('-');
  const least = parseValue(field, from);
  // `10/5` runs from 10 to the end.
  const most = to !== undefined ? parseValue(field, to) : hasStep ? field.most : least;
  if (more.length > 0 || least > most) throw new Error(`'${text}' is not a valid range of ${field.name}.`);
  return [least, most];
}

function parseValue({ name, least, most, names }: Field, text: string): number {
  const byName =
    text.length < 3 ? -1 : (names?.findIndex((known) => known.startsWith(text.toLowerCase())) ?? -1);
  const value = byName >= 0 ? byName + least : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new Error(`'${text}' is not a valid ${name} (${least} to ${most}).`);
  return value;
}

/** Beyond this no day can match any more: leap days repeat within eight years. */
const searchedDays = 366 * 9;

/** First moment strictly after `after` (epoch milliseconds) that the schedule names; undefined when there is none. */
export function nextCronOccurrence(schedule: CronSchedule, after: number): number | undefined {
  const start = Math.floor(after / 1000) * 1000 + 1000;
  const first = new Date(start);
  for (let offset = 0; offset < searchedDays; offset += 1) {
    const day = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), first.getUTCDate() + offset));
    const isNamed =
      schedule.months.has(day.getUTCMonth() + 1) &&
      schedule.days.has(day.getUTCDate()) &&
      schedule.weekdays.has(day.getUTCDay());
    if (!isNamed) continue;
    const found = firstTimeOfDay(schedule, day.getTime(), start);
    if (found !== undefined) return found;
  }
  return undefined;
}

function firstTimeOfDay(
  { hours, minutes, seconds }: CronSchedule,
  day: number,
  start: number,
): number | undefined {
  for (const hour of hours) {
    if (day + (hour + 1) * 3_600_000 <= start) continue;
    for (const minute of minutes) {
      for (const second of seconds) {
        const moment = day + hour * 3_600_000 + minute * 60_000 + second * 1000;
        if (moment >= start) return moment;
      }
    }
  }
  return undefined;
}
