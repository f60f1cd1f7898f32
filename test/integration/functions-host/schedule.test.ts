import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseTimeSpan } from '../../../infra/local/functions/settings/time-span.ts';
import { parseSchedule } from '../../../infra/local/functions/timers/schedule.ts';

const next = (schedule: string, after: string): string | undefined => {
  const moment = parseSchedule(schedule).next(Date.parse(after));
  return moment === undefined ? undefined : new Date(moment).toISOString().replace('.000Z', 'Z');
};

describe('timer schedules', () => {
  const cases: [schedule: string, after: string, due: string | undefined][] = [
    ['0 */5 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:05:00Z'],
    ['*/5 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:05:00Z'],
    ['*/15 * * * * *', '2026-01-01T00:00:44.999Z', '2026-01-01T00:00:45Z'],
    ['0 0 9-17 * * MON-FRI', '2026-01-02T17:00:00Z', '2026-01-05T09:00:00Z'],
    ['0 30 9 * Jan Mon', '2026-01-26T09:30:00Z', '2027-01-04T09:30:00Z'],
    ['0 0 0 29 2 *', '2026-03-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['0 0 0 31 2 *', '2026-01-01T00:00:00Z', undefined],
    ['0 0 0 13 * 5', '2026-01-01T00:00:00Z', '2026-02-13T00:00:00Z'],
    ['10/20 0 0 1,15 * *', '2026-01-01T00:00:50Z', '2026-01-15T00:00:10Z'],
    ['59 59 23 31 12 *', '2026-12-31T23:59:59Z', '2027-12-31T23:59:59Z'],
    ['00:00:30', '2026-01-01T00:00:00Z', '2026-01-01T00:00:30Z'],
    ['1.00:00:00', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
  ];
  for (const [schedule, after, due] of cases) {
    it(`${schedule} after ${after} is due ${due ?? 'never'}`, () => {
      assert.equal(next(schedule, after), due);
    });
  }

  it('names the field at fault', () => {
    assert.throws(() => parseSchedule('0 60 * * * *'), /'60' is not a valid minute \(0 to 59\)/);
    assert.throws(() => parseSchedule('0 0 0 * Foo *'), /'Foo' is not a valid month/);
    assert.throws(() => parseSchedule('0 0 5-1 * * *'), /not a valid range of hour/);
    assert.throws(() => parseSchedule('0 */0 * * * *'), /a step is at least 1/);
    assert.throws(() => parseSchedule('* * *'), /six fields/);
    assert.throws(() => parseSchedule('00:00:00'), /above zero/);
  });

  it('agrees with going through every second of two days', () => {
    const field = (least: number, most: number): fc.Arbitrary<string> =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min: least, max: most }).map(String),
        fc.integer({ min: 1, max: most }).map((step) => `*/${step}`),
        fc
          .uniqueArray(fc.integer({ min: least, max: most }), { minLength: 1, maxLength: 3 })
          .map((list) => list.join(',')),
      );
    const matches = (text: string, least: number, value: number): boolean => {
      if (text === '*') return true;
      if (text.startsWith('*/')) return (value - least) % Number(text.slice(2)) === 0;
      return text.split(',').map(Number).includes(value);
    };
    const start = Date.UTC(2026, 1, 27, 22);
    const window = 2 * 86_400_000;
    fc.assert(
      fc.property(
        fc.tuple(field(0, 59), field(0, 59), field(0, 23), field(1, 31), field(0, 6)),
        fc.integer({ min: 0, max: 86_400_000 }),
        ([second, minute, hour, day, weekday], offset) => {
          const after = start + offset;
          const due = parseSchedule(`${second} ${minute} ${hour} ${day} * ${weekday}`).next(after);
          let expected: number | undefined;
          for (
            let at = Math.floor(after / 1000) * 1000 + 1000;
            at <= start + window && expected === undefined;
            at += 1000
          ) {
            const date = new Date(at);
            const isDue =
              matches(second, 0, date.getUTCSeconds()) &&
              matches(minute, 0, date.getUTCMinutes()) &&
              matches(hour, 0, date.getUTCHours()) &&
              matches(day, 1, date.getUTCDate()) &&
              matches(weekday, 0, date.getUTCDay());
            if (isDue) expected = at;
          }
          if (expected !== undefined) assert.equal(due, expected);
          else assert.ok(due === undefined || due > start + window);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('TimeSpan texts', () => {
  it('are read to the millisecond', () => {
    assert.equal(parseTimeSpan('00:00:00.80'), 800);
    assert.equal(parseTimeSpan('6.00:00:00'), 6 * 86_400_000);
    assert.equal(parseTimeSpan('01:30'), 5_400_000);
    assert.equal(parseTimeSpan('00:05:00'), 300_000);
  });

  it('are refused when they are none', () => {
    for (const text of ['5', '00:61:00', '25:00:00', '0 * * * * *', ''])
      assert.equal(parseTimeSpan(text), undefined);
  });
});
