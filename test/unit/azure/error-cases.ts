/** What Azure was seen to answer, one entry a known wording. Codes and texts from the error catalogue of the reference. */
export interface ErrorCase {
  situation: string;
  wire: {
    code: string;
    message: string;
    subcode?: string;
    details?: { code: string; message: string }[];
  };
  expected: { code: string; class: string; retryAfterSeconds?: number };
  /** Where the situation only ever shows as one HTTP status. */
  status?: number;
}

const familyQuota = { code: 'InsufficientQuota', class: 'next-rung' };
const inProgress = { code: 'OperationInProgress', class: 'wait', retryAfterSeconds: 30 };
const preempted = { code: 'OperationPreempted', class: 'retry' };
const bootstrap = { code: 'NodeBootstrapFailed', class: 'retry' };
const exceeded = (what: string, limit: number): string =>
  `Operation could not be completed as it results in exceeding approved ${what} quota. Additional details - Location: eastus, ` +
  `Current Limit: ${limit}, Current Usage: ${limit}, Additional Required: 24, (Minimum) New Limit Required: ${limit + 24}.`;

export const errorCases: ErrorCase[] = [
  {
    situation: 'family quota used up, as AKS says it',
    wire: {
      code: 'ErrCode_InsufficientVCPUQuota',
      message:
        'Insufficient vcpu quota requested 24, remaining 8 for family standardNCADSA100v4Family for region eastus. Surge nodes would also consume vcpu quota',
      subcode: 'InsufficientVCPUQuota',
    },
    expected: { ...familyQuota, retryAfterSeconds: 600 },
  },
  {
    situation: 'family quota, short code',
    wire: { code: 'InsufficientVCPUQuota', message: 'Insufficient vcpu quota' },
    expected: familyQuota,
  },
  {
    situation: 'family quota, as Compute says it',
    wire: { code: 'QuotaExceeded', message: exceeded('standardNCADSA100v4Family Cores', 24) },
    expected: { ...familyQuota, retryAfterSeconds: 600 },
  },
  {
    situation: 'family quota of zero, as an operation that is not allowed',
    wire: { code: 'OperationNotAllowed', message: exceeded('standardNCADSA100v4Family Cores', 0) },
    expected: { ...familyQuota, retryAfterSeconds: 3600 },
  },
  {
    situation: 'regional quota',
    wire: { code: 'OperationNotAllowed', message: exceeded('Total Regional Cores', 100) },
    expected: { code: 'InsufficientRegionalQuota', class: 'operator', retryAfterSeconds: 600 },
  },
  {
    situation: 'regional quota under its own code',
    wire: { code: 'QuotaExceeded', message: exceeded('Total Regional Cores', 100) },
    expected: { code: 'InsufficientRegionalQuota', class: 'operator' },
  },
  {
    situation: 'spot quota',
    wire: { code: 'OperationNotAllowed', message: exceeded('LowPriorityCores', 3) },
    expected: { code: 'InsufficientSpotQuota', class: 'next-rung', retryAfterSeconds: 600 },
  },
  {
    situation: 'capacity reservation group that does not exist',
    wire: {
      code: 'ResourceNotFound',
      message:
        "The Resource 'Microsoft.Compute/capacityReservationGroups/gpus' under resource group 'slipway' was not found.",
    },
    expected: { code: 'ReservationUnusable', class: 'next-rung', retryAfterSeconds: 600 },
  },
  {
    situation: 'capacity reservation of another size',
    wire: {
      code: 'BadRequest',
      message:
        "The capacity reservation group 'gpus' has no capacity reservation for VM size Standard_NC24ads_A100_v4.",
    },
    expected: { code: 'ReservationUnusable', class: 'next-rung' },
  },
  {
    situation: 'size not allowed in the subscription',
    wire: {
      code: 'BadRequest',
      message:
        "The VM size of AgentPoolProfile:ws1 is not allowed in your subscription in location 'eastus'.",
    },
    expected: { code: 'SizeNotOffered', class: 'next-rung', retryAfterSeconds: 82800 },
  },
  {
    situation: 'size not allowed, told by the subcode',
    wire: {
      code: 'BadRequest',
      message: 'The VM size of the agent pool cannot be used.',
      subcode: 'VMSizeNotSupported',
    },
    expected: { code: 'SizeNotOffered', class: 'next-rung', retryAfterSeconds: 82800 },
  },
  {
    situation: 'size not supported',
    wire: { code: 'VMSizeNotSupported', message: 'The size is not supported for subscription x in eastus.' },
    expected: { code: 'SizeNotOffered', class: 'next-rung' },
  },
  {
    situation: 'SKU restricted on demand',
    wire: {
      code: 'SkuNotAvailable',
      message: 'Following SKUs have failed for Capacity Restrictions: Standard_NC24ads_A100_v4',
    },
    expected: { code: 'SkuNotAvailable', class: 'next-rung', retryAfterSeconds: 82800 },
  },
  {
    situation: 'SKU out of spot capacity',
    wire: {
      code: 'SkuNotAvailable',
      message: 'The requested VM size for Spot is currently not available in eastus.',
    },
    expected: { code: 'SkuNotAvailable', class: 'next-rung', retryAfterSeconds: 3600 },
  },
  {
    situation: 'zone invalid for the size',
    wire: {
      code: 'AvailabilityZoneNotSupported',
      message:
        "The zone(s) '1' for resource 'ws1' is not supported. The supported zones for location are '2,3'",
    },
    expected: { code: 'ZoneNotSupported', class: 'next-rung' },
  },
  {
    situation: 'no capacity in the zone',
    wire: {
      code: 'ZonalAllocationFailed',
      message: 'Allocation failed. We do not have sufficient capacity in this zone.',
    },
    expected: { code: 'ZonalAllocationFailed', class: 'next-rung', retryAfterSeconds: 3600 },
  },
  {
    situation: 'no capacity in the region',
    wire: {
      code: 'AllocationFailed',
      message: 'Allocation failed. We do not have sufficient capacity in this region.',
    },
    expected: { code: 'AllocationFailed', class: 'next-rung', retryAfterSeconds: 3600 },
  },
  {
    situation: 'too many constraints',
    wire: { code: 'OverconstrainedAllocationRequest', message: 'The VM size and constraints cannot be met.' },
    expected: { code: 'OverconstrainedAllocation', class: 'next-rung', retryAfterSeconds: 3600 },
  },
  {
    situation: 'too many constraints in a zone',
    wire: {
      code: 'OverconstrainedZonalAllocationRequest',
      message: 'The VM size and constraints cannot be met.',
    },
    expected: { code: 'OverconstrainedAllocation', class: 'next-rung' },
  },
  {
    situation: 'region in heavy use',
    wire: { code: 'AksCapacityHeavyUsage', message: 'AKS is experiencing heavy usage in eastus.' },
    expected: { code: 'RegionAtCapacity', class: 'operator' },
  },
  {
    situation: 'region at capacity',
    wire: { code: 'AKSCapacityError', message: 'Region at capacity.' },
    expected: { code: 'RegionAtCapacity', class: 'operator' },
  },
  {
    situation: 'another operation on the cluster',
    wire: {
      code: 'OperationNotAllowed',
      message: 'Operation is not allowed: Another operation (Updating) is in progress.',
    },
    expected: inProgress,
    status: 409,
  },
  {
    situation: 'another operation on a pool',
    wire: {
      code: 'OperationNotAllowed',
      message:
        'Operation is not allowed: Another agentpool operation (nodepool1 - Creating) is in progress, please wait.',
    },
    expected: inProgress,
    status: 409,
  },
  {
    situation: 'a pool being created',
    wire: {
      code: 'OperationNotAllowed',
      message: "Operation is not allowed because there's an in progress create node pool operation on ws1",
    },
    expected: inProgress,
    status: 409,
  },
  {
    situation: 'the etag of an operation under way',
    wire: {
      code: 'EtagMismatch',
      message: 'Operation is not allowed: Another operation is in progress',
      subcode: 'PutAgentPoolHandler.PUT',
    },
    expected: inProgress,
    status: 409,
  },
  {
    situation: 'the etag of an operation under way, in the words of gRPC',
    wire: {
      code: 'EtagMismatch',
      message: 'Operation is not allowed: Another operation is in progress',
      subcode: 'PutAgentPoolHandler.PUT',
      details: [
        { code: 'Unspecified', message: 'rpc error: code = FailedPrecondition desc = Etag mismatched' },
      ],
    },
    expected: inProgress,
    status: 409,
  },
  {
    situation: 'pre-empted',
    wire: { code: 'AKSOperationPreempted', message: 'Preempted by operation 1234.' },
    expected: preempted,
  },
  {
    situation: 'pre-empted by a delete',
    wire: { code: 'AKSOperationPreemptedByDelete', message: 'Preempted by a delete.' },
    expected: preempted,
  },
  {
    situation: 'overridden by a later operation',
    wire: { code: 'Canceled', message: 'The operation was overriden and canceled by a later operation.' },
    expected: preempted,
  },
  {
    situation: 'etag changed under the operation',
    wire: { code: 'OriginalEtagNotExpect', message: 'original etag does not match' },
    expected: preempted,
  },
  {
    situation: 'stale if-match',
    wire: { code: 'PreconditionFailed', message: 'Resource not found but ETag header is provided' },
    expected: { code: 'PoolChanged', class: 'retry' },
    status: 412,
  },
  {
    situation: 'throttled by AKS, naming the wait',
    wire: {
      code: 'Throttled',
      message:
        "The PutManagedClusterHandler.PUT request limit has been exceeded for SubID='x', please retry again in 47 seconds",
    },
    expected: { code: 'Throttled', class: 'wait', retryAfterSeconds: 47 },
    status: 429,
  },
  {
    situation: 'throttled by ARM',
    wire: { code: 'SubscriptionRequestsThrottled', message: 'Number of requests exceeded the limit.' },
    expected: { code: 'Throttled', class: 'wait', retryAfterSeconds: 30 },
    status: 429,
  },
  {
    situation: 'throttled, short code',
    wire: { code: 'TooManyRequests', message: 'Slow down.' },
    expected: { code: 'Throttled', class: 'wait' },
    status: 429,
  },
  {
    situation: 'throttled by Compute',
    wire: {
      code: 'TooManyRequestsReceived',
      message: 'The server rejected the request because too many requests have been received.',
    },
    expected: { code: 'ThrottledByCompute', class: 'wait', retryAfterSeconds: 180 },
  },
  {
    situation: 'throttled by Compute, told in prose',
    wire: {
      code: 'ReconcileVMSSAgentPoolFailed',
      message: 'VMSS create failed. Category: ClientError; SubCode: TooManyRequests; Retriable: false',
    },
    expected: { code: 'ThrottledByCompute', class: 'wait', retryAfterSeconds: 180 },
  },
  ...['SubnetIsFull', 'InsufficientSubnetSize', 'SubnetIsDelegated'].map((code) => ({
    situation: `subnet: ${code}`,
    wire: { code, message: 'The subnet cannot take the nodes.' },
    expected: { code: 'SubnetUnusable', class: 'operator' },
  })),
  {
    situation: 'bad field',
    wire: { code: 'InvalidParameter', message: 'The value of parameter agentPool.name is invalid.' },
    expected: { code: 'InvalidRequest', class: 'bug' },
    status: 400,
  },
  {
    situation: 'bad request',
    wire: { code: 'BadRequest', message: 'Taint sku is invalid.' },
    expected: { code: 'InvalidRequest', class: 'bug' },
    status: 400,
  },
  {
    situation: 'Azure Policy',
    wire: { code: 'RequestDisallowedByPolicy', message: "Resource 'ws1' was disallowed by policy." },
    expected: { code: 'DisallowedByPolicy', class: 'operator' },
    status: 403,
  },
  ...['AuthorizationFailed', 'LinkedAuthorizationFailed'].map((code) => ({
    situation: `RBAC: ${code}`,
    wire: { code, message: 'The client does not have authorization to perform the action.' },
    expected: { code: 'AuthorizationFailed', class: 'operator' },
    status: 403,
  })),
  {
    situation: 'pool not found, as AKS says it',
    wire: { code: 'NotFound', message: 'Agent Pool not found' },
    expected: { code: 'NotFound', class: 'retry' },
    status: 404,
  },
  {
    situation: 'resource not found',
    wire: { code: 'ResourceNotFound', message: 'The Resource was not found.' },
    expected: { code: 'NotFound', class: 'retry' },
    status: 404,
  },
  ...['ParentResourceNotFound', 'ResourceGroupNotFound'].map((code) => ({
    situation: `cluster gone: ${code}`,
    wire: { code, message: 'It could not be found.' },
    expected: { code: 'ClusterNotFound', class: 'operator' },
    status: 404,
  })),
  {
    situation: 'subscription not found',
    wire: { code: 'SubscriptionNotFound', message: "The subscription 'x' could not be found." },
    expected: { code: 'SubscriptionNotFound', class: 'operator' },
    status: 404,
  },
  {
    situation: 'cluster stopped',
    wire: {
      code: 'OperationNotAllowed',
      message: 'Operation is not allowed: the managed cluster power state is Stopped.',
    },
    expected: { code: 'ClusterStopped', class: 'wait' },
  },
  {
    situation: 'cluster stopped, as a bad request',
    wire: { code: 'BadRequest', message: 'The cluster is in power state Stopped.' },
    expected: { code: 'ClusterStopped', class: 'wait' },
  },
  {
    situation: 'last system pool',
    wire: { code: 'OperationNotAllowed', message: 'There has to be at least one system node pool.' },
    expected: { code: 'LastSystemPool', class: 'bug' },
  },
  {
    situation: 'too many pools',
    wire: { code: 'MaxAgentPoolCountReached', message: 'The limit is 100.' },
    expected: { code: 'TooManyPools', class: 'operator' },
  },
  {
    situation: 'node bootstrap script failed',
    wire: { code: 'VMExtensionProvisioningError', message: 'vmssCSE failed with exit code 50.' },
    expected: bootstrap,
  },
  ...['OutboundConnFail', 'K8SAPIServerConnFail', 'K8SDownloadTimeout', 'ProvisioningTimeout'].map(
    (suffix) => ({
      situation: `node bootstrap: ${suffix}`,
      wire: { code: `VMExtensionError_${suffix}`, message: 'The extension failed.' },
      expected: bootstrap,
    }),
  ),
  {
    situation: 'node version incompatible',
    wire: { code: 'NodePoolMcVersionIncompatible', message: 'Node pool version 1.33 is not compatible.' },
    expected: bootstrap,
  },
];
