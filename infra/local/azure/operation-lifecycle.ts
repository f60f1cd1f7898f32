import { randomUUID } from 'node:crypto';
import { poolKey } from './azure-state.ts';
import type { AzureContext } from './settings.ts';
import { machineName } from './resource-ids.ts';
import { isStopped, propertiesOf, wantedMachines } from './pool-properties.ts';
import { without } from './without.ts';
import type { ClusterRecord, ErrorDetail, MachineRecord, OperationRecord, PoolRecord } from './records.ts';

/** Starts an operation that ends after `seconds` of virtual time, or never when `seconds` is undefined. */
export function beginOperation(
  { clock, state }: AzureContext,
  cluster: ClusterRecord,
  request: {
    verb: OperationRecord['verb'];
    pool?: string;
    seconds: number | undefined;
    failure?: ErrorDetail;
  },
): OperationRecord {
  const startTime = clock.now();
  const { verb, pool, seconds, failure } = request;
  const operation: OperationRecord = {
    id: randomUUID(),
    cluster: cluster.name,
    location: cluster.location,
    verb,
    status: 'InProgress',
    startTime,
    ...(pool !== undefined && { pool }),
    ...(seconds !== undefined && { dueAt: startTime + seconds * 1000 }),
    ...(failure && { failure }),
  };
  state.operations.set(operation.id, operation);
  return operation;
}

/** Ends the operation that holds a pool or cluster before its time, as a delete or an abort does. */
export function cancelOperation(
  { clock, state }: AzureContext,
  id: string | undefined,
  error: ErrorDetail,
): void {
  const operation = id === undefined ? undefined : state.operations.get(id);
  if (operation?.status !== 'InProgress') return;
  state.operations.set(operation.id, { ...operation, status: 'Canceled', endTime: clock.now(), error });
}

/** When the next operation ends by itself, or undefined. */
export function nextOperationDue({ state }: AzureContext): number | undefined {
  const due = state.operations
    .values()
    .flatMap(({ status, dueAt }) => (status === 'InProgress' && dueAt !== undefined ? [dueAt] : []));
  return due.length === 0 ? undefined : Math.min(...due);
}

/** Ends every operation whose time has come, in order. Everything follows from stored due times, so a restart catches up. */
export function completeDueOperations(context: AzureContext): void {
  const due = context.state.operations
    .values()
    .filter(
      ({ status, dueAt }) => status === 'InProgress' && dueAt !== undefined && dueAt <= context.clock.now(),
    )
    .sort((left, right) => (left.dueAt ?? 0) - (right.dueAt ?? 0));
  for (const operation of due) {
    context.state.atomically(() => complete(context, operation));
  }
  if (due.length > 0) context.changed();
}

function complete(context: AzureContext, operation: OperationRecord): void {
  const { state } = context;
  const endTime = operation.dueAt ?? context.clock.now();
  const { failure } = operation;
  state.operations.set(operation.id, {
    ...operation,
    endTime,
    ...(failure ? { status: 'Failed', error: failure } : { status: 'Succeeded' }),
  });
  if (operation.pool === undefined) {
    const cluster = state.clusters.get(operation.cluster);
    if (cluster) completeForCluster(context, cluster, operation);
    return;
  }
  const pool = state.pools.get(poolKey(operation.cluster, operation.pool));
  if (pool?.operation === operation.id) completeForPool(context, pool, { operation, endTime });
}

function completeForPool(
  context: AzureContext,
  pool: PoolRecord,
  { operation, endTime }: { operation: OperationRecord; endTime: number },
): void {
  const rest = without(pool, 'operation', 'provisioningError');
  if (operation.failure) {
    const machines = pool.machines.map((machine) => without(machine, 'leavingSince'));
    storePool(context, {
      ...rest,
      machines,
      provisioningState: 'Failed',
      provisioningError: operation.failure,
    });
    return;
  }
  switch (operation.verb) {
    case 'createPool':
    case 'updatePool':
      storePool(context, withWantedMachines(context, { ...rest, provisioningState: 'Succeeded' }, endTime));
      return;
    case 'deletePool':
      context.state.pools.delete(poolKey(pool.cluster, pool.name));
      return;
    case 'deleteMachines': {
      const machines = pool.machines.filter(({ leavingSince }) => leavingSince === undefined);
      const properties = { ...pool.properties, count: machines.length };
      storePool(context, { ...rest, machines, properties, provisioningState: 'Succeeded' });
      return;
    }
    case 'abortPool':
      storePool(context, { ...rest, provisioningState: 'Canceled' });
      return;
    case 'upgradeNodeImage':
      storePool(context, { ...rest, provisioningState: 'Succeeded' });
      return;
    case 'stopCluster':
    case 'startCluster':
    case 'deleteCluster':
      throw new Error(`operation ${operation.id} (${operation.verb}) is not one of a pool`);
  }
}

function completeForCluster(context: AzureContext, cluster: ClusterRecord, operation: OperationRecord): void {
  const rest = without(cluster, 'operation');
  const { state, timings } = context;
  const endTime = operation.dueAt ?? context.clock.now();
  if (operation.verb === 'deleteCluster') {
    for (const pool of state.pools.values().filter(({ cluster: owner }) => owner === cluster.name)) {
      state.pools.delete(poolKey(pool.cluster, pool.name));
    }
    storeCluster(context, { ...rest, provisioningState: 'Succeeded', deleted: true });
    return;
  }
  const powerState = operation.verb === 'stopCluster' ? 'Stopped' : 'Running';
  storeCluster(context, { ...rest, provisioningState: 'Succeeded', powerState });
  if (powerState === 'Stopped') return;
  const readyAt = endTime + timings.nodes.ready * 1000;
  for (const pool of state.pools.values().filter(({ cluster: owner }) => owner === cluster.name)) {
    storePool(context, { ...pool, machines: pool.machines.map((machine) => ({ ...machine, readyAt })) });
  }
}

/**
 * Drops leaving machines and adds what the pool's count still wants, spread over its zones. A stopped pool keeps its machines, off; started
 * again, they come back under their names.
 */
function withWantedMachines({ timings }: AzureContext, pool: PoolRecord, at: number): PoolRecord {
  const properties = propertiesOf(pool);
  if (isStopped(properties)) return { ...pool, machines: pool.machines.map(deallocated) };
  const zones = properties.availabilityZones ?? [];
  const machines = pool.machines
    .filter(({ leavingSince }) => leavingSince === undefined)
    .map((machine) =>
      machine.deallocated === true ? { ...switchedOn(machine), ...bootTimes(timings, at) } : machine,
    );
  let { nextInstance } = pool;
  while (machines.length < wantedMachines(properties)) {
    const instance = nextInstance++;
    const zone = zones.length === 0 ? undefined : zones[instance % zones.length];
    const machine: MachineRecord = {
      name: machineName(pool, instance),
      instance,
      ...bootTimes(timings, at),
      ...(zone !== undefined && { zone }),
    };
    machines.push(machine);
  }
  return { ...pool, machines, nextInstance };
}

function bootTimes(
  { nodes }: AzureContext['timings'],
  at: number,
): Pick<MachineRecord, 'joinAt' | 'readyAt' | 'joined'> {
  const joinAt = at + nodes.join * 1000;
  return { joinAt, readyAt: joinAt + nodes.ready * 1000, joined: false };
}

function deallocated(machine: MachineRecord): MachineRecord {
  return { ...without(machine, 'leavingSince'), deallocated: true };
}

function switchedOn(machine: MachineRecord): MachineRecord {
  return without(machine, 'deallocated');
}

/** Every write of a pool gives it a new eTag. */
export function storePool({ state }: AzureContext, pool: PoolRecord): PoolRecord {
  const stored = { ...pool, eTag: randomUUID() };
  state.pools.set(poolKey(pool.cluster, pool.name), stored);
  return stored;
}

export function storeCluster({ state }: AzureContext, cluster: ClusterRecord): ClusterRecord {
  const stored = { ...cluster, eTag: randomUUID() };
  state.clusters.set(cluster.name, stored);
  return stored;
}
