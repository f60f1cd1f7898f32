/**
 * What Azure's errors mean, one row a situation, the first match wins: more telling rows stand first. Sources: Azure's
 * troubleshooting pages for AKS errors, the resource provider's own texts, and the cool-downs of karpenter-provider-azure
 * (10 min low quota, 1 h zero quota and allocation, 23 h size not offered).
 */
import type { FailureClass } from '../provisioning/node-provisioner.ts';
import { quotaRemedy, readQuota } from './quota-facts.ts';

/** What a row looks at. Codes match as a whole, without case; `text` must match as well when both are given. */
export interface ErrorPattern {
  codes?: readonly string[];
  text?: RegExp;
  /** HTTP status of a synchronous answer. */
  status?: number;
}

export interface ErrorRow {
  /** Our stable code for the situation. */
  code: string;
  class: FailureClass;
  /** Any of these is enough. */
  matches: readonly ErrorPattern[];
  /** What to do about it; from the text where that tells figures. */
  remedy: string | ((text: string) => string);
  /** When nothing in the answer says so: seconds until asking again makes sense. */
  retryAfterSeconds?: number | ((text: string) => number);
}

const minutes = (count: number): number => count * 60;
const hours = (count: number): number => count * 3600;
const refusals = ['OperationNotAllowed', 'QuotaExceeded', 'BadRequest'] as const;

/** A quota of zero is a decision, a used-up one may free up. */
const quotaCoolDown = (text: string): number => (readQuota(text).limit === 0 ? hours(1) : minutes(10));

/** Spot capacity comes back within the hour; a size that is restricted on demand stays so. */
const restrictionCoolDown = (text: string): number =>
  /\bspot\b|low.?priority/i.test(text) ? hours(1) : hours(23);

const invalidRemedy =
  'Change what the message names in the Workspace, then set the annotation slipway.dev/retry to any new value; if nothing of it is yours, report it as a bug.';

export const errorTable: readonly ErrorRow[] = [
  {
    code: 'ThrottledByCompute',
    class: 'wait',
    matches: [
      { codes: ['TooManyRequestsReceived'] },
      { codes: ['OperationNotAllowed'], text: /TooManyRequests/ },
      { text: /SubCode:\s*TooManyRequests/i },
    ],
    remedy: 'Nothing needs to be done: Compute throttles the subscription, and Slipway asks again later.',
    retryAfterSeconds: minutes(3),
  },
  {
    code: 'Throttled',
    class: 'wait',
    matches: [{ codes: ['Throttled', 'SubscriptionRequestsThrottled', 'TooManyRequests'] }, { status: 429 }],
    remedy: 'Nothing needs to be done: Azure Resource Manager throttles, and Slipway asks again later.',
    retryAfterSeconds: 30,
  },
  {
    code: 'InsufficientSpotQuota',
    class: 'next-rung',
    matches: [{ codes: refusals, text: /LowPriorityCores/i }],
    remedy: (text) =>
      quotaRemedy(text, 'allow on-demand nodes with slipway.dev/priority: spot-then-on-demand'),
    retryAfterSeconds: quotaCoolDown,
  },
  {
    code: 'InsufficientRegionalQuota',
    class: 'operator',
    matches: [{ codes: refusals, text: /Total Regional (?:vCPU|Cores)/i }],
    remedy: (text) => quotaRemedy(text, 'use a cluster in another region'),
    retryAfterSeconds: quotaCoolDown,
  },
  {
    code: 'InsufficientQuota',
    class: 'next-rung',
    matches: [
      { codes: ['ErrCode_InsufficientVCPUQuota', 'InsufficientVCPUQuota', 'QuotaExceeded'] },
      { codes: ['OperationNotAllowed'], text: /exceeding approved .*cores quota|family cores quota/i },
    ],
    remedy: (text) =>
      quotaRemedy(text, 'allow a size of another family with slipway.dev/fallback-instance-types'),
    retryAfterSeconds: quotaCoolDown,
  },
  {
    code: 'ReservationUnusable',
    class: 'next-rung',
    matches: [
      {
        codes: ['ResourceNotFound', 'NotFound', 'BadRequest', 'InvalidParameter', 'OperationNotAllowed'],
        text: /capacity ?reservation/i,
      },
    ],
    remedy:
      'Check slipway.dev/capacity-reservation-group: the group must exist in the region (and zones) of the cluster and hold a reservation for this instance type.',
    retryAfterSeconds: minutes(10),
  },
  {
    code: 'SizeNotOffered',
    class: 'next-rung',
    matches: [
      { codes: ['VMSizeNotSupported'] },
      { text: /VM size .*is not allowed in your subscription|is not supported for subscription/i },
    ],
    remedy:
      'Choose an instance type that the region offers to this subscription: az vm list-skus --location <region>.',
    retryAfterSeconds: hours(23),
  },
  {
    code: 'SkuNotAvailable',
    class: 'next-rung',
    matches: [{ codes: ['SkuNotAvailable'] }],
    remedy: 'Choose another instance type or region; Azure has none of this size for the subscription now.',
    retryAfterSeconds: restrictionCoolDown,
  },
  {
    code: 'ZoneNotSupported',
    class: 'next-rung',
    matches: [{ codes: ['AvailabilityZoneNotSupported'] }],
    remedy: 'Use zones in which this instance type is offered, or none.',
    retryAfterSeconds: hours(23),
  },
  {
    code: 'ZonalAllocationFailed',
    class: 'next-rung',
    matches: [{ codes: ['ZonalAllocationFailed'] }],
    remedy: 'Wait for capacity in the zone, or allow other zones or instance types.',
    retryAfterSeconds: hours(1),
  },
  {
    code: 'OverconstrainedAllocation',
    class: 'next-rung',
    matches: [{ codes: ['OverconstrainedAllocationRequest', 'OverconstrainedZonalAllocationRequest'] }],
    remedy: 'Drop a constraint: zone, proximity placement group, ephemeral disk or accelerated networking.',
    retryAfterSeconds: hours(1),
  },
  {
    code: 'AllocationFailed',
    class: 'next-rung',
    matches: [{ codes: ['AllocationFailed'] }],
    remedy: 'Wait for capacity in the region, or allow other instance types.',
    retryAfterSeconds: hours(1),
  },
  {
    code: 'RegionAtCapacity',
    class: 'operator',
    matches: [{ codes: ['AksCapacityHeavyUsage', 'AKSCapacityError'] }],
    remedy: 'AKS takes no more in this region now: use a cluster in another region.',
    retryAfterSeconds: hours(1),
  },
  {
    code: 'OperationPreempted',
    class: 'retry',
    matches: [
      { codes: ['AKSOperationPreempted', 'AKSOperationPreemptedByDelete', 'OriginalEtagNotExpect'] },
      { codes: ['Canceled', 'Cancelled', 'OperationNotAllowed'], text: /overrid+en and canceled/i },
    ],
    remedy:
      'Slipway tries again. If it comes back, look in the activity log for what else changes the agent pools of the cluster.',
    retryAfterSeconds: 30,
  },
  {
    code: 'ClusterStopped',
    class: 'wait',
    matches: [{ codes: ['OperationNotAllowed', 'BadRequest'], text: /\bstopped\b/i }],
    remedy: 'Start the cluster: az aks start.',
    retryAfterSeconds: minutes(5),
  },
  {
    code: 'OperationInProgress',
    class: 'wait',
    matches: [
      { codes: ['EtagMismatch'] },
      {
        codes: ['OperationNotAllowed'],
        text: /another .*operation .*in progress|in[- ]progress .*operation/i,
      },
    ],
    remedy: 'Nothing needs to be done: Slipway waits for the operation that is in progress on the cluster.',
    retryAfterSeconds: 30,
  },
  {
    code: 'PoolChanged',
    class: 'retry',
    matches: [{ codes: ['PreconditionFailed'] }, { status: 412 }],
    remedy:
      'Nothing needs to be done: the agent pool was changed by somebody else, and Slipway reads it again.',
    retryAfterSeconds: 5,
  },
  {
    code: 'SubnetUnusable',
    class: 'operator',
    matches: [{ codes: ['SubnetIsFull', 'InsufficientSubnetSize', 'SubnetIsDelegated'] }],
    remedy: 'Give the cluster a larger subnet, or free addresses in it.',
  },
  {
    code: 'DisallowedByPolicy',
    class: 'operator',
    matches: [{ codes: ['RequestDisallowedByPolicy'] }],
    remedy: 'Exempt the agent pools of this cluster from the Azure Policy named in the message, or meet it.',
  },
  {
    code: 'AuthorizationFailed',
    class: 'operator',
    matches: [{ codes: ['AuthorizationFailed', 'LinkedAuthorizationFailed'] }],
    remedy:
      "Grant the function app's identity the roles listed in the deployment guide, then wait some minutes.",
  },
  {
    code: 'NodeBootstrapFailed',
    class: 'retry',
    matches: [
      { codes: ['VMExtensionProvisioningError', 'NodePoolMcVersionIncompatible'] },
      { text: /VMExtensionError_\w+|vmssCSE/ },
    ],
    remedy: 'If it happens again, check outbound network access of the nodes.',
  },
  {
    code: 'LastSystemPool',
    class: 'bug',
    matches: [{ text: /(?:last|at least one) system (?:node|agent)? ?pool/i }],
    remedy:
      'A cluster keeps one system pool; Slipway only removes pools with its tags. Report this as a bug.',
  },
  {
    code: 'TooManyPools',
    class: 'operator',
    matches: [
      { codes: ['MaxAgentPoolCountReached'] },
      { text: /max(?:imum)? (?:number of )?agent ?pools?/i },
    ],
    remedy:
      'An AKS cluster takes 100 agent pools: delete unused ones, let workspaces of one size share theirs (slipway.dev/node-allocation: shared), or add another cluster.',
    retryAfterSeconds: minutes(10),
  },
  {
    code: 'ClusterNotFound',
    class: 'operator',
    matches: [{ codes: ['ParentResourceNotFound', 'ResourceGroupNotFound'] }],
    remedy: 'Check resourceId of this cluster in SLIPWAY_CLUSTERS.',
  },
  {
    // Also what an identity without any role there is told: never proof that a cluster is gone.
    code: 'SubscriptionNotFound',
    class: 'operator',
    matches: [{ codes: ['SubscriptionNotFound', 'InvalidSubscriptionId'] }],
    remedy:
      "Check resourceId of this cluster in SLIPWAY_CLUSTERS and the tenant of the function app's identity.",
  },
  {
    code: 'NotFound',
    class: 'retry',
    matches: [
      { codes: ['NotFound', 'ResourceNotFound'] },
      { text: /Agent ?Pool not found/i },
      { status: 404 },
    ],
    remedy: 'Slipway looks again and makes the agent pool anew where it is wished for.',
    retryAfterSeconds: 5,
  },
  {
    code: 'InvalidRequest',
    class: 'bug',
    matches: [
      { codes: ['InvalidParameter', 'BadRequest', 'PropertyChangeNotAllowed', 'InvalidTemplateDeployment'] },
    ],
    remedy: invalidRemedy,
  },
];

const unreachableRemedy =
  'Slipway tries again. If it lasts, look at Azure Resource Manager on https://azure.status.microsoft.';

/** For what no row knows: by HTTP status, then as a passing fault. */
export const statusTable: readonly (ErrorRow & { from: number; to: number })[] = [
  {
    from: 401,
    to: 401,
    code: 'AuthenticationFailed',
    class: 'retry',
    matches: [],
    remedy: "Check the function app's identity and its tenant; Slipway tries again with a fresh token.",
    retryAfterSeconds: 60,
  },
  {
    from: 403,
    to: 403,
    code: 'Forbidden',
    class: 'operator',
    matches: [],
    remedy: "Grant the function app's identity the roles listed in the deployment guide.",
  },
  {
    from: 408,
    to: 408,
    code: 'AzureUnreachable',
    class: 'retry',
    matches: [],
    remedy: unreachableRemedy,
    retryAfterSeconds: 10,
  },
  {
    from: 409,
    to: 409,
    code: 'OperationConflict',
    class: 'wait',
    matches: [],
    remedy: 'Nothing needs to be done: Slipway waits until the conflict is over.',
    retryAfterSeconds: 30,
  },
  { from: 400, to: 499, code: 'InvalidRequest', class: 'bug', matches: [], remedy: invalidRemedy },
  {
    from: 500,
    to: 599,
    code: 'AzureFault',
    class: 'retry',
    matches: [],
    remedy: unreachableRemedy,
    retryAfterSeconds: 10,
  },
];
