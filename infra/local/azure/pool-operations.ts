import { z } from 'zod';
import { aksError, armError } from './arm-error.ts';
import type { ArmHandler, ArmRequest, ArmResponse } from './arm-request.ts';
import { checkConflict, checkPreconditions } from './conflicts.ts';
import { clusterOf, findPool, parameter, poolOf } from './look-up.ts';
import { beginOperation, cancelOperation, storePool } from './operation-lifecycle.ts';
import { operationHeaders } from './operation-response.ts';
import { propertiesOf } from './pool-properties.ts';
import { outcomeOf, refuseIfScripted } from './put-pool.ts';
import type { OperationRecord } from './records.ts';
import { platformVersions } from './settings.ts';
import type { AzureContext } from './settings.ts';
import { machineView, poolView } from './views.ts';
import { without } from './without.ts';

export const getPool: ArmHandler = (context, request) => ({
  status: 200,
  body: poolView(context, poolOf(context, clusterOf(context, request), request)),
});

export const listPools: ArmHandler = (context, request) => {
  const cluster = clusterOf(context, request);
  const pools = context.state.pools.values().filter((pool) => pool.cluster === cluster.name);
  return { status: 200, body: { value: pools.map((pool) => poolView(context, pool)) } };
};

/** DELETE agentPools/{name}: 202, or 204 when there is none. Pre-empts an operation that runs on the same pool. */
export const deletePool: ArmHandler = (context, request) => {
  const cluster = clusterOf(context, request);
  const name = parameter(request, 'pool');
  const pool = findPool(context, cluster, name);
  if (pool === undefined) {
    checkPreconditions(undefined, request);
    return { status: 204 };
  }
  checkPreconditions(pool, request);
  checkConflict(context, cluster, { pool: pool.name, preempts: true });
  const properties = propertiesOf(pool);
  refuseLastSystemPool(context, pool.cluster, pool.name);
  const outcome = context.state.faults.outcome({
    cluster: cluster.name,
    pool: pool.name,
    vmSize: properties.vmSize,
    zones: properties.availabilityZones ?? [],
    priority: properties.scaleSetPriority ?? 'Regular',
    operation: 'delete',
  });
  refuseIfScripted(outcome);
  const operation = beginOperation(context, cluster, {
    verb: 'deletePool',
    pool: pool.name,
    ...outcomeOf(outcome, context.timings.arm.poolDelete),
  });
  cancelOperation(context, pool.operation, {
    code: 'AKSOperationPreemptedByDelete',
    message: `The operation was preempted by delete operation ${operation.id}.`,
  });
  const now = context.clock.now();
  const machines = pool.machines.map((machine) => ({
    ...machine,
    leavingSince: machine.leavingSince ?? now,
  }));
  storePool(context, { ...pool, machines, provisioningState: 'Deleting', operation: operation.id });
  return accepted(context, request, operation);
};

const machineNamesSchema = z.object({ machineNames: z.array(z.string()).min(1) });

/** POST deleteMachines: drains and removes the machines named, and lowers the count. */
export const deleteMachines: ArmHandler = (context, request) => {
  const cluster = clusterOf(context, request);
  const pool = poolOf(context, cluster, request);
  const body = machineNamesSchema.safeParse(request.body);
  if (!body.success)
    throw aksError(400, 'InvalidParameter', 'machineNames must name at least one machine.', {
      target: 'machineNames',
    });
  checkConflict(context, cluster, { pool: pool.name, preempts: false });
  const unknown = body.data.machineNames.filter(
    (name) => !pool.machines.some((machine) => machine.name === name),
  );
  if (unknown.length > 0) {
    throw aksError(
      400,
      'InvalidParameter',
      `The machines ${unknown.join(', ')} are not in agent pool ${pool.name}.`,
      { target: 'machineNames' },
    );
  }
  const { vmSize, availabilityZones, scaleSetPriority } = propertiesOf(pool);
  const outcome = context.state.faults.outcome({
    cluster: cluster.name,
    pool: pool.name,
    vmSize,
    zones: availabilityZones ?? [],
    priority: scaleSetPriority ?? 'Regular',
    operation: 'deleteMachines',
  });
  refuseIfScripted(outcome);
  const operation = beginOperation(context, cluster, {
    verb: 'deleteMachines',
    pool: pool.name,
    ...outcomeOf(outcome, context.timings.arm.deleteMachines),
  });
  const now = context.clock.now();
  const machines = pool.machines.map((machine) =>
    body.data.machineNames.includes(machine.name) ? { ...machine, leavingSince: now } : machine,
  );
  storePool(context, { ...pool, machines, provisioningState: 'DeletingMachines', operation: operation.id });
  return accepted(context, request, operation);
};

/** POST abort: 202 with Location; the running operation ends Canceled and so does the pool. 409 when none runs. */
export const abortPool: ArmHandler = (context, request) => {
  const cluster = clusterOf(context, request);
  const pool = poolOf(context, cluster, request);
  const running = pool.operation === undefined ? undefined : context.state.operations.get(pool.operation);
  if (running === undefined || running.verb === 'abortPool') {
    throw aksError(
      409,
      'OperationNotAllowed',
      `There is no operation in progress on agent pool ${pool.name} that could be aborted.`,
    );
  }
  const operation = beginOperation(context, cluster, {
    verb: 'abortPool',
    pool: pool.name,
    seconds: context.timings.arm.abort,
  });
  cancelOperation(context, running.id, {
    code: 'Canceled',
    message: `The operation was canceled by abort operation ${operation.id}.`,
  });
  const machines = pool.machines.map((machine) => without(machine, 'leavingSince'));
  storePool(context, { ...pool, machines, provisioningState: 'Canceling', operation: operation.id });
  return accepted(context, request, operation);
};

/** POST upgradeNodeImageVersion: 202 with the pool as body. */
export const upgradeNodeImage: ArmHandler = (context, request) => {
  const cluster = clusterOf(context, request);
  const pool = poolOf(context, cluster, request);
  checkConflict(context, cluster, { pool: pool.name, preempts: false });
  const operation = beginOperation(context, cluster, {
    verb: 'upgradeNodeImage',
    pool: pool.name,
    seconds: context.timings.arm.upgradeNodeImage,
  });
  const stored = storePool(context, {
    ...pool,
    provisioningState: 'UpgradingNodeImageVersion',
    operation: operation.id,
  });
  return { ...accepted(context, request, operation), body: poolView(context, stored) };
};

export const listMachines: ArmHandler = (context, request) => {
  const cluster = clusterOf(context, request);
  const pool = poolOf(context, cluster, request);
  return {
    status: 200,
    body: { value: pool.machines.map((machine) => machineView(context, cluster, pool, machine)) },
  };
};

export const getMachine: ArmHandler = (context, request) => {
  const cluster = clusterOf(context, request);
  const pool = poolOf(context, cluster, request);
  const machine = pool.machines.find(({ name }) => name === parameter(request, 'machine'));
  if (machine === undefined)
    throw aksError(404, 'NotFound', `Machine not found: ${parameter(request, 'machine')}`);
  return { status: 200, body: machineView(context, cluster, pool, machine) };
};

export const getUpgradeProfile: ArmHandler = (context, request) => {
  const pool = poolOf(context, clusterOf(context, request), request);
  return {
    status: 200,
    body: {
      name: 'default',
      properties: {
        kubernetesVersion: platformVersions.kubernetes,
        osType: propertiesOf(pool).osType,
        latestNodeImageVersion: platformVersions.gpuNodeImage,
        upgrades: [],
      },
    },
  };
};

function refuseLastSystemPool({ state }: AzureContext, cluster: string, name: string): void {
  const system = state.pools
    .values()
    .filter((pool) => pool.cluster === cluster && propertiesOf(pool).mode === 'System');
  if (system.length !== 1 || system[0]?.name !== name) return;
  throw armError(
    400,
    'OperationNotAllowed',
    `There has to be at least one system agent pool: ${name} is the last one.`,
  );
}

function accepted(context: AzureContext, request: ArmRequest, operation: OperationRecord): ArmResponse {
  context.changed();
  return { status: 202, headers: operationHeaders(context, request, operation, { location: true }) };
}
