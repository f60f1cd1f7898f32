import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ladderOf } from '../../../shared/planning/ladder.ts';
import { describeOffer } from '../../../shared/planning/placement.ts';
import type { ProvisioningOptions } from '../../../shared/workspace/provisioning-options.ts';
import { noFindings } from '../../../shared/workspace/fault.ts';
import { readProvisioningOptions } from '../../../shared/workspace/provisioning-options.ts';

const rungs = (change: Partial<ProvisioningOptions>): string[] =>
  ladderOf('Standard_NC24ads_A100_v4', { ...readProvisioningOptions({}, noFindings()), ...change }).map(
    (offer) => describeOffer(offer),
  );

describe('the fallback ladder', () => {
  it('is what the user asked for, and nothing else, unless told', () => {
    assert.deepEqual(rungs({}), ['Standard_NC24ads_A100_v4']);
  });

  it('goes through the sizes in their order, the one asked for first and once', () => {
    const sizes = ['standard_nc24ADS_A100_v4', 'Standard_NC40ads_H100_v5', 'Standard_NV36ads_A10_v5'];
    assert.deepEqual(rungs({ fallbackInstanceTypes: sizes }), [
      'Standard_NC24ads_A100_v4',
      'Standard_NC40ads_H100_v5',
      'Standard_NV36ads_A10_v5',
    ]);
  });

  it('tries the region before its zones, spot before on-demand, the reservation before both', () => {
    assert.deepEqual(
      rungs({ priority: 'spot-then-on-demand', fallbackZones: ['1', '2'], capacityReservationGroup: '/id' }),
      [
        'Standard_NC24ads_A100_v4, from the capacity reservation',
        'Standard_NC24ads_A100_v4, spot',
        'Standard_NC24ads_A100_v4, spot, zone 1',
        'Standard_NC24ads_A100_v4, spot, zone 2',
        'Standard_NC24ads_A100_v4',
        'Standard_NC24ads_A100_v4, zone 1',
        'Standard_NC24ads_A100_v4, zone 2',
      ],
    );
  });

  it('never leaves the zones that must be', () => {
    const options = { zones: ['2', '3'], fallbackInstanceTypes: ['Standard_NC40ads_H100_v5'] };
    assert.deepEqual(rungs({ ...options, priority: 'spot' }), [
      'Standard_NC24ads_A100_v4, spot, zone 2 or 3',
      'Standard_NC40ads_H100_v5, spot, zone 2 or 3',
    ]);
  });

  it('bids for spot nodes only', () => {
    const [spot, regular] = ladderOf('Standard_NC24ads_A100_v4', {
      ...readProvisioningOptions({}, noFindings()),
      priority: 'spot-then-on-demand',
      spotMaxPrice: 2,
    });
    assert.equal(spot?.placement.spotMaxPrice, 2);
    assert.equal(regular?.placement.spotMaxPrice, null);
  });
});
