import { aksError } from './arm-error.ts';
import type { ArmHandler, ArmRequest, ArmResponse } from './arm-request.ts';
import { clusterOf } from './look-up.ts';
import { beginOperation, cancelOperation, storeCluster } from './operation-lifecycle.ts';
import { operationHeaders } from './operation-response.ts';
import type { OperationRecord } from './records.ts';
import type { AzureContext } from './settings.ts';
import { clusterView } from './views.ts';

export const getCluster: ArmHandler = (context, request) => ({
  status: 200,
  body: clusterView(context, clusterOf(context, request)),
});

export const listClusters: ArmHandler = (context) => {
  const clusters = context.state.clusters.values().filter((cluster) => !cluster.deleted);
  return { status: 200, body: { value: clusters.map((cluster) => clusterView(context, cluster)) } };
};

/** POST stop: 202; 204 when it is stopped already. */
export const stopCluster: ArmHandler = (context, request) => changePower(context, request, 'Stopped');

/** POST start: 202; 204 when it runs already. */
export const startCluster: ArmHandler = (context, request) => changePower(context, request, 'Running');

function changePower(context: AzureContext, request: ArmRequest, wanted: 'Stopped' | 'Running'): ArmResponse {
  const cluster = clusterOf(context, request);
  if (cluster.operation !== undefined) {
    throw aksError(
      409,
      'OperationNotAllowed',
      `Operation is not allowed: Another operation (${cluster.provisioningState}) is in progress.`,
    );
  }
  if (cluster.powerState === wanted) return { status: 204 };
  const busy = context.state.pools
    .values()
    .find((pool) => pool.cluster === cluster.name && pool.operation !== undefined);
  if (busy) {
    throw aksError(
      409,
      'OperationNotAllowed',
      `Operation is not allowed: Another agentpool operation (${busy.name} - ${busy.provisioningState}) is in progress.`,
    );
  }
  const { clusterStop, clusterStart } = context.timings.arm;
  const stopping = wanted === 'Stopped';
  const verb: OperationRecord['verb'] = stopping ? 'stopCluster' : 'startCluster';
  const operation = beginOperation(context, cluster, {
    verb,
    seconds: stopping ? clusterStop : clusterStart,
  });
  storeCluster(context, {
    ...cluster,
    provisioningState: stopping ? 'Stopping' : 'Starting',
    operation: operation.id,
  });
  context.changed();
  return { status: 202, headers: operationHeaders(context, request, operation, { location: true }) };
}

/** DELETE managedClusters/{name}: 202, or 204 when there is none. */
export const deleteCluster: ArmHandler = (context, request) => {
  const name = request.parameters['cluster'] ?? '';
  const known = context.state.clusters
    .values()
    .find((cluster) => cluster.name.toLowerCase() === name.toLowerCase() && !cluster.deleted);
  if (known === undefined) return { status: 204 };
  const operation = beginOperation(context, known, {
    verb: 'deleteCluster',
    seconds: context.timings.arm.clusterDelete,
  });
  cancelOperation(context, known.operation, {
    code: 'AKSOperationPreemptedByDelete',
    message: `The operation was preempted by delete operation ${operation.id}.`,
  });
  storeCluster(context, { ...known, provisioningState: 'Deleting', operation: operation.id });
  context.changed();
  return { status: 202, headers: operationHeaders(context, request, operation, { location: true }) };
};
