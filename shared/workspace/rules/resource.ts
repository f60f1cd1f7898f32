import { checkLabels } from '../metadata.ts';
import { userNodeLabels } from '../annotations.ts';
import { CauseReason, shown, type Findings } from '../fault.ts';
import type { AdmissionContext } from '../admission-context.ts';
import { versionOf, type Resource, type Workspace } from '../workspace.ts';
import { findGpuSize, looksLikeAzureSize, nearestGpuSize } from '../../planning/gpu-sizes.ts';
import { gpuSizes } from '../../planning/gpu-size-table.ts';

/** Whether the instance type must be named: C3 and C4. Slipway asks v1alpha1 too, where its default has not filled it in. */
export function checkInstanceTypePresence(
  workspace: Workspace,
  context: AdmissionContext,
  { faults }: Findings,
): void {
  const instanceType = workspace.resource.instanceType ?? '';
  const field = 'resource.instanceType';
  if (context.provisioning === 'auto') {
    if (instanceType !== '') return;
    const remedy = 'name an Azure GPU size, for example Standard_NC24ads_A100_v4';
    faults.push({
      field,
      reason: CauseReason.Required,
      message: 'instanceType is required: nodes are added for this Workspace',
      remedy,
    });
  } else if (instanceType !== '' && versionOf(workspace) === 'v1beta1') {
    const message = `instanceType ${shown(instanceType)} must be empty: node auto-provisioning is off`;
    faults.push({
      field,
      reason: CauseReason.Forbidden,
      message,
      remedy: 'select existing nodes with labelSelector.matchLabels',
    });
  }
}

/** AKS makes pools of up to so many nodes. https://learn.microsoft.com/azure/aks/quotas-skus-regions#service-quotas-and-limits */
const largestPool = 1000;

/** KAITO takes any number and then never finds that many nodes; where the estimator sizes the nodes it does not look at it. */
export function checkCount({ count }: Resource, { faults }: Findings): void {
  if (count >= 1 && count <= largestPool) return;
  faults.push({
    field: 'resource.count',
    reason: CauseReason.Invalid,
    message: `${count} is no number of nodes that a Workspace can have`,
    remedy: `write a whole number from 1 to ${largestPool}`,
  });
}

/**
 * Selector rules R1 and R2. False when the selector cannot be used, so that rules which need nodes must not run.
 */
export function checkSelector(workspace: Workspace, findings: Findings): boolean {
  const { faults } = findings;
  const { labelSelector } = workspace.resource;
  const before = faults.length;
  for (const [index, expression] of (labelSelector.matchExpressions ?? []).entries()) {
    if (isLabel(expression)) continue;
    const field = `resource.labelSelector.matchExpressions[${index}]`;
    const given = `${shown(expression.operator)} with ${expression.values?.length ?? 0} values`;
    const remedy = 'use matchLabels, or the operator In with exactly one value';
    faults.push({
      field,
      reason: CauseReason.Invalid,
      message: `Only allow matchLabels or 'IN' matchExpression with a single value, not ${given}`,
      remedy,
    });
  }
  const matchLabels = labelSelector.matchLabels ?? {};
  const keys = Object.keys(matchLabels);
  if (
    versionOf(workspace) === 'v1beta1' &&
    keys.length > 0 &&
    Object.keys(userNodeLabels(matchLabels)).length === 0
  ) {
    const message = `matchLabels has only labels that KAITO sets itself (${keys.join(', ')}); at least one non-reserved label is needed`;
    faults.push({
      field: 'resource.labelSelector.matchLabels',
      reason: CauseReason.Invalid,
      message,
      remedy: 'add a label of your own, such as apps: my-model',
    });
  }
  checkLabels(matchLabels, 'resource.labelSelector.matchLabels', findings);
  for (const key of keys.filter((each) => aksLabel.test(each))) {
    findings.warnings.push(
      `resource.labelSelector.matchLabels: AKS may refuse new nodes with the label ${key}, whose prefix it keeps for itself`,
    );
  }
  return faults.length === before;
}

type Expression = NonNullable<Resource['labelSelector']['matchExpressions']>[number];

function isLabel({ operator, values }: Expression): boolean {
  return operator === 'In' && values?.length === 1;
}

/** Whether a selector can be written as labels alone. */
export function isMapLike({ labelSelector }: Resource): boolean {
  return (labelSelector.matchExpressions ?? []).every(isLabel);
}

/** Prefixes that a node pool's labels may not have. https://learn.microsoft.com/azure/aks/use-labels#reserved-prefixes */
const aksLabel = /^(.*\.)?(kubernetes\.azure\.com|kubernetes\.io|k8s\.io)\//;

/** R5: an instance type that no table knows and that does not look like an Azure size. */
export function checkInstanceTypeKnown({ instanceType = '' }: Resource, { faults }: Findings): void {
  if (instanceType === '' || findGpuSize(instanceType) !== undefined || looksLikeAzureSize(instanceType))
    return;
  const nearest = nearestGpuSize(instanceType);
  const supported = gpuSizes.filter((size) => size.retired !== true).map((size) => size.name);
  faults.push({
    field: 'resource.instanceType',
    reason: CauseReason.NotSupported,
    message: `Unsupported instance type ${shown(instanceType)}`,
    remedy: nearest === undefined ? `supported: ${supported.join(', ')}` : `did you mean ${nearest}?`,
  });
}
