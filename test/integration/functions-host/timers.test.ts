import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it } from 'node:test';
import { z } from 'zod';
import { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import { startFunctionsHost } from '../../../infra/local/functions/host.ts';
import type { FunctionsHost } from '../../../infra/local/functions/host.ts';
import { EngineDouble } from './support/engine-double.ts';
import { dataDirectory, fixtureApp } from './support/fixture-app.ts';
import { until } from './support/until.ts';

const timer = z.object({
  schedule: z.object({ adjustForDST: z.boolean() }),
  scheduleStatus: z.object({ last: z.string(), next: z.string(), lastUpdated: z.string() }).nullable(),
  isPastDue: z.boolean(),
});
const fixture = z.object({
  fired: z.array(z.object({ name: z.string(), timer })),
  held: z.array(z.custom<() => void>((value) => typeof value === 'function')),
});

const start = Date.UTC(2026, 0, 1, 0, 1);
const minute = 60_000;

describe('timer functions', () => {
  let appDirectory: string;
  let data: string;
  let clock: SteppedClock;
  let host: FunctionsHost;
  let seen = 0;

  const allFired = (): z.output<typeof fixture>['fired'] =>
    fixture.parse(Reflect.get(globalThis, 'timerFixture')).fired;
  /** What fired since the last look. */
  const fired = (): z.output<typeof fixture>['fired'] => {
    const news = allFired().slice(seen);
    seen += news.length;
    return news;
  };
  const startHost = async (only: string[]): Promise<FunctionsHost> => {
    host = await startFunctionsHost({
      appDirectory,
      port: 0,
      clock,
      dataDirectory: data,
      durable: (options) => new EngineDouble(options),
      settings: { SWEEP_SCHEDULE: '00:10:00' },
      functions: only,
    });
    return host;
  };
  const idle = (): Promise<boolean> => until(() => host.idle(), 'idle');

  before(async () => {
    appDirectory = await fixtureApp('timers');
  });
  beforeEach(async () => {
    data = await dataDirectory();
    clock = new SteppedClock(start);
  });
  afterEach(() => host.stop());

  it('fires at its schedule, with the times it last fired and is due next', async () => {
    await startHost(['everyFiveMinutes']);
    assert.equal(clock.nextDue(), Date.UTC(2026, 0, 1, 0, 5));
    clock.step();
    await idle();
    clock.step();
    await idle();
    const [first, second, ...more] = fired();
    assert.equal(more.length, 0);
    assert.deepEqual(first?.timer, {
      schedule: { adjustForDST: true },
      scheduleStatus: {
        last: '0001-01-01T00:00:00.000Z',
        next: '2026-01-01T00:05:00.000Z',
        lastUpdated: '2026-01-01T00:01:00.000Z',
      },
      isPastDue: false,
    });
    assert.equal(second?.timer.scheduleStatus?.last, '2026-01-01T00:05:00.000Z');
    assert.equal(second.timer.scheduleStatus.next, '2026-01-01T00:10:00.000Z');
  });

  it('takes its schedule from a setting, as an interval too', async () => {
    await startHost(['fromSetting']);
    assert.equal(clock.nextDue(), start + 10 * minute);
  });

  it('runs at start-up when asked to', async () => {
    await startHost(['atStart']);
    await idle();
    assert.deepEqual(
      fired().map(({ name, timer: { isPastDue } }) => ({ name, isPastDue })),
      [{ name: 'atStart', isPastDue: false }],
    );
  });

  it('catches up at once, marked as past due, when an occurrence was missed while no host ran', async () => {
    await startHost(['everyFiveMinutes']);
    clock.step();
    await idle();
    await host.stop();
    clock.advanceTo(Date.UTC(2026, 0, 1, 0, 33));
    await startHost(['everyFiveMinutes']);
    await idle();
    assert.deepEqual(
      fired().map(({ timer: { isPastDue } }) => isPastDue),
      [false, true],
    );
    assert.equal(clock.nextDue(), Date.UTC(2026, 0, 1, 0, 35), 'one catch-up, then the schedule again');
  });

  it('is not past due when it restarts before its next occurrence', async () => {
    await startHost(['everyFiveMinutes']);
    await host.stop();
    clock.advanceTo(start + 2 * minute);
    await startHost(['everyFiveMinutes']);
    await idle();
    assert.deepEqual(fired(), []);
  });

  it('never overlaps itself, and skips what fell due meanwhile', async () => {
    await startHost(['slow']);
    clock.step();
    await until(
      () => fixture.parse(Reflect.get(globalThis, 'timerFixture')).held.length === 1,
      'the slow timer',
    );
    clock.advanceTo(Date.UTC(2026, 0, 1, 3, 0));
    assert.equal(fired().length, 1);
    fixture.parse(Reflect.get(globalThis, 'timerFixture')).held[0]?.();
    await idle();
    assert.equal(clock.nextDue(), Date.UTC(2026, 0, 1, 3, 30));
  });

  it('goes on after a failure', async () => {
    await startHost(['failing']);
    for (let hours = 2; hours <= 6; hours += 2) {
      assert.equal(clock.nextDue(), Date.UTC(2026, 0, 1, hours));
      clock.step();
      await idle();
    }
    assert.equal(fired().length, 3);
  });

  it('tells of a schedule it cannot read without stopping the others', async () => {
    await startHost(['faulty', 'everyFiveMinutes']);
    const status: unknown = await (await fetch(`${host.url}/admin/functions/faulty/status`)).json();
    assert.match(JSON.stringify(status), /'faulty' function is in error.*six fields/);
    assert.deepEqual(await (await fetch(`${host.url}/admin/functions/everyFiveMinutes/status`)).json(), {});
    assert.notEqual(clock.nextDue(), undefined);
  });

  it('can be run by hand, with its own timer object', async () => {
    await startHost(['everyFiveMinutes']);
    const response = await fetch(`${host.url}/admin/functions/everyFiveMinutes`, {
      method: 'POST',
      body: '{}',
    });
    assert.equal(response.status, 202);
    await until(() => allFired().length > seen, 'the run');
    assert.equal(fired()[0]?.timer.scheduleStatus?.next, '2026-01-01T00:05:00.000Z');
  });
});
