import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { startVirtualTime } from '../../../infra/local/platform/virtual-time.ts';

function folder(test: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-time-'));
  test.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The wall clock, moved by the test. */
function wallClock(test: TestContext): { pass(milliseconds: number): void } {
  test.mock.timers.enable({ apis: ['Date', 'setInterval'], now: Date.UTC(2026, 0, 1) });
  return { pass: (milliseconds) => test.mock.timers.tick(milliseconds) };
}

const hour = 3_600_000;

describe('virtual time over restarts', () => {
  it('is real time on first use at speed 1', (test) => {
    const wall = wallClock(test);
    const time = startVirtualTime(folder(test), 1);
    wall.pass(5_000);
    assert.equal(time.clock.now(), Date.now());
    time.stop();
  });

  it('goes on where it stopped, having stood still meanwhile', (test) => {
    const wall = wallClock(test);
    const directory = folder(test);
    const first = startVirtualTime(directory, 60);
    wall.pass(hour);
    first.stop();
    const stoppedAt = first.clock.now();
    wall.pass(5 * hour);
    const second = startVirtualTime(directory, 60);
    assert.equal(second.clock.now(), stoppedAt);
    second.stop();
  });

  it('does not go back when the speed falls', (test) => {
    const wall = wallClock(test);
    const directory = folder(test);
    const fast = startVirtualTime(directory, 100);
    wall.pass(hour);
    fast.stop();
    const slow = startVirtualTime(directory, 1);
    assert.equal(slow.clock.now(), fast.clock.now());
    wall.pass(hour);
    assert.equal(slow.clock.now(), fast.setting.virtualStart + 101 * hour);
    slow.stop();
  });

  it('does not go back after a kill between two heartbeats', (test) => {
    const wall = wallClock(test);
    const directory = folder(test);
    const killed = startVirtualTime(directory, 60);
    wall.pass(hour + 1_500);
    const lastMoment = killed.clock.now();
    // No stop(): the process is gone. Its successor starts half a minute later.
    wall.pass(0);
    test.mock.timers.reset();
    test.mock.timers.enable({ apis: ['Date', 'setInterval'], now: Date.UTC(2026, 0, 1) + hour + 31_500 });
    const next = startVirtualTime(directory, 60);
    assert.ok(next.clock.now() >= lastMoment, `${next.clock.now()} < ${lastMoment}`);
    assert.ok(next.clock.now() <= lastMoment + 10_000 * 60, 'and it did not run on while nothing ran');
    next.stop();
  });

  it('is never behind the wall clock', (test) => {
    const wall = wallClock(test);
    const directory = folder(test);
    startVirtualTime(directory, 1).stop();
    wall.pass(24 * hour);
    const time = startVirtualTime(directory, 30);
    assert.equal(time.clock.now(), Date.now());
    time.stop();
  });

  it('says which file is damaged and what to do', (test) => {
    const directory = folder(test);
    writeFileSync(join(directory, 'clock.json'), '{"setting":{"speed":0}}');
    assert.throws(() => startVirtualTime(directory, 1), /clock\.json is damaged.*--fresh/);
  });
});
