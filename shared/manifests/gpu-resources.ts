import type { V1ResourceRequirements } from './kubernetes-models.ts';
import type { Plan } from '../planning/plan.ts';

/** GPUs of one pod: all of a node's, or one MIG slice. Requests equal limits; no CPU or memory is asked. */
export function gpuResources(plan: Pick<Plan, 'gpusPerNode' | 'migProfile'>): V1ResourceRequirements {
  const gpus =
    plan.migProfile === null
      ? { 'nvidia.com/gpu': String(plan.gpusPerNode) }
      : { [`nvidia.com/mig-${plan.migProfile}`]: '1' };
  return { requests: { ...gpus }, limits: { ...gpus } };
}
