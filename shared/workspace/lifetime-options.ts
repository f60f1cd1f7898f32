/** How long and when a workspace holds nodes: `slipway.dev/*` annotations, read. */
import type { Annotations } from './annotations.ts';
import { SlipwayAnnotation } from './annotations.ts';
import type { Findings } from './fault.ts';
import { OptionReader } from './option-reader.ts';
import { durationSeconds } from './duration.ts';
import type { Schedule } from './schedule.ts';
import { isCron, isTimeZone } from './schedule.ts';

export const suspendModes = ['scale-to-zero', 'stop'] as const;
export const expiryActions = ['delete', 'suspend'] as const;

export interface LifetimeOptions {
  /** Seconds from the record's creation; null: no limit. */
  timeToLiveSeconds: number | null;
  /** ISO 8601, UTC. */
  expiresAt: string | null;
  onExpiry: (typeof expiryActions)[number];
  /** What the user said by hand; null: the schedule decides. */
  suspended: boolean | null;
  /** ISO 8601, UTC: from then on `suspended` does not count. */
  suspendedUntil: string | null;
  suspendMode: (typeof suspendModes)[number];
  schedule: Schedule | null;
}

/** Nothing asked for: nodes as long as the workspace is there. */
export const noLimits: LifetimeOptions = {
  timeToLiveSeconds: null,
  expiresAt: null,
  onExpiry: 'delete',
  suspended: null,
  suspendedUntil: null,
  suspendMode: 'scale-to-zero',
  schedule: null,
};

/** They say how long and when there are nodes, and nothing of the nodes or of the workload. */
const lifetimeAnnotations: ReadonlySet<string> = new Set([
  SlipwayAnnotation.timeToLive,
  SlipwayAnnotation.expiresAt,
  SlipwayAnnotation.onExpiry,
  SlipwayAnnotation.suspended,
  SlipwayAnnotation.suspendedUntil,
  SlipwayAnnotation.suspendMode,
  SlipwayAnnotation.suspendSchedule,
  SlipwayAnnotation.resumeSchedule,
  SlipwayAnnotation.scheduleTimeZone,
]);

export function withoutLifetime(annotations: Annotations): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => !lifetimeAnnotations.has(key)));
}

const flags = ['true', 'false'] as const;
const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** Reads the options; what is wrong is added to `findings` and read as not given. */
export function readLifetimeOptions(annotations: Annotations, findings: Findings): LifetimeOptions {
  const read = new OptionReader(annotations, findings);
  const suspended = read.word(SlipwayAnnotation.suspended, flags);
  return {
    timeToLiveSeconds: readDuration(read),
    expiresAt: readTime(read, SlipwayAnnotation.expiresAt),
    onExpiry: read.word(SlipwayAnnotation.onExpiry, expiryActions) ?? 'delete',
    suspended: suspended === null ? null : suspended === 'true',
    suspendedUntil: readTime(read, SlipwayAnnotation.suspendedUntil),
    suspendMode: read.word(SlipwayAnnotation.suspendMode, suspendModes) ?? 'scale-to-zero',
    schedule: readSchedule(read),
  };
}

function readDuration(read: OptionReader): number | null {
  const key = SlipwayAnnotation.timeToLive;
  const text = read.text(key, { matches: /^/, remedy: '' });
  if (text === null) return null;
  const seconds = durationSeconds(text);
  if (seconds !== undefined && seconds > 0) return seconds;
  read.refuse(
    key,
    `"${text.slice(0, 80)}" is not a duration`,
    'write a duration such as 90m, 8h, 1h30m or 7d',
  );
  return null;
}

function readTime(read: OptionReader, key: string): string | null {
  const text = read.text(key, { matches: rfc3339, remedy: rfc3339Remedy });
  if (text === null) return null;
  const time = rfc3339Time(text);
  if (time !== undefined) return time;
  read.refuse(key, `"${text}" is no time`, rfc3339Remedy);
  return null;
}

export const rfc3339Remedy = 'write an RFC 3339 time such as 2026-12-24T18:00:00Z';

/** An RFC 3339 time as ISO 8601 in UTC; undefined for any other text. */
export function rfc3339Time(text: string): string | undefined {
  const time = rfc3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

function readSchedule(read: OptionReader): Schedule | null {
  const remedy = 'write five cron fields, such as 0 19 * * 1-5';
  const [suspend, resume, zone] = [
    SlipwayAnnotation.suspendSchedule,
    SlipwayAnnotation.resumeSchedule,
    SlipwayAnnotation.scheduleTimeZone,
  ].map((key) => read.text(key, { matches: /^/, remedy: '' }));
  const timeZone = zone ?? 'UTC';
  if (!isTimeZone(timeZone)) {
    read.refuse(
      SlipwayAnnotation.scheduleTimeZone,
      `"${timeZone.slice(0, 80)}" is not a known time zone`,
      'write an IANA name such as Europe/Berlin',
    );
    return null;
  }
  const crons: [key: string, text: string | null | undefined][] = [
    [SlipwayAnnotation.suspendSchedule, suspend],
    [SlipwayAnnotation.resumeSchedule, resume],
  ];
  for (const [key, text] of crons) {
    if (typeof text === 'string' && !isCron(text)) {
      read.refuse(key, `"${text.slice(0, 80)}" is not a cron expression`, remedy);
      return null;
    }
  }
  if (typeof suspend === 'string' && typeof resume === 'string') return { suspend, resume, timeZone };
  const lonely = crons.find(([, text]) => typeof text === 'string');
  if (lonely !== undefined) {
    read.refuse(lonely[0], 'stands alone', 'give both a suspend and a resume schedule');
  } else if (typeof zone === 'string') {
    read.refuse(SlipwayAnnotation.scheduleTimeZone, 'is given without a schedule', 'remove it');
  }
  return null;
}
