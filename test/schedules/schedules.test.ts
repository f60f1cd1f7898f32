import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { seed } from '../property/core/seed.ts';
import { checkSchedules } from './check-schedules.ts';
import { anySchedule, crashSchedule, isCrash } from './deeds.ts';
import { runSchedule } from './run-schedule.ts';

/** `npm test`; the soak runs ten thousand. */
const runs = Number(process.env['SCHEDULES'] ?? 500);
const timeout = 600_000 + runs * 2000;

describe('random schedules of wishes, faults, crashes and duplicates', () => {
  it('keep the invariants, and all comes right when all is well again', { timeout }, async () => {
    const endings: Record<string, number> = {};
    await checkSchedules(anySchedule, {
      runs: Math.ceil(runs * 0.8),
      seed: seed('schedules'),
      run: async (schedule) => {
        for (const ending of Object.values(await runSchedule(schedule))) {
          const phase = ending.split(' ', 1)[0] ?? '';
          endings[phase] = (endings[phase] ?? 0) + 1;
        }
      },
    });
    console.log('endings', endings);
  });

  it('end the same with and without crashes, losses and duplicates (I5)', { timeout }, async () => {
    await checkSchedules(crashSchedule, {
      runs: Math.ceil(runs * 0.1),
      seed: seed('crashes'),
      run: async (schedule) => {
        const calm = { ...schedule, chance: 0, steps: schedule.steps.filter(({ deed }) => !isCrash(deed)) };
        assert.deepEqual(await runSchedule(schedule), await runSchedule(calm));
      },
    });
  });
});
