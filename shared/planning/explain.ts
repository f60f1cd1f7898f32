import type { Plan } from './plan-shape.ts';

/** Why a plan has as many nodes as it has: every term of the sum in GiB, one sentence a line. */
export function explainEstimate(plan: Plan): string[] {
  const { estimate, model } = plan;
  if (estimate === null || model === null)
    return [`${plan.nodeCount} node(s), as asked: this workload is not sized by the estimator`];
  const size = plan.instanceType === '' ? 'the nodes you bring' : plan.instanceType;
  return [
    `${model.shortName} on ${size}: ${plan.gpusPerNode} GPU(s) of ${estimate.gpuMemoryGiB} GiB on each node`,
    `usable memory of a GPU: ${estimate.gpuMemoryGiB} GiB x 0.84 = ${estimate.budgetGiB} GiB`,
    `less overhead ${estimate.overheadGiB} GiB, and KV cache for ${plan.contextTokens} tokens ${estimate.cacheGiB} GiB on each GPU`,
    `room for weights: (${estimate.budgetGiB} - ${estimate.overheadGiB} - ${estimate.cacheGiB}) GiB / 1.05 = ${estimate.roomGiB} GiB on each GPU`,
    `weights in memory: ${model.weights} x 1.02 = ${estimate.weightsOnAllGpusGiB} GiB`,
    `${estimate.weightsOnAllGpusGiB} GiB / ${estimate.roomGiB} GiB, rounded down, and one more: ${estimate.minimumGpus} GPU(s)`,
    `${estimate.minimumGpus} GPU(s) at ${plan.gpusPerNode} a node: ${plan.nodeCount} node(s)`,
  ];
}
