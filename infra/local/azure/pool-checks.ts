import { aksError, armError } from './arm-error.ts';
import type { AzureState } from './azure-state.ts';
import { matchesPattern } from '../cluster/faults.ts';
import type { AzureContext } from './settings.ts';
import { immutableFields, isStopped, propertiesOf, wantedMachines } from './pool-properties.ts';
import type { PoolProperties } from './pool-properties.ts';
import { exceededUsage } from './quota.ts';
import type { ClusterRecord, PoolRecord } from './records.ts';
import { sizeRestrictions } from './skus.ts';
import { findVmSize } from './vm-sizes.ts';

/** AKS allows this many pools in a cluster. */
const maxPools = 100;

/** 400 unless the name is one AKS takes. */
export function checkPoolName(name: string): void {
  if (/^[a-z][a-z0-9]{0,11}$/.test(name)) return;
  throw aksError(
    400,
    'InvalidParameter',
    `The value of parameter agentPool.name is invalid: ${name} does not match ^[a-z][a-z0-9]{0,11}$.`,
    { target: 'agentPool.name' },
  );
}

/** Refuses a pool the region cannot or may not host. `existing` is the pool that a PUT updates. */
export function checkPool(
  { state }: AzureContext,
  cluster: ClusterRecord,
  request: { name: string; properties: PoolProperties; existing: PoolRecord | undefined },
): void {
  const { name, properties, existing } = request;
  const size = findVmSize(properties.vmSize);
  const restrictions = size && sizeRestrictions(state, size, cluster.location);
  if (size === undefined || size.retired === true || restrictions?.some(({ type }) => type === 'Location')) {
    throw aksError(
      400,
      'BadRequest',
      `The VM size of AgentPoolProfile:${name} is not allowed in your subscription in location '${cluster.location}'. ` +
        `The requested VM size is ${properties.vmSize}.`,
      { subcode: 'VMSizeNotSupported', target: 'agentPoolProfile.vmSize' },
    );
  }
  checkZones(
    name,
    properties,
    size.zones,
    restrictions?.flatMap(({ restrictionInfo }) => restrictionInfo.zones ?? []) ?? [],
  );
  if (existing === undefined) checkReservation(state, properties);
  if (properties.mode === 'System' && (properties.count ?? 1) < 1) {
    throw aksError(400, 'InvalidParameter', 'A System pool needs at least one node.', {
      target: 'agentPoolProfile.count',
    });
  }
  if (properties.mode === 'System' && isStopped(properties)) {
    throw aksError(400, 'OperationNotAllowed', `System agent pool ${name} cannot be stopped.`, {
      target: 'agentPoolProfile.powerState',
    });
  }
  if (existing === undefined) {
    const pools = state.pools.values().filter((pool) => pool.cluster === cluster.name).length;
    if (pools >= maxPools) {
      throw aksError(
        400,
        'MaxAgentPoolCountReached',
        `The cluster ${cluster.name} has ${pools} agent pools; the limit is ${maxPools}.`,
      );
    }
  } else {
    checkImmutable(existing, properties);
  }
  const machines = wantedMachines(properties) - (existing ? existing.machines.length : 0);
  const spot = properties.scaleSetPriority === 'Spot';
  const exceeded = exceededUsage(state, { location: cluster.location, size, machines, spot });
  if (exceeded === undefined) return;
  const { usage, needed } = exceeded;
  if (spot || usage.name === 'cores') {
    const kind = spot ? 'LowPriorityCores' : 'Total Regional Cores';
    throw armError(
      409,
      'OperationNotAllowed',
      `Operation could not be completed as it results in exceeding approved ${kind} quota. Location: ${cluster.location}, ` +
        `Current Limit: ${usage.limit}, Current Usage: ${usage.currentValue}, Additional Required: ${needed}, ` +
        `(Minimum) New Limit Required: ${usage.currentValue + needed}.`,
    );
  }
  throw aksError(
    400,
    'ErrCode_InsufficientVCPUQuota',
    `Insufficient vcpu quota requested ${needed}, remaining ${Math.max(0, usage.limit - usage.currentValue)} for family ` +
      `${usage.name} for region ${cluster.location}. Surge nodes would also consume vcpu quota.`,
    { subcode: 'InsufficientVCPUQuota' },
  );
}

function checkZones(
  pool: string,
  { availabilityZones }: PoolProperties,
  supported: string[],
  restricted: string[],
): void {
  const wrong = (availabilityZones ?? []).filter(
    (zone) => !supported.includes(zone) || restricted.includes(zone),
  );
  if (wrong.length === 0) return;
  const usable = supported.filter((zone) => !restricted.includes(zone));
  throw aksError(
    400,
    'AvailabilityZoneNotSupported',
    `The zone(s) '${wrong.join(',')}' for resource '${pool}' is not supported. The supported zones for location are '${usable.join(',')}'`,
    { target: 'agentPoolProfile.availabilityZones' },
  );
}

/** K: the wording; Azure asks that the group exists and holds a reservation of the size. */
function checkReservation(state: AzureState, properties: PoolProperties): void {
  const id = properties['capacityReservationGroupID'];
  const known = state.faults.rules().limits.capacityReservations;
  if (typeof id !== 'string' || id === '' || known === undefined) return;
  const group = known.find((one) => matchesPattern(one.group, id));
  const name = id.split('/').at(-1) ?? '';
  if (group === undefined) {
    throw armError(
      404,
      'ResourceNotFound',
      `The Resource 'Microsoft.Compute/capacityReservationGroups/${name}' was not found.`,
    );
  }
  if (group.vmSizes.some((vmSize) => matchesPattern(vmSize, properties.vmSize))) return;
  throw aksError(
    400,
    'BadRequest',
    `The capacity reservation group '${name}' has no capacity reservation for VM size ${properties.vmSize}.`,
    { target: 'agentPoolProfile.capacityReservationGroupID' },
  );
}

function checkImmutable(existing: PoolRecord, properties: PoolProperties): void {
  const before = propertiesOf(existing);
  for (const field of immutableFields) {
    const [from, to] = [before[field], properties[field]];
    if (to === undefined || from === to) continue;
    if (field === 'vmSize' && before.vmSize.toLowerCase() === properties.vmSize.toLowerCase()) continue;
    throw aksError(
      400,
      'PropertyChangeNotAllowed',
      `Changing property 'properties.${field}' is not allowed.`,
      {
        target: `properties.${field}`,
      },
    );
  }
}
