/** What each known error means for a creation that is refused: the class and the code of the error table, by our reading of Azure's words. */
import type { ErrorName } from '../../infra/local/azure/known-errors.ts';
import type { FailureClass } from '../../shared/provisioning/node-provisioner.ts';

interface Expectation {
  class: FailureClass;
  code: string;
}

const wait = (code: string): Expectation => ({ class: 'wait', code });
const retry = (code: string): Expectation => ({ class: 'retry', code });
const nextRung = (code: string): Expectation => ({ class: 'next-rung', code });
const operator = (code: string): Expectation => ({ class: 'operator', code });
const bug = (code: string): Expectation => ({ class: 'bug', code });

export const expectations: Readonly<Record<ErrorName, Expectation>> = {
  'family quota': nextRung('InsufficientQuota'),
  'family quota, as Compute says it': nextRung('InsufficientQuota'),
  'family quota, as a forbidden operation': nextRung('InsufficientQuota'),
  'regional quota': operator('InsufficientRegionalQuota'),
  'spot quota': nextRung('InsufficientSpotQuota'),
  'size not allowed': nextRung('SizeNotOffered'),
  'size not supported': nextRung('SizeNotOffered'),
  'size restricted': nextRung('SkuNotAvailable'),
  'spot size without capacity': nextRung('SkuNotAvailable'),
  'zone not supported': nextRung('ZoneNotSupported'),
  'zone without capacity': nextRung('ZonalAllocationFailed'),
  'region without capacity': nextRung('AllocationFailed'),
  'too many constraints': nextRung('OverconstrainedAllocation'),
  'too many constraints in a zone': nextRung('OverconstrainedAllocation'),
  'cluster region under heavy use': operator('RegionAtCapacity'),
  'cluster region at capacity': operator('RegionAtCapacity'),
  'another operation': wait('OperationInProgress'),
  'another pool operation': wait('OperationInProgress'),
  'pool being created': wait('OperationInProgress'),
  'eTag of an operation in progress': wait('OperationInProgress'),
  'pre-empted': retry('OperationPreempted'),
  'pre-empted by a delete': retry('OperationPreempted'),
  'canceled by a later one': retry('OperationPreempted'),
  'eTag taken by another client': retry('OperationPreempted'),
  'stale eTag': retry('PoolChanged'),
  'throttled by AKS': wait('Throttled'),
  'throttled by ARM': wait('Throttled'),
  'throttled by Compute': wait('ThrottledByCompute'),
  'subnet full': operator('SubnetUnusable'),
  'subnet too small': operator('SubnetUnusable'),
  'subnet delegated': operator('SubnetUnusable'),
  'invalid field': bug('InvalidRequest'),
  'forbidden by policy': operator('DisallowedByPolicy'),
  'no permission': operator('AuthorizationFailed'),
  'no permission on what is linked': operator('AuthorizationFailed'),
  'cluster not found': operator('ClusterNotFound'),
  'cluster stopped': wait('ClusterStopped'),
  'last system pool': bug('LastSystemPool'),
  'too many pools': operator('TooManyPools'),
  'reservation not found': nextRung('ReservationUnusable'),
  'reservation of another size': nextRung('ReservationUnusable'),
  'node set-up failed': retry('NodeBootstrapFailed'),
  'node without outbound network': retry('NodeBootstrapFailed'),
  'node without API server': retry('NodeBootstrapFailed'),
  'node set-up timed out': retry('NodeBootstrapFailed'),
  'node version incompatible': retry('NodeBootstrapFailed'),
};
