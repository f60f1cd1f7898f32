import type { Schedule, Step } from './deeds.ts';

/** Real milliseconds that shortening may take: a failure must be told while somebody still waits. */
const patience = 45_000;

/**
 * The shortest schedule found that still fails as `schedule` does: without chance, without single steps, without waits. `fails` tells
 * whether a schedule does; what it throws is nobody's business here.
 */
export async function shorten(
  schedule: Schedule,
  fails: (schedule: Schedule) => Promise<boolean>,
): Promise<Schedule> {
  const until = performance.now() + patience;
  let best = schedule;
  for (let found: Schedule | undefined = best; found !== undefined;) {
    best = found;
    found = await firstThat(candidates(best), async (shorter) => performance.now() < until && fails(shorter));
  }
  return best;
}

function* candidates(schedule: Schedule): Generator<Schedule> {
  const { steps } = schedule;
  if (schedule.chance !== 0) yield { ...schedule, chance: 0 };
  if (schedule.lock !== 'pool') yield { ...schedule, lock: 'pool' };
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let start = 0; start < steps.length; start += size)
      yield { ...schedule, steps: [...steps.slice(0, start), ...steps.slice(start + size)] };
  for (const [index, step] of steps.entries())
    if (step.then > 0) yield { ...schedule, steps: replaced(steps, index, { ...step, then: 0 }) };
}

function replaced(steps: readonly Step[], index: number, step: Step): Step[] {
  return steps.map((one, position) => (position === index ? step : one));
}

async function firstThat(
  schedules: Iterable<Schedule>,
  holds: (schedule: Schedule) => Promise<boolean>,
): Promise<Schedule | undefined> {
  for (const schedule of schedules) if (await holds(schedule)) return schedule;
  return undefined;
}
