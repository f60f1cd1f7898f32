/** KAITO's annotations that a user may set on a Workspace. Source: reference, a.3. */
export const Annotation = {
  enableLoadBalancer: 'kaito.sh/enablelb',
  runtime: 'kaito.sh/runtime',
  bypassResourceChecks: 'kaito.sh/bypass-resource-checks',
  nodeImageFamily: 'kaito.sh/node-image-family',
  nodeClassName: 'kaito.sh/node-class-name',
  disableBenchmark: 'kaito.sh/disable-benchmark',
  performanceMode: 'kaito.sh/performance-mode',
  useLocalWeights: 'kaito.sh/use-local-weights',
  modelStreaming: 'kaito.sh/model-streaming',
} as const;

/** Options that KAITO's API lacks: ours, so that a Workspace stays valid for KAITO. Any other under `slipway.dev/` is refused at the doors. */
export const SlipwayAnnotation = {
  /** Any new value: try again after a failure, with fresh nodes where those did not come. */
  retry: 'slipway.dev/retry',
  /** Sizes to try when the one asked for is refused, best first, comma-separated. */
  fallbackInstanceTypes: 'slipway.dev/fallback-instance-types',
  /** `on-demand`, `spot`, or `spot-then-on-demand`. */
  priority: 'slipway.dev/priority',
  /** Most to pay for a spot node, US dollars an hour. */
  spotMaxPrice: 'slipway.dev/spot-max-price',
  /** Zones every node must be in, comma-separated; without it Azure chooses (regional placement). */
  zones: 'slipway.dev/zones',
  /** Zones to try one after the other when the region as a whole has no capacity. */
  fallbackZones: 'slipway.dev/fallback-zones',
  /** ARM id of a capacity reservation group, tried before capacity that everybody competes for. */
  capacityReservationGroup: 'slipway.dev/capacity-reservation-group',
  /** `dedicated`: a pool for this workspace; `shared`: nodes of a pool that workspaces of one size share. */
  nodeAllocation: 'slipway.dev/node-allocation',
  /** How long a workspace lives from its creation, such as `8h`. */
  timeToLive: 'slipway.dev/ttl',
  /** RFC 3339 time at which a workspace expires. */
  expiresAt: 'slipway.dev/expires-at',
  /** What expiry does: `delete` or `suspend`. */
  onExpiry: 'slipway.dev/on-expiry',
  /** `true`: no nodes for now; `false`: nodes although the schedule says otherwise. */
  suspended: 'slipway.dev/suspended',
  /** RFC 3339 time from which `slipway.dev/suspended` no longer counts. */
  suspendedUntil: 'slipway.dev/suspended-until',
  /** What suspension does with nodes: `scale-to-zero`, or `stop` (machines deallocated, disks kept). */
  suspendMode: 'slipway.dev/suspend-mode',
  /** Cron expressions: when to suspend, and when to resume. */
  suspendSchedule: 'slipway.dev/suspend-schedule',
  resumeSchedule: 'slipway.dev/resume-schedule',
  /** IANA name of the zone the schedules are told in; UTC unless given. */
  scheduleTimeZone: 'slipway.dev/schedule-time-zone',
} as const;

/** Annotations that controllers write on a Workspace: they say nothing about what the user wants. */
export const ControllerAnnotation = {
  /** When the request that the record shows was made, on the cluster's own clock. Written by both doors. */
  acceptedAt: 'slipway.dev/accepted-at',
  /** When it was last suspended or resumed by the HTTP API, on the cluster's own clock: an older request that comes late does not undo that. */
  steeredAt: 'slipway.dev/steered-at',
  /** Written by KAITO's base-image upgrade. Source: reference, a.3. */
  upgradeStartTime: 'kaito.sh/upgrade-start-time',
} as const;

export const Label = {
  workspace: 'kaito.sh/workspace',
  workspaceNamespace: 'kaito.sh/workspacenamespace',
  inferenceSet: 'inferenceset.kaito.sh/created-by',
  multiRoleInference: 'multiroleinference.kaito.sh/created-by',
  inferenceRole: 'kaito.sh/inference-role',
  managedBy: 'app.kubernetes.io/managed-by',
} as const;

/** Selector keys that KAITO owns: dropped from `matchLabels` wherever those are used. Source: reference, a.4. */
export const reservedSelectorKeys: ReadonlySet<string> = new Set([
  'kaito.sh/workspace',
  'kaito.sh/ragengine',
  'kaito.sh/workspacenamespace',
  'kaito.sh/ragenginenamespace',
  'karpenter.kaito.sh/workspace-name',
  'karpenter.kaito.sh/workspace-namespace',
  'karpenter.kaito.sh/inferenceset',
  'karpenter.kaito.sh/inferenceset-namespace',
]);

export const performanceModes = ['balanced', 'interactivity', 'throughput'] as const;
export const nodeImageFamilies = ['ubuntu', 'azurelinux'] as const;

export type Annotations = Readonly<Record<string, string>>;

export type Runtime = 'vllm' | 'transformers';

/**
 * Which server answers: vLLM unless the annotation says exactly `transformers`.
 * @param vllmGate KAITO's feature gate vLLM; where it is off, every model runs on transformers
 */
export function runtimeOf(annotations: Annotations, vllmGate = true): Runtime {
  return !vllmGate || annotations[Annotation.runtime] === 'transformers' ? 'transformers' : 'vllm';
}

/** The node labels the user asked for, without the keys KAITO keeps for itself. */
export function userNodeLabels(
  matchLabels: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(matchLabels ?? {}).filter(([key]) => !reservedSelectorKeys.has(key)),
  );
}
