import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Placement } from '../../../shared/planning/placement.ts';
import { regionalOnDemand } from '../../../shared/planning/placement.ts';
import type { Refusal } from '../../../shared/planning/refusal.ts';
import {
  covers,
  failureOf,
  findRefusal,
  refusalFrom,
  withRefusals,
} from '../../../shared/planning/refusal.ts';
import type { ProvisioningFailure } from '../../../shared/provisioning/node-provisioner.ts';

const size = 'Standard_NC24ads_A100_v4';
const now = '2026-03-01T08:00:00.000Z';
const spot: Placement = { ...regionalOnDemand, priority: 'spot' };
const zone = (one: string): Placement => ({ ...regionalOnDemand, zones: [one] });
const reserved: Placement = { ...regionalOnDemand, capacityReservationGroup: '/groups/a' };

const failure = (code: string, change: Partial<ProvisioningFailure> = {}): ProvisioningFailure => ({
  class: 'next-rung',
  code,
  message: `${code}.`,
  ...change,
});

/** What is remembered of this code, refused for these terms and two nodes. */
function remembered(
  code: string,
  placement: Placement = regionalOnDemand,
  change: Partial<ProvisioningFailure> = {},
): Refusal {
  const offer = { instanceType: size, placement };
  return refusalFrom(failure(code, change), { offer, count: 2 }, now) ?? assert.fail(code);
}

const minutesOf = ({ since, until }: Refusal): number => (Date.parse(until) - Date.parse(since)) / 60_000;
const ask = (placement: Placement, count = 2, instanceType = size) => ({
  offer: { instanceType, placement },
  count,
});

describe('how long a refusal is remembered', () => {
  const cases: [what: string, refusal: Refusal, minutes: number][] = [
    ['a used-up quota', remembered('InsufficientQuota'), 10],
    ['a quota of zero', remembered('InsufficientQuota', regionalOnDemand, { retryAfterSeconds: 3600 }), 60],
    ['a lack of capacity', remembered('AllocationFailed'), 60],
    [
      'a lack of capacity, whatever the answer names',
      remembered('AllocationFailed', regionalOnDemand, { retryAfterSeconds: 5 }),
      60,
    ],
    ['a spot size that is out', remembered('SkuNotAvailable', spot), 60],
    ['a size that is restricted on demand', remembered('SkuNotAvailable'), 23 * 60],
    ['a size that is not offered', remembered('SizeNotOffered'), 23 * 60],
    [
      'a day at the very most',
      remembered('InsufficientQuota', regionalOnDemand, { retryAfterSeconds: 1e6 }),
      24 * 60,
    ],
  ];
  for (const [what, refusal, minutes] of cases) {
    it(`${what}: ${minutes} minutes`, () => assert.equal(minutesOf(refusal), minutes));
  }

  for (const code of ['NodeBootstrapFailed', 'DisallowedByPolicy', 'OperationInProgress', 'InvalidRequest']) {
    it(`${code}: not at all, for it says nothing about others`, () =>
      assert.equal(refusalFrom(failure(code), ask(regionalOnDemand), now), undefined));
  }
});

describe('what a refusal covers', () => {
  const cases: [what: string, refusal: Refusal, request: ReturnType<typeof ask>, covered: boolean][] = [
    ['the same request', remembered('AllocationFailed'), ask(regionalOnDemand), true],
    [
      'a reservation: not what everybody competes for',
      remembered('ReservationUnusable', reserved),
      ask(regionalOnDemand),
      false,
    ],
    ['a reservation: the same one', remembered('ReservationUnusable', reserved), ask(reserved, 1), true],
    [
      'the same size in other spelling',
      remembered('AllocationFailed'),
      ask(regionalOnDemand, 2, size.toUpperCase()),
      true,
    ],
    [
      'not another size',
      remembered('AllocationFailed'),
      ask(regionalOnDemand, 2, 'Standard_NC48ads_A100_v4'),
      false,
    ],
    ['more nodes', remembered('AllocationFailed'), ask(regionalOnDemand, 3), true],
    [
      'not fewer nodes: those may still come',
      remembered('AllocationFailed'),
      ask(regionalOnDemand, 1),
      false,
    ],
    ['capacity: not another zone', remembered('AllocationFailed'), ask(zone('1')), false],
    ['capacity: the same zone', remembered('ZonalAllocationFailed', zone('1')), ask(zone('1')), true],
    ['capacity: not spot for on-demand', remembered('AllocationFailed'), ask(spot), false],
    ['quota: every zone', remembered('InsufficientQuota'), ask(zone('1')), true],
    ['quota: not spot, which is counted apart', remembered('InsufficientQuota'), ask(spot), false],
    ['quota: not a reservation, which has its own', remembered('InsufficientQuota'), ask(reserved), false],
    ['quota: not fewer nodes', remembered('InsufficientQuota'), ask(regionalOnDemand, 1), false],
    [
      'spot quota: spot in every zone',
      remembered('InsufficientSpotQuota', spot),
      ask({ ...zone('1'), priority: 'spot' }),
      true,
    ],
    [
      'not offered: any terms and count',
      remembered('SizeNotOffered'),
      ask({ ...reserved, zones: ['2'] }, 1),
      true,
    ],
    [
      'not in the zone: spot neither',
      remembered('ZoneNotSupported', zone('3')),
      ask({ ...zone('3'), priority: 'spot' }, 1),
      true,
    ],
    ['not in the zone: other zones may', remembered('ZoneNotSupported', zone('3')), ask(zone('2')), false],
    [
      'spot: not for a higher price',
      remembered('AllocationFailed', { ...spot, spotMaxPrice: 1 }),
      ask({ ...spot, spotMaxPrice: 2 }),
      false,
    ],
    [
      'spot: for a lower price',
      remembered('AllocationFailed', spot),
      ask({ ...spot, spotMaxPrice: 2 }),
      true,
    ],
  ];
  for (const [what, refusal, request, covered] of cases) {
    it(what, () => assert.equal(covers(refusal, request), covered));
  }

  it('ends with its time', () => {
    const refusal = remembered('AllocationFailed');
    assert.equal(findRefusal([refusal], ask(regionalOnDemand), '2026-03-01T08:59:59.000Z'), refusal);
    assert.equal(findRefusal([refusal], ask(regionalOnDemand), refusal.until), undefined);
  });

  it('tells, of several, the one that lasts longest, and until when nobody asks', () => {
    const [short, long] = [remembered('InsufficientQuota'), remembered('SizeNotOffered')];
    const found = findRefusal([long, short], ask(regionalOnDemand), now);
    assert.equal(found?.code, 'SizeNotOffered');
    assert.match(failureOf(found).message, /not asked again before 2026-03-02T07:00Z/);
    assert.equal(failureOf(found).retryAfterSeconds, undefined);
  });
});

describe('the memory of refusals', () => {
  it('renews what is told again and drops what is over', () => {
    const old = remembered('AllocationFailed');
    const later = '2026-03-01T08:30:00.000Z';
    const offer = { instanceType: size, placement: regionalOnDemand };
    const fresh = refusalFrom(failure('AllocationFailed'), { offer, count: 1 }, later) ?? assert.fail();
    assert.deepEqual(withRefusals([old], [fresh], later), [fresh]);
    assert.deepEqual(withRefusals([old], [], old.until), []);
  });

  it('keeps apart what was refused for different reasons or terms', () => {
    const all = [
      remembered('AllocationFailed'),
      remembered('AllocationFailed', spot),
      remembered('AllocationFailed', zone('1')),
      remembered('InsufficientQuota'),
    ];
    assert.equal(withRefusals([], all, now).length, 4);
  });

  it('is bounded: what ends first is forgotten first', () => {
    const many = Array.from({ length: 250 }, (_, index): Refusal => {
      const until = new Date(Date.parse(now) + (index + 1) * 60_000).toISOString();
      return { ...remembered('AllocationFailed'), instanceType: `Standard_${index}`, until };
    });
    const kept = withRefusals([], many, now);
    assert.equal(kept.length, 200);
    assert.ok(kept.every(({ instanceType }) => Number(instanceType.slice(9)) >= 50));
  });
});
