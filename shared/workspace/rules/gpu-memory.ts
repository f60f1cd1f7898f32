import { Annotation, runtimeOf, userNodeLabels } from '../annotations.ts';
import { CauseReason, type Findings } from '../fault.ts';
import type { AdmissionContext } from '../admission-context.ts';
import { versionOf, type Workspace } from '../workspace.ts';
import { findGpuSize } from '../../planning/gpu-sizes.ts';
import type { ModelFacts } from '../../planning/model-facts.ts';
import { gpusFromLabels, matchingNodes, type GpuFacts, type NodeFacts } from '../../planning/node-facts.ts';
import { gibibyte } from '../../planning/quantity.ts';
import { cheapestSizes, describeSizes } from '../../planning/size-advice.ts';
import { defaultContextTokens } from '../../planning/estimate.ts';

const field = 'resource.instanceType';

/**
 * GPU memory against the size of the weights: R14 to R18. Not asked where the estimator sizes the nodes
 * (v1beta1, nodes added, vLLM); v1alpha1 always asked, and let a model that is too large for one machine pass.
 * @param model undefined when its facts are not known yet: then only the nodes are looked at
 */
export function checkGpuMemory(
  workspace: Workspace,
  model: ModelFacts | undefined,
  context: AdmissionContext,
  findings: Findings,
): void {
  const vllm = runtimeOf(workspace.metadata.annotations, context.gates.vllm) === 'vllm';
  const bySize = context.provisioning === 'auto' || versionOf(workspace) === 'v1alpha1';
  if (bySize && vllm && versionOf(workspace) === 'v1beta1') return;
  const machines = bySize ? sizedMachines(workspace) : broughtMachines(workspace, context.nodes, findings);
  if (machines === undefined || model === undefined) return;
  const { gpus, count } = machines;
  const total = gpus.totalMemoryGiB * count;
  if (total * gibibyte < model.weightBytes) {
    const instance = workspace.resource.instanceType ?? '';
    const message = `Insufficient total GPU memory: ${instance === '' ? gpus.gpuModel : instance} has ${total}Gi in ${count} node(s), ${model.shortName} requires at least ${model.weights}`;
    const bypassed = Annotation.bypassResourceChecks in workspace.metadata.annotations;
    const remedy = `fits: ${describeSizes(cheapestSizes(model, defaultContextTokens))}`;
    if (bypassed) findings.warnings.push(`${field}: ${message}`);
    else findings.faults.push({ field, reason: CauseReason.Invalid, message, remedy });
  }
  if (!vllm && model.weightBytes > gpus.totalMemoryGiB * gibibyte) {
    const message = `multi-node inference is not supported with Huggingface Transformers runtime: ${model.shortName} (${model.weights}) does not fit one machine (${gpus.totalMemoryGiB}Gi)`;
    const remedy = 'use the vllm runtime or a larger instance type';
    if (versionOf(workspace) === 'v1alpha1') findings.warnings.push(`${field}: ${message}`);
    else findings.faults.push({ field, reason: CauseReason.NotSupported, message, remedy });
  }
}

interface Machines {
  gpus: GpuFacts;
  count: number;
}

function sizedMachines({ resource }: Workspace): Machines | undefined {
  const size = findGpuSize(resource.instanceType ?? '');
  return size === undefined ? undefined : { gpus: size, count: resource.count };
}

/** The nodes that the selector matches, which must all have the same GPUs. */
function broughtMachines(
  workspace: Workspace,
  nodes: readonly NodeFacts[] | undefined,
  { faults }: Findings,
): Machines | undefined {
  if (nodes === undefined) return undefined;
  const wanted = userNodeLabels(workspace.resource.labelSelector.matchLabels);
  const matching = matchingNodes(nodes, wanted);
  const at = 'resource.labelSelector';
  if (matching.length === 0) {
    const selector = Object.entries(wanted).map(([key, value]) => `${key}=${value}`);
    faults.push({
      field: at,
      reason: CauseReason.NotFound,
      message: `No nodes found for ${selector.length === 0 ? 'an empty selector' : selector.join(',')}`,
      remedy: 'label the GPU nodes',
    });
    return undefined;
  }
  let first: GpuFacts | undefined;
  for (const node of matching) {
    const read = gpusFromLabels(node);
    if (!read.ok) {
      faults.push({
        field: at,
        reason: CauseReason.Invalid,
        message: `Failed to get GPU config from nvidia labels of node ${node.name}: ${read.message}`,
        remedy: 'install NVIDIA GPU feature discovery, or select other nodes',
      });
      return undefined;
    }
    first ??= read.gpus;
    const difference = differenceBetween(first, read.gpus);
    if (difference === undefined) continue;
    faults.push({
      field: at,
      reason: CauseReason.Invalid,
      message: `Non-uniform GPU ${difference} among the matching nodes (${node.name})`,
      remedy: 'select nodes with equal GPUs by a further label',
    });
    return undefined;
  }
  return first === undefined ? undefined : { gpus: first, count: matching.length };
}

function differenceBetween(one: GpuFacts, other: GpuFacts): string | undefined {
  if (one.gpuModel !== other.gpuModel) return 'product';
  if (one.gpuCount !== other.gpuCount) return 'count';
  return one.totalMemoryGiB === other.totalMemoryGiB ? undefined : 'memory';
}
