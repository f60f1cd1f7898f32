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
} as const;

/** Annotations that controllers write on a Workspace: they say nothing about what the user wants. */
export const ControllerAnnotation = {
  /** When the request that the record shows was made, on the cluster's own clock. Written by both doors. */
  acceptedAt: 'slipway.dev/accepted-at',
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

/** Which server answers: vLLM unless the annotation says exactly `transformers`. */
export function runtimeOf(annotations: Annotations): 'vllm' | 'transformers' {
  return annotations[Annotation.runtime] === 'transformers' ? 'transformers' : 'vllm';
}

/** The node labels the user asked for, without the keys KAITO keeps for itself. */
export function userNodeLabels(
  matchLabels: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(matchLabels ?? {}).filter(([key]) => !reservedSelectorKeys.has(key)),
  );
}
