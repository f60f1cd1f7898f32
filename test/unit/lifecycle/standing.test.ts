import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expiryOf } from '../../../shared/lifecycle/expiry.ts';
import { nextHold, standingOf } from '../../../shared/lifecycle/standing.ts';
import type { LifetimeOptions } from '../../../shared/workspace/lifetime-options.ts';
import { noLimits } from '../../../shared/workspace/lifetime-options.ts';
import { at } from './support/snapshots.ts';

/** Made at {@link at}(0), which is Sunday, 1 March 2026, 8:00 UTC. */
function workspace(options: Partial<LifetimeOptions>) {
  return { createdAt: at(0), lifetime: { ...noLimits, ...options } };
}
/** Five to nine, in UTC: Monday to Friday. */
const office = { suspend: '0 17 * * 1-5', resume: '0 9 * * 1-5', timeZone: 'UTC' };

describe('the end of a life', () => {
  it('is the earlier of time to live and expiry date', () => {
    assert.equal(expiryOf(workspace({})), null);
    assert.equal(expiryOf(workspace({ timeToLiveSeconds: 600 }))?.at, at(10));
    assert.equal(expiryOf(workspace({ timeToLiveSeconds: 600, expiresAt: at(5) }))?.at, at(5));
    assert.equal(expiryOf(workspace({ timeToLiveSeconds: 240, expiresAt: at(5) }))?.at, at(4));
  });

  it('cannot be counted from a creation that nobody noted', () => {
    assert.equal(expiryOf({ createdAt: '', lifetime: { ...noLimits, timeToLiveSeconds: 60 } }), null);
  });
});

describe('what the options of lifetime say', () => {
  const cases: [what: string, options: Partial<LifetimeOptions>, minutes: number, says: string][] = [
    ['nothing is said', {}, 0, 'nodes, for good'],
    ['its time is not over', { timeToLiveSeconds: 600 }, 9, `nodes until ${at(10)}`],
    ['its time is over', { timeToLiveSeconds: 600 }, 10, 'expired, for good'],
    [
      'its time is over and it is to sleep',
      { timeToLiveSeconds: 600, onExpiry: 'suspend' },
      10,
      'suspended, for good',
    ],
    [
      'its time is over, whatever is said by hand',
      { timeToLiveSeconds: 600, onExpiry: 'suspend', suspended: false },
      11,
      'suspended, for good',
    ],
    ['suspended by hand', { suspended: true }, 0, 'suspended, for good'],
    [
      'suspended by hand for a while',
      { suspended: true, suspendedUntil: at(5) },
      4,
      `suspended until ${at(5)}`,
    ],
    ['that while is over', { suspended: true, suspendedUntil: at(5) }, 5, 'nodes, for good'],
    [
      'suspended by hand, and expiry comes first',
      { suspended: true, suspendedUntil: at(50), timeToLiveSeconds: 600 },
      4,
      `suspended until ${at(10)}`,
    ],
    [
      'the schedule says so',
      { schedule: office },
      0,
      `suspended until ${at(25 * 60)}`, // Monday, 9:00
    ],
    [
      'by hand against the schedule',
      { schedule: office, suspended: false, suspendedUntil: at(25 * 60) },
      0,
      `nodes until ${at(25 * 60)}`,
    ],
    ['at work', { schedule: office }, 25 * 60, `nodes until ${at(33 * 60)}`],
  ];
  for (const [what, options, minutes, says] of cases) {
    it(`${what}: ${says.split(' ')[0] ?? ''}`, () => {
      const { holds, until } = standingOf(workspace(options), at(minutes));
      assert.equal(until === null ? `${holds}, for good` : `${holds} until ${until}`, says);
    });
  }

  it('keeps office hours through the change to summer time', () => {
    const schedule = { ...office, timeZone: 'Europe/Berlin' };
    // Germany puts its clocks forward on Sunday, 29 March 2026.
    const friday = standingOf(workspace({ schedule }), '2026-03-27T15:00:00.000Z');
    assert.deepEqual([friday.holds, friday.until], ['nodes', '2026-03-27T16:00:00.000Z']);
    const sunday = standingOf(workspace({ schedule }), '2026-03-29T12:00:00.000Z');
    assert.deepEqual([sunday.holds, sunday.until], ['suspended', '2026-03-30T07:00:00.000Z']);
    const monday = standingOf(workspace({ schedule }), '2026-03-30T07:00:00.000Z');
    assert.deepEqual([monday.holds, monday.until], ['nodes', '2026-03-30T15:00:00.000Z']);
  });
});

describe('the end of a suspension', () => {
  it('is foreseen through a by-hand time and a schedule', () => {
    const napping = workspace({ schedule: office, suspended: true, suspendedUntil: at(60) });
    assert.deepEqual(nextHold(napping, at(0)), { at: at(25 * 60), holds: 'nodes' });
  });

  it('may be the end of the workspace', () => {
    const last = workspace({ suspended: true, timeToLiveSeconds: 600 });
    assert.deepEqual(nextHold(last, at(0)), { at: at(10), holds: 'expired' });
  });

  it('is not to be foreseen when only a person can end it', () => {
    assert.equal(nextHold(workspace({ suspended: true }), at(0)), null);
    const parked = workspace({ timeToLiveSeconds: 60, onExpiry: 'suspend' });
    assert.equal(nextHold(parked, at(2)), null);
  });
});
