import fc from 'fast-check';
import type { Schedule } from './deeds.ts';
import { shorten } from './shorten.ts';

export interface Check {
  runs: number;
  seed: number;
  /** Throws when the schedule breaks a rule. */
  run: (schedule: Schedule) => Promise<void>;
}

/** Runs random schedules until one fails; throws then with the seed, the shortest schedule that fails alike, and its trace. */
export async function checkSchedules(
  arbitrary: fc.Arbitrary<Schedule>,
  { runs, seed, run }: Check,
): Promise<void> {
  const found = await fc.check(fc.asyncProperty(arbitrary, run), { seed, numRuns: runs, endOnFailure: true });
  if (!found.failed) return;
  const [schedule] = found.counterexample ?? [];
  if (schedule === undefined) throw new Error(`no schedule failed, and yet: ${String(found.errorInstance)}`);
  const kind = kindOf(found.errorInstance);
  const shortest = await shorten(
    schedule,
    async (shorter) => kindOf(await complaintOf(shorter, run)) === kind,
  );
  const complaint = await complaintOf(shortest, run);
  const steps = shortest.steps
    .map(({ deed, then }) => `  ${JSON.stringify(deed)}, then ${then} s`)
    .join('\n');
  throw new Error(
    `SEED=${seed}: the schedule number ${found.numRuns} fails; shortened, with chance ${shortest.chance} and a lock per ${shortest.lock}:\n${steps}\n\n${textOf(complaint)}`,
    { cause: complaint },
  );
}

async function complaintOf(schedule: Schedule, run: Check['run']): Promise<unknown> {
  try {
    await run(schedule);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The rule that is broken, without what names and numbers it is broken by. */
function kindOf(error: unknown): string {
  return textOf(error).slice(0, 25).replaceAll(/\d+/g, 'n');
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
