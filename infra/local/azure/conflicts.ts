import { aksError } from './arm-error.ts';
import type { AzureContext } from './settings.ts';
import type { ClusterRecord, PoolRecord } from './records.ts';

/**
 * Refuses a pool operation while another one holds its lock: the pool's own, any in the cluster when the lock is per
 * cluster, and always one of the cluster itself. A delete pre-empts an operation of its own pool
 * (AKSOperationPreemptedByDelete), so `preempts` lets it pass that one.
 */
export function checkConflict(
  context: AzureContext,
  cluster: ClusterRecord,
  request: { pool: string; preempts: boolean },
): void {
  if (cluster.powerState === 'Stopped' && cluster.operation === undefined) {
    throw aksError(
      400,
      'OperationNotAllowed',
      `Operation is not allowed: the cluster ${cluster.name} is in power state Stopped. Start it with 'az aks start' first.`,
      { subcode: 'ClusterPowerStateStopped' },
    );
  }
  if (cluster.operation !== undefined) {
    throw aksError(
      409,
      'OperationNotAllowed',
      `Operation is not allowed: Another operation (${cluster.provisioningState}) is in progress.`,
    );
  }
  const busy = context.state.pools
    .values()
    .filter((pool) => pool.cluster === cluster.name && pool.operation !== undefined)
    .filter((pool) => context.operationLock(cluster.name) === 'cluster' || pool.name === request.pool)
    .find((pool) => !isPreempted(pool, request));
  if (busy === undefined) return;
  throw aksError(
    409,
    'OperationNotAllowed',
    busy.name === request.pool && busy.provisioningState === 'Creating'
      ? `Operation is not allowed because there's an in progress create node pool operation on ${busy.name}. Please wait for it to finish before starting a new operation.`
      : `Operation is not allowed: Another agentpool operation (${busy.name} - ${busy.provisioningState}) is in progress. Please wait for it to finish before starting a new operation.`,
  );
}

function isPreempted(pool: PoolRecord, request: { pool: string; preempts: boolean }): boolean {
  return request.preempts && pool.name === request.pool && pool.provisioningState !== 'Deleting';
}

/**
 * The preconditions of a write. `if-none-match: *` is create-only; `if-match` demands the current eTag.
 * Refuses with 412 PreconditionFailed.
 */
export function checkPreconditions(
  existing: PoolRecord | undefined,
  headers: { ifMatch: string | undefined; ifNoneMatch: string | undefined },
): void {
  const { ifMatch, ifNoneMatch } = headers;
  if (ifNoneMatch === '*' && existing !== undefined) {
    throw aksError(
      412,
      'PreconditionFailed',
      `The agent pool ${existing.name} exists, and If-None-Match: * allows only its creation.`,
    );
  }
  if (ifMatch === undefined || ifMatch === '') return;
  if (existing === undefined) {
    throw aksError(
      412,
      'PreconditionFailed',
      'Resource not found but ETag header is provided. Please remove the ETag header or use the create API.',
    );
  }
  if (ifMatch !== '*' && ifMatch.replaceAll('"', '') !== existing.eTag) {
    throw aksError(
      412,
      'PreconditionFailed',
      `The ETag in the request (${ifMatch}) does not match the current one of ${existing.name}.`,
    );
  }
}
