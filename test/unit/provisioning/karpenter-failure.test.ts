import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { conditionsOf, launchFailure } from '../../../shared/provisioning/karpenter-failure.ts';

function launched(reason: string, message: string, status = 'Unknown'): ReturnType<typeof conditionsOf> {
  return conditionsOf({ status: { conditions: [{ type: 'Launched', status, reason, message }] } });
}

/** Reasons and texts of karpenter-provider-azure, gpu-provisioner, and Karpenter's core. */
const told: [reason: string, message: string, kind: string, code: string][] = [
  [
    'SubscriptionQuotaReached',
    'subscription level on-demand vCPU quota for Standard_NC24ads_A100_v4 has been reached (may try provision an alternative instance type)',
    'next-rung',
    'InsufficientQuota',
  ],
  [
    'SubscriptionQuotaReached',
    'this subscription has reached the regional vCPU quota for spot (LowPriorityQuota). To scale beyond this limit, please review the quota increase process',
    'next-rung',
    'InsufficientSpotQuota',
  ],
  [
    'RegionalQuotaReached',
    'regional on-demand vCPU quota limit has been reached',
    'operator',
    'InsufficientRegionalQuota',
  ],
  [
    'AllocationFailure',
    'unable to allocate resources with selected VM size',
    'next-rung',
    'AllocationFailed',
  ],
  [
    'ZonalAllocationFailure',
    'unable to allocate resources in the selected zone (1)',
    'next-rung',
    'ZonalAllocationFailed',
  ],
  ['OverconstrainedAllocationFailure', 'unable to allocate', 'next-rung', 'OverconstrainedAllocation'],
  ['OverconstrainedZonalAllocationFailure', 'unable to allocate', 'next-rung', 'OverconstrainedAllocation'],
  ['SKUNotAvailable', 'the requested SKU is unavailable for instance type', 'next-rung', 'SkuNotAvailable'],
  [
    'LaunchFailed',
    'insufficient capacity, all requested instance types were unavailable during launch',
    'next-rung',
    'AllocationFailed',
  ],
  [
    'CreateInstanceFailed',
    'subscription level on-demand vCPU quota for Standard_ND96asr_v4 has been reached',
    'next-rung',
    'InsufficientQuota',
  ],
  [
    'LaunchFailed',
    'agentPool.BeginCreateOrUpdate for "ws123" failed: Operation could not be completed as it results in exceeding approved standardNCADSA100v4Family Cores quota.',
    'next-rung',
    'InsufficientQuota',
  ],
  ['CreateInstanceFailed', 'something new', 'retry', 'UnknownFailure'],
];

describe('a NodeClaim that does not launch', () => {
  for (const [reason, message, kind, code] of told) {
    it(`says ${code} for ${reason}: ${message.slice(0, 40)}`, () => {
      const failure = launchFailure(launched(reason, message));
      assert.deepEqual([failure?.class, failure?.code], [kind, code]);
      assert.equal(failure?.message, message);
      if (kind !== 'retry') assert.notEqual(failure.remedy, undefined);
    });
  }

  it('is told by a condition that is False as well, as older releases write it', () => {
    assert.equal(launchFailure(launched('AllocationFailure', 'no', 'False'))?.code, 'AllocationFailed');
  });

  it('is not told while Karpenter is still at it, or has done it', () => {
    assert.equal(
      launchFailure(launched('AwaitingReconciliation', 'object is awaiting reconciliation')),
      undefined,
    );
    assert.equal(launchFailure(launched('Launched', '', 'True')), undefined);
    assert.equal(launchFailure([]), undefined);
    assert.equal(launchFailure(conditionsOf({ status: 'edited by hand' })), undefined);
  });

  it('says its reason when it has no message', () => {
    assert.equal(launchFailure(launched('AllocationFailure', ''))?.message, 'AllocationFailure');
  });
});
