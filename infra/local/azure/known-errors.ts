/**
 * What AKS and the services behind it are known to answer to pool operations, by name, ready for fault rules: `refusal('family quota')`
 * refuses at once, `failure('zone without capacity', 120)` fails after it was accepted. Codes and wordings from Azure's troubleshooting
 * pages and public issues; those marked K are common knowledge without a primary source.
 */
import type { ErrorShape } from './arm-error.ts';
import type { Outcome } from './fault-rules.ts';
import type { ErrorDetail } from './records.ts';

/** What the wordings speak of. */
export interface ErrorFacts {
  vmSize: string;
  family: string;
  region: string;
  pool: string;
  zone: string;
  /** vCPUs. */
  needed: number;
  limit: number;
  used: number;
}

const usual: ErrorFacts = {
  vmSize: 'Standard_NC24ads_A100_v4',
  family: 'StandardNCADSA100v4Family',
  region: 'eastus',
  pool: 'ws1',
  zone: '1',
  needed: 24,
  limit: 24,
  used: 24,
};

interface KnownError {
  /** HTTP status of the refusal; the same error may come later, without one. */
  status: number;
  shape: ErrorShape;
  code: string;
  message: (facts: ErrorFacts) => string;
  subcode?: string;
  /** The telling code below, where the outer one says nothing. */
  details?: (facts: ErrorFacts) => ErrorDetail[];
  retryAfterSeconds?: number;
}

const exceeds =
  (what: (facts: ErrorFacts) => string) =>
  (facts: ErrorFacts): string =>
    `Operation could not be completed as it results in exceeding approved ${what(facts)} quota. Additional details - Deployment Model: Resource Manager, ` +
    `Location: ${facts.region}, Current Limit: ${facts.limit}, Current Usage: ${facts.used}, Additional Required: ${facts.needed}, ` +
    `(Minimum) New Limit Required: ${facts.used + facts.needed}.`;
const inProgress = (what: string) => (): string =>
  `Operation is not allowed: ${what} is in progress. Please wait for it to finish before starting a new operation.`;
const extension = (code: string, message: string): KnownError => ({
  status: 400,
  shape: 'aks',
  code: 'ReconcileVMSSAgentPoolFailed',
  message: () => 'Unable to establish the nodes of the agent pool.',
  details: () => [{ code, message }],
});
const subnet = (code: string, message: string): KnownError => ({
  status: 400,
  shape: 'aks',
  code,
  message: () => message,
});

const errors = {
  'family quota': {
    status: 400,
    shape: 'aks',
    code: 'ErrCode_InsufficientVCPUQuota',
    subcode: 'InsufficientVCPUQuota',
    message: ({ needed, limit, used, family, region }) =>
      `Insufficient vcpu quota requested ${needed}, remaining ${limit - used} for family ${family} for region ${region}. Surge nodes would also consume vcpu quota.`,
  },
  'family quota, as Compute says it': {
    status: 409,
    shape: 'arm',
    code: 'QuotaExceeded',
    message: exceeds(({ family }) => `${family} Cores`),
  },
  'family quota, as a forbidden operation': {
    status: 409,
    shape: 'arm',
    code: 'OperationNotAllowed',
    message: exceeds(({ family }) => `${family} Family Cores`),
  },
  'regional quota': {
    status: 409,
    shape: 'arm',
    code: 'OperationNotAllowed',
    message: exceeds(() => 'Total Regional Cores'),
  },
  'spot quota': {
    status: 409,
    shape: 'arm',
    code: 'OperationNotAllowed',
    message: exceeds(() => 'LowPriorityCores'),
  },
  'size not allowed': {
    status: 400,
    shape: 'aks',
    code: 'BadRequest',
    message: ({ pool, region }) =>
      `The VM size of AgentPoolProfile:${pool} is not allowed in your subscription in location '${region}'.`,
  },
  'size not supported': {
    status: 400,
    shape: 'aks',
    code: 'VMSizeNotSupported',
    message: ({ vmSize, region }) =>
      `Virtual Machine size ${vmSize} is not supported for subscription in ${region}.`,
  },
  'size restricted': {
    status: 409,
    shape: 'arm',
    code: 'InvalidTemplateDeployment',
    message: () => 'The template deployment failed with multiple errors. Please see details.',
    details: ({ vmSize, region }) => [
      {
        code: 'SkuNotAvailable',
        message: `The requested VM size for resource 'Following SKUs have failed for Capacity Restrictions: ${vmSize}' is currently not available in location '${region}'.`,
      },
    ],
  },
  'spot size without capacity': {
    status: 409,
    shape: 'arm',
    code: 'SkuNotAvailable',
    message: ({ vmSize }) => `Following SKUs have failed for Capacity Restrictions: ${vmSize} (Spot).`,
  },
  'zone not supported': {
    status: 400,
    shape: 'aks',
    code: 'AvailabilityZoneNotSupported',
    message: ({ zone, pool }) =>
      `The zone(s) '${zone}' for resource '${pool}' is not supported. The supported zones for location are '2,3'`,
  },
  'zone without capacity': {
    status: 409,
    shape: 'aks',
    code: 'ReconcileVMSSAgentPoolFailed',
    message: () => 'The operation failed.',
    details: () => [
      {
        code: 'ZonalAllocationFailed',
        message:
          'Allocation failed. We do not have sufficient capacity for the requested VM size in this zone.',
      },
    ],
  },
  'region without capacity': {
    status: 409,
    shape: 'aks',
    code: 'ResourceOperationFailure',
    message: () => 'The operation failed.',
    details: () => [
      {
        code: 'AllocationFailed',
        message:
          'Allocation failed. We do not have sufficient capacity for the requested VM size in this region.',
      },
    ],
  },
  'too many constraints': {
    status: 409,
    shape: 'arm',
    code: 'OverconstrainedAllocationRequest',
    message: () =>
      'Allocation failed. VM(s) with the following constraints cannot be allocated, because the condition is too restrictive.',
  },
  'too many constraints in a zone': {
    status: 409,
    shape: 'arm',
    code: 'OverconstrainedZonalAllocationRequest',
    message: () =>
      'Allocation failed. VM(s) with the following constraints cannot be allocated, because the condition is too restrictive.',
  },
  'cluster region under heavy use': {
    status: 400,
    shape: 'aks',
    code: 'AksCapacityHeavyUsage',
    message: ({ region }) =>
      `AKS is experiencing heavy usage in region ${region}. Please use another region.`,
  },
  'cluster region at capacity': {
    status: 400,
    shape: 'aks',
    code: 'AKSCapacityError',
    message: ({ region }) => `The region ${region} is at capacity.`,
  },
  'another operation': {
    status: 409,
    shape: 'aks',
    code: 'OperationNotAllowed',
    message: inProgress('Another operation (Updating)'),
  },
  'another pool operation': {
    status: 409,
    shape: 'aks',
    code: 'OperationNotAllowed',
    message: inProgress('Another agentpool operation (nodepool1 - Creating)'),
  },
  'pool being created': {
    status: 409,
    shape: 'aks',
    code: 'OperationNotAllowed',
    message: () => "Operation is not allowed because there's an in progress create node pool operation.",
  },
  'eTag of an operation in progress': {
    status: 409,
    shape: 'aks',
    code: 'EtagMismatch',
    subcode: 'PutAgentPoolHandler.PUT',
    message: () => 'Operation is not allowed: Another operation is in progress.',
    details: () => [
      { code: 'Unspecified', message: 'rpc error: code = FailedPrecondition desc = Etag mismatched' },
    ],
  },
  'pre-empted': {
    status: 409,
    shape: 'aks',
    code: 'AKSOperationPreempted',
    message: () => 'The operation was preempted by operation 0a1b2c3d-0000-0000-0000-000000000000.',
  },
  'pre-empted by a delete': {
    status: 409,
    shape: 'aks',
    code: 'AKSOperationPreemptedByDelete',
    message: () => 'The operation was preempted by delete operation 0a1b2c3d-0000-0000-0000-000000000000.',
  },
  'canceled by a later one': {
    status: 409,
    shape: 'aks',
    code: 'Canceled',
    message: () => 'The operation was overriden and canceled by a later operation.',
  },
  'eTag taken by another client': {
    status: 409,
    shape: 'aks',
    code: 'ResourceOperationFailure',
    message: () => 'The operation failed.',
    details: () => [{ code: 'OriginalEtagNotExpect', message: 'The original etag is not the expected one.' }],
  },
  'stale eTag': {
    status: 412,
    shape: 'aks',
    code: 'PreconditionFailed',
    message: () => 'The ETag in the request does not match the current one.',
  },
  'throttled by AKS': {
    status: 429,
    shape: 'aks',
    code: 'Throttled',
    message: () =>
      "The PutAgentPoolHandler.PUT request limit has been exceeded for SubID='11111111-2222-3333-4444-555555555555', please retry again in 40 seconds.",
    retryAfterSeconds: 40,
  },
  'throttled by ARM': {
    status: 429,
    shape: 'arm',
    code: 'SubscriptionRequestsThrottled',
    message: () => 'Number of requests for subscription exceeded the limit. Please try again later.',
    retryAfterSeconds: 17,
  },
  'throttled by Compute': {
    status: 409,
    shape: 'aks',
    code: 'ReconcileVMSSAgentPoolFailed',
    message: () =>
      'We are unable to serve this request. Category: ClientError; SubCode: TooManyRequests; Dependency: Microsoft.Compute/VirtualMachineScaleSet.',
    details: () => [
      {
        code: 'OperationNotAllowed',
        message: 'The server rejected the request because too many requests have been received.',
        details: [
          {
            code: 'TooManyRequests',
            message:
              '{"operationGroup":"CreateVMScaleSet30Min","allowedRequestCount":1400,"measuredRequestCount":1450}',
          },
        ],
      },
    ],
  },
  'subnet full': subnet(
    'SubnetIsFull',
    'Subnet aks-subnet with address prefix 10.0.0.0/27 does not have enough capacity.',
  ),
  'subnet too small': subnet(
    'InsufficientSubnetSize',
    'Pre-allocated IPs 124 exceeds IPs available 100 in Subnet Cidr 10.0.0.0/25.',
  ),
  'subnet delegated': subnet(
    'SubnetIsDelegated',
    'Subnet aks-subnet cannot be used as it is delegated to another service.',
  ),
  'invalid field': {
    status: 400,
    shape: 'aks',
    code: 'InvalidParameter',
    message: () => 'The value of parameter agentPoolProfile.osSKU is invalid.',
  },
  'forbidden by policy': {
    status: 403,
    shape: 'arm',
    code: 'RequestDisallowedByPolicy',
    message: ({ pool }) => `Resource '${pool}' was disallowed by policy 'no-gpus'.`,
  },
  'no permission': {
    status: 403,
    shape: 'arm',
    code: 'AuthorizationFailed',
    message: () =>
      "The client does not have authorization to perform action 'Microsoft.ContainerService/managedClusters/agentPools/write'.",
  },
  'no permission on what is linked': {
    status: 403,
    shape: 'arm',
    code: 'LinkedAuthorizationFailed',
    message: () =>
      "The client has permission to perform the action, but not 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope.",
  },
  'cluster not found': {
    status: 404,
    shape: 'arm',
    code: 'ParentResourceNotFound',
    message: () =>
      'Failed to perform write on resource of type agentPools, because the parent resource could not be found.',
  },
  /** K: exact code and status. */
  'cluster stopped': {
    status: 400,
    shape: 'aks',
    code: 'OperationNotAllowed',
    message: () =>
      "Operation is not allowed: the cluster is in power state Stopped. Start it with 'az aks start' first.",
  },
  /** K: exact code and status. */
  'last system pool': {
    status: 400,
    shape: 'arm',
    code: 'OperationNotAllowed',
    message: () => 'There has to be at least one system agent pool.',
  },
  /** K: exact code and status. */
  'too many pools': {
    status: 400,
    shape: 'aks',
    code: 'MaxAgentPoolCountReached',
    message: () => 'The maximum number of agentpools (100) has been reached for the cluster.',
  },
  /** K. */
  'reservation not found': {
    status: 404,
    shape: 'arm',
    code: 'ResourceNotFound',
    message: () =>
      "The Resource 'Microsoft.Compute/capacityReservationGroups/gpus' under resource group 'slipway' was not found.",
  },
  /** K. */
  'reservation of another size': {
    status: 400,
    shape: 'aks',
    code: 'BadRequest',
    message: ({ vmSize }) =>
      `The capacity reservation group 'gpus' has no capacity reservation for VM size ${vmSize}.`,
  },
  'node set-up failed': extension(
    'VMExtensionProvisioningError',
    'VM has reported a failure when processing extension vmssCSE. Error message: Enable failed: failed to execute command: exit status=50',
  ),
  'node without outbound network': extension('VMExtensionError_OutboundConnFail', 'CSE exited with 50.'),
  'node without API server': extension('VMExtensionError_K8SAPIServerConnFail', 'CSE exited with 51.'),
  'node set-up timed out': extension('VMExtensionError_ProvisioningTimeout', 'CSE exited with 124.'),
  'node version incompatible': extension(
    'NodePoolMcVersionIncompatible',
    'The node pool version is not compatible.',
  ),
} as const satisfies Record<string, KnownError>;

/** A situation of the catalogue. */
export type ErrorName = keyof typeof errors;

export const errorNames = Object.freeze(Object.keys(errors).filter(isErrorName));

/** The outcome of a request that is refused at once. */
export function refusal(
  name: ErrorName,
  facts: Partial<ErrorFacts> = {},
): Extract<Outcome, { type: 'refuse' }> {
  const known: KnownError = errors[name];
  const { status, shape, retryAfterSeconds } = known;
  return {
    type: 'refuse',
    status,
    shape,
    ...worded(known, facts),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

/** The outcome of a request that is accepted and fails `afterSeconds`; the pool shows why. */
export function failure(
  name: ErrorName,
  afterSeconds: number,
  facts: Partial<ErrorFacts> = {},
): Extract<Outcome, { type: 'fail' }> {
  const { subcode, ...rest } = worded(errors[name], facts);
  return { type: 'fail', afterSeconds, ...rest };
}

function worded(
  { code, message, subcode, details }: KnownError,
  facts: Partial<ErrorFacts>,
): { code: string; message: string; subcode?: string; details?: ErrorDetail[] } {
  const all = { ...usual, ...facts };
  return {
    code,
    message: message(all),
    ...(subcode === undefined ? {} : { subcode }),
    ...(details === undefined ? {} : { details: details(all) }),
  };
}

function isErrorName(name: string): name is ErrorName {
  return name in errors;
}
