import { ArmError } from './arm-error.ts';
import type { ArmHandler } from './arm-request.ts';
import { checkConflict, checkPreconditions } from './conflicts.ts';
import type { Outcome } from './fault-rules.ts';
import { clusterOf, findPool, parameter } from './look-up.ts';
import { beginOperation, storePool } from './operation-lifecycle.ts';
import { operationHeaders } from './operation-response.ts';
import { checkPool, checkPoolName } from './pool-checks.ts';
import { isStopped, parsePoolBody, propertiesOf, wantedMachines, withDefaults } from './pool-properties.ts';
import type { PoolProperties } from './pool-properties.ts';
import type { ErrorDetail, MachineRecord, PoolRecord } from './records.ts';
import type { AzureContext } from './settings.ts';
import { poolView } from './views.ts';
import { without } from './without.ts';

/** PUT agentPools/{name}: 201 Creating or 200 Updating, with Azure-AsyncOperation. */
export const putPool: ArmHandler = (context, request) => {
  const cluster = clusterOf(context, request);
  const name = parameter(request, 'pool');
  checkPoolName(name);
  const properties = withDefaults(parsePoolBody(request.body));
  const existing = findPool(context, cluster, name);
  checkPreconditions(existing, request);
  checkConflict(context, cluster, { pool: name, preempts: false });
  const outcome = context.state.faults.outcome({
    cluster: cluster.name,
    pool: name,
    vmSize: properties.vmSize,
    zones: properties.availabilityZones ?? [],
    priority: properties.scaleSetPriority ?? 'Regular',
    operation: existing ? 'update' : 'create',
  });
  refuseIfScripted(outcome);
  checkPool(context, cluster, { name, properties, existing });

  const machines = existing
    ? markSurplus(existing.machines, wantedMachines(properties), context.clock.now())
    : [];
  const operation = beginOperation(context, cluster, {
    verb: existing ? 'updatePool' : 'createPool',
    pool: name,
    ...outcomeOf(outcome, usualSeconds(context, existing, properties)),
  });
  const pool = storePool(context, {
    cluster: cluster.name,
    name,
    eTag: '',
    nodeSuffix: cluster.nodeSuffix,
    createdAt: existing?.createdAt ?? context.clock.now(),
    nextInstance: existing?.nextInstance ?? 0,
    properties,
    machines,
    provisioningState: existing ? stateOfUpdate(existing, properties) : 'Creating',
    operation: operation.id,
  });
  context.changed();
  return {
    status: existing ? 200 : 201,
    body: poolView(context, pool),
    headers: operationHeaders(context, request, operation, { location: false }),
  };
};

/** Throws what a scripted outcome of type `refuse` says. */
export function refuseIfScripted(outcome: Outcome | undefined): void {
  if (outcome?.type !== 'refuse') return;
  throw new ArmError({ ...without(outcome, 'type'), shape: outcome.shape ?? 'aks' });
}

/** How long an operation takes and whether it fails, by its scripted outcome. */
export function outcomeOf(
  outcome: Outcome | undefined,
  usual: number,
): { seconds: number | undefined; failure?: ErrorDetail } {
  switch (outcome?.type) {
    case 'fail': {
      const { code, message, details } = outcome;
      return { seconds: outcome.afterSeconds, failure: { code, message, ...(details && { details }) } };
    }
    case 'slow':
      return { seconds: outcome.seconds };
    case 'stuck':
      return { seconds: undefined };
    case 'refuse':
    case undefined:
      return { seconds: usual };
  }
}

function usualSeconds(
  { timings }: AzureContext,
  existing: PoolRecord | undefined,
  properties: PoolProperties,
): number {
  if (existing === undefined || existing.machines.length === 0) return timings.arm.poolCreate;
  return runningMachines(existing) === wantedMachines(properties)
    ? timings.arm.poolUpdate
    : timings.arm.poolScale;
}

function stateOfUpdate(existing: PoolRecord, properties: PoolProperties): string {
  const wasStopped = isStopped(propertiesOf(existing));
  if (wasStopped !== isStopped(properties)) return wasStopped ? 'Starting' : 'Stopping';
  return runningMachines(existing) === wantedMachines(properties) ? 'Updating' : 'Scaling';
}

function runningMachines({ machines }: PoolRecord): number {
  return machines.filter(({ deallocated }) => deallocated !== true).length;
}

/** Scaling down takes the machines with the highest instance numbers. */
function markSurplus(machines: MachineRecord[], wanted: number, now: number): MachineRecord[] {
  const byAge = [...machines].sort((left, right) => left.instance - right.instance);
  return byAge.map((machine, index) =>
    index < wanted ? machine : { ...machine, leavingSince: machine.leavingSince ?? now },
  );
}
