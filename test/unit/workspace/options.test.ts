import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SlipwayAnnotation } from '../../../shared/workspace/annotations.ts';
import { durationSeconds } from '../../../shared/workspace/duration.ts';
import { noFindings } from '../../../shared/workspace/fault.ts';
import { readLifetimeOptions } from '../../../shared/workspace/lifetime-options.ts';
import { readProvisioningOptions } from '../../../shared/workspace/provisioning-options.ts';
import { scheduleAt } from '../../../shared/workspace/schedule.ts';
import { readWorkspace, validateCreate } from '../../../shared/workspace/validate.ts';

const reservation =
  '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/capacityReservationGroups/gpus';

/** What a door says about a workspace with these annotations. */
function faultsOf(annotations: Record<string, string>) {
  const answer = validateCreate({
    apiVersion: 'kaito.sh/v1beta1',
    kind: 'Workspace',
    metadata: { name: 'phi', annotations },
    resource: { instanceType: 'Standard_NC24ads_A100_v4', labelSelector: { matchLabels: { app: 'phi' } } },
    inference: { preset: { name: 'phi-4' } },
  });
  return answer.ok ? [] : answer.faults;
}

const refused: [
  name: string,
  annotations: Record<string, string>,
  key: string,
  says: RegExp,
  remedy: RegExp,
][] = [
  [
    'a negative spot price',
    { 'slipway.dev/priority': 'spot', 'slipway.dev/spot-max-price': '-1' },
    'spot-max-price',
    /"-1" is not a positive price/,
    /up to the on-demand price/,
  ],
  [
    'a spot price of nought',
    { 'slipway.dev/priority': 'spot', 'slipway.dev/spot-max-price': '0' },
    'spot-max-price',
    /not a positive price/,
    /1\.50/,
  ],
  [
    'a spot price without spot',
    { 'slipway.dev/spot-max-price': '2' },
    'spot-max-price',
    /no spot node/,
    /spot-then-on-demand/,
  ],
  [
    'an unknown priority',
    { 'slipway.dev/priority': 'Spot' },
    'priority',
    /"Spot" is not supported/,
    /on-demand, spot, spot-then-on-demand/,
  ],
  ['a zone that Azure has nowhere', { 'slipway.dev/zones': '1,x' }, 'zones', /"x" is not valid/, /1,2/],
  [
    'a foreign zone name',
    { 'slipway.dev/fallback-zones': 'eastus-1' },
    'fallback-zones',
    /"eastus-1"/,
    /1,2/,
  ],
  ['a zone named twice', { 'slipway.dev/zones': '1,1' }, 'zones', /twice/, /once/],
  [
    'zones and fallback zones',
    { 'slipway.dev/zones': '1', 'slipway.dev/fallback-zones': '2' },
    'fallback-zones',
    /cannot be combined/,
    /keep one/,
  ],
  [
    'a fallback that is no size',
    { 'slipway.dev/fallback-instance-types': 'Standard_A;rm' },
    'fallback-instance-types',
    /Standard_A;rm/,
    /comma-separated/,
  ],
  [
    'a fallback that no table knows',
    { 'slipway.dev/fallback-instance-types': 'Stanadrd_NC40ads_H100_v5' },
    'fallback-instance-types',
    /Stanadrd_NC40ads_H100_v5.* no GPU size/,
    /did you mean Standard_NC40ads_H100_v5/,
  ],
  [
    'an empty fallback',
    { 'slipway.dev/fallback-instance-types': 'Standard_NC40ads_H100_v5,' },
    'fallback-instance-types',
    /"" is not valid/,
    /VM sizes/,
  ],
  [
    'a ladder without end',
    {
      'slipway.dev/fallback-instance-types': 'abcdefghi'
        .split('')
        .map((one) => `Standard_${one}`)
        .join(),
    },
    'fallback-instance-types',
    /names 9/,
    /at most 8/,
  ],
  [
    'a reservation by name',
    { 'slipway.dev/capacity-reservation-group': 'gpus' },
    'capacity-reservation-group',
    /"gpus"/,
    /ARM id/,
  ],
  [
    'spot from a reservation',
    { 'slipway.dev/priority': 'spot', 'slipway.dev/capacity-reservation-group': reservation },
    'capacity-reservation-group',
    /spot/,
    /on-demand/,
  ],
  [
    'an unknown allocation',
    { 'slipway.dev/node-allocation': 'mine' },
    'node-allocation',
    /"mine"/,
    /dedicated, shared/,
  ],
  ['a bare number as duration', { 'slipway.dev/ttl': '90' }, 'ttl', /"90" is not a duration/, /8h/],
  ['a duration of nothing', { 'slipway.dev/ttl': '0s' }, 'ttl', /not a duration/, /90m/],
  ['a negative duration', { 'slipway.dev/ttl': '-8h' }, 'ttl', /not a duration/, /90m/],
  ['a date without time', { 'slipway.dev/expires-at': '2026-12-24' }, 'expires-at', /2026-12-24/, /RFC 3339/],
  [
    'a day that is none',
    { 'slipway.dev/expires-at': '2026-13-24T00:00:00Z' },
    'expires-at',
    /no time/,
    /RFC 3339/,
  ],
  ['an unknown expiry', { 'slipway.dev/on-expiry': 'explode' }, 'on-expiry', /explode/, /delete, suspend/],
  [
    'a cron of six fields',
    { 'slipway.dev/suspend-schedule': '0 0 19 * * 1', 'slipway.dev/resume-schedule': '0 8 * * 1' },
    'suspend-schedule',
    /not a cron/,
    /five cron fields/,
  ],
  [
    'a cron that never comes',
    { 'slipway.dev/suspend-schedule': '0 0 31 2 *', 'slipway.dev/resume-schedule': '0 8 * * 1' },
    'suspend-schedule',
    /not a cron/,
    /five/,
  ],
  [
    'half a schedule',
    { 'slipway.dev/suspend-schedule': '0 19 * * 1' },
    'suspend-schedule',
    /stands alone/,
    /both/,
  ],
  [
    'an unknown time zone',
    {
      'slipway.dev/suspend-schedule': '0 19 * * 1',
      'slipway.dev/resume-schedule': '0 8 * * 1',
      'slipway.dev/schedule-time-zone': 'Mars/Olympus',
    },
    'schedule-time-zone',
    /Mars\/Olympus/,
    /IANA/,
  ],
  [
    'a time zone alone',
    { 'slipway.dev/schedule-time-zone': 'Europe/Berlin' },
    'schedule-time-zone',
    /without a schedule/,
    /remove/,
  ],
  [
    'an option that does not exist',
    { 'slipway.dev/spot': 'true' },
    'spot',
    /not an annotation of Slipway/,
    /./,
  ],
];

describe('options of provisioning and lifetime', () => {
  for (const [name, annotations, key, says, remedy] of refused) {
    it(`refuses ${name} at the door, with field and remedy`, () => {
      const faults = faultsOf(annotations);
      const [fault] = faults;
      assert.equal(faults.length, 1, JSON.stringify(faults));
      assert.equal(fault?.field, `metadata.annotations[slipway.dev/${key}]`);
      assert.match(fault.message, says);
      assert.match(fault.remedy ?? '', remedy);
    });
  }

  const sleepy: [annotation: string, value: string][] = [
    ['suspended', 'true'],
    ['suspend-schedule', '0 19 * * 1-5'],
    ['on-expiry', 'suspend'],
  ];
  for (const [annotation, value] of sleepy) {
    it(`refuses ${annotation} ${value} for a tuning workspace, however it comes`, () => {
      const key = `slipway.dev/${annotation}`;
      const both = annotation === 'suspend-schedule' ? { 'slipway.dev/resume-schedule': '0 7 * * 1-5' } : {};
      const tuning = {
        apiVersion: 'kaito.sh/v1beta1',
        kind: 'Workspace',
        metadata: { name: 'phi', annotations: { [key]: value, ...both } },
        resource: {
          instanceType: 'Standard_NC24ads_A100_v4',
          labelSelector: { matchLabels: { app: 'phi' } },
        },
        tuning: {
          preset: { name: 'phi-3-mini-4k-instruct' },
          method: 'qlora',
          input: { urls: ['https://example.org/train.parquet'] },
          output: { image: 'example.azurecr.io/phi:1', imagePushSecret: 'registry' },
        },
      };
      for (const answer of [validateCreate(tuning), readWorkspace(tuning)]) {
        const faults = answer.ok ? [] : answer.faults;
        assert.deepEqual(
          faults.map(({ field }) => field),
          [`metadata.annotations[${key}]`],
          JSON.stringify(faults),
        );
        assert.match(faults[0]?.message ?? '', /its Job would begin from the start/);
      }
      const harmless = { ...tuning, metadata: { name: 'phi', annotations: { 'slipway.dev/ttl': '8h' } } };
      assert.equal(validateCreate(harmless).ok, true);
    });
  }

  it('tells all faults at once', () => {
    const faults = faultsOf({
      'slipway.dev/ttl': 'soon',
      'slipway.dev/zones': 'a',
      'slipway.dev/priority': 'b',
    });
    assert.equal(faults.length, 3);
  });

  it('reads every option', () => {
    const provisioning = readProvisioningOptions(
      {
        [SlipwayAnnotation.fallbackInstanceTypes]: 'Standard_NC40ads_H100_v5, Standard_NV36ads_A10_v5',
        [SlipwayAnnotation.priority]: 'spot-then-on-demand',
        [SlipwayAnnotation.spotMaxPrice]: '1.50',
        [SlipwayAnnotation.fallbackZones]: '1, 3',
        [SlipwayAnnotation.capacityReservationGroup]: reservation,
        [SlipwayAnnotation.nodeAllocation]: 'shared',
      },
      noFindings(),
    );
    assert.deepEqual(provisioning, {
      fallbackInstanceTypes: ['Standard_NC40ads_H100_v5', 'Standard_NV36ads_A10_v5'],
      priority: 'spot-then-on-demand',
      spotMaxPrice: 1.5,
      zones: [],
      fallbackZones: ['1', '3'],
      capacityReservationGroup: reservation,
      nodeAllocation: 'shared',
    });
    const lifetime = readLifetimeOptions(
      {
        [SlipwayAnnotation.timeToLive]: '1h30m',
        [SlipwayAnnotation.expiresAt]: '2026-12-24T18:00:00+01:00',
        [SlipwayAnnotation.onExpiry]: 'suspend',
        [SlipwayAnnotation.suspended]: 'true',
        [SlipwayAnnotation.suspendMode]: 'stop',
        [SlipwayAnnotation.suspendSchedule]: '0 19 * * 1-5',
        [SlipwayAnnotation.resumeSchedule]: '0 8 * * 1-5',
        [SlipwayAnnotation.scheduleTimeZone]: 'Europe/Berlin',
      },
      noFindings(),
    );
    assert.deepEqual(lifetime, {
      timeToLiveSeconds: 5400,
      expiresAt: '2026-12-24T17:00:00.000Z',
      onExpiry: 'suspend',
      suspended: true,
      suspendedUntil: null,
      suspendMode: 'stop',
      schedule: { suspend: '0 19 * * 1-5', resume: '0 8 * * 1-5', timeZone: 'Europe/Berlin' },
    });
  });

  it('asks for nothing unusual unless told', () => {
    assert.deepEqual(faultsOf({}), []);
    assert.equal(readProvisioningOptions({}, noFindings()).priority, 'on-demand');
    assert.equal(readLifetimeOptions({}, noFindings()).timeToLiveSeconds, null);
  });
});

describe('durations', () => {
  it('add up their parts', () => {
    const part = fc.record({ amount: fc.nat(9_999_999), unit: fc.constantFrom('d', 'h', 'm', 's') });
    const seconds = { d: 86_400, h: 3600, m: 60, s: 1 };
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const text = parts.map(({ amount, unit }) => `${amount}${unit}`).join('');
        const sum = parts.reduce((total, { amount, unit }) => total + amount * seconds[unit], 0);
        assert.equal(durationSeconds(text), sum);
      }),
    );
  });
});

describe('schedules', () => {
  const office = { suspend: '0 19 * * 1-5', resume: '0 8 * * 1-5', timeZone: 'Europe/Berlin' };

  it('sleep over the weekend in the zone they are told in', () => {
    assert.deepEqual(scheduleAt(office, '2026-11-21T10:00:00Z'), {
      suspended: true,
      at: '2026-11-23T07:00:00.000Z',
    });
    assert.deepEqual(scheduleAt(office, '2026-11-23T07:00:00Z'), {
      suspended: false,
      at: '2026-11-23T18:00:00.000Z',
    });
  });

  it('keep their hour when the clocks change', () => {
    // Berlin leaves summer time on 25 October 2026.
    assert.equal(scheduleAt(office, '2026-10-23T18:00:00Z').at, '2026-10-26T07:00:00.000Z');
    assert.equal(scheduleAt(office, '2026-10-16T18:00:00Z').at, '2026-10-19T06:00:00.000Z');
  });

  it('turn at the moment they name, and not again for the same moment', () => {
    const turns: string[] = [];
    let now = '2026-03-27T00:00:00.000Z';
    for (let turn = 0; turn < 6; turn += 1) {
      const { at } = scheduleAt(office, now);
      assert.ok(at !== null && at > now, `${String(at)} after ${now}`);
      turns.push(at);
      now = at;
    }
    assert.deepEqual(turns, [
      '2026-03-27T07:00:00.000Z',
      '2026-03-27T18:00:00.000Z',
      '2026-03-30T06:00:00.000Z',
      '2026-03-30T17:00:00.000Z',
      '2026-03-31T06:00:00.000Z',
      '2026-03-31T17:00:00.000Z',
    ]);
  });
});
