import type { V1Affinity, V1NodeSelectorRequirement, V1Toleration } from './kubernetes-models.ts';
import type { Plan } from '../planning/plan.ts';
import { Label, userNodeLabels } from '../workspace/annotations.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** Taint of GPU nodes: only what asks for it lands there. */
export const gpuTaint = { key: 'sku', value: 'gpu', effect: 'NoSchedule' } as const;

/** What the pods of a model tolerate. Source: reference, g.2. */
export function inferenceTolerations(plan: Plan): V1Toleration[] {
  const tolerations: V1Toleration[] = [
    { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
    { key: gpuTaint.key, operator: 'Equal', value: gpuTaint.value, effect: gpuTaint.effect },
    spotToleration,
  ];
  if (plan.migProfile !== null) {
    tolerations.push({ key: `nvidia.com/mig-${plan.migProfile}`, operator: 'Exists', effect: 'NoSchedule' });
  }
  return tolerations;
}

export const spotToleration: V1Toleration = {
  key: 'kubernetes.azure.com/scalesetpriority',
  operator: 'Equal',
  value: 'spot',
  effect: 'NoSchedule',
};

/**
 * Nodes the pods may run on, as one required term: the user's labels and, on nodes made for this Workspace, its name.
 * Undefined when nothing is asked (brought nodes without a selector). Source: reference, g.2.
 */
export function nodeAffinity(workspace: Workspace, options: { ownNodes: boolean }): V1Affinity | undefined {
  const wanted = userNodeLabels(workspace.resource.labelSelector.matchLabels);
  // In one order, however the user wrote them: another order would be another pod template, and restart the model.
  const expressions: V1NodeSelectorRequirement[] = Object.entries(wanted)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => isIn(key, value));
  if (options.ownNodes) {
    expressions.push(isIn(Label.workspace, workspace.metadata.name));
    expressions.push(isIn(Label.workspaceNamespace, workspace.metadata.namespace));
  }
  if (expressions.length === 0) return undefined;
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: expressions }],
      },
    },
  };
}

function isIn(key: string, value: string): V1NodeSelectorRequirement {
  return { key, operator: 'In', values: [value] };
}
