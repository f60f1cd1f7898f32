import type { V1EnvVar } from './kubernetes-models.ts';
import type { Plan, PlannedModel } from '../planning/plan.ts';
import { Label } from '../workspace/annotations.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { cudaFolder, localWeightsPath, needsCudaToolkit, usesDeepGemm } from './storage.ts';

const tokenKey = 'HF_TOKEN';

/** Environment of the main container, in KAITO's order. Source: reference, g.2. */
export function inferenceEnvironment(workspace: Workspace, plan: Plan, model: PlannedModel): V1EnvVar[] {
  const environment: V1EnvVar[] = [];
  if (plan.runtime === 'vllm') {
    environment.push({ name: 'VLLM_USE_FLASHINFER_SAMPLER', value: '0' });
    environment.push({ name: 'VLLM_USE_DEEP_GEMM', value: usesDeepGemm(model) ? '1' : '0' });
  }
  if (needsCudaToolkit(model)) environment.push({ name: 'CUDA_HOME', value: cudaFolder });
  const local = localWeightsPath(workspace);
  if (local !== undefined) environment.push({ name: 'KAITO_PROCESSOR', value: local });
  environment.push(...roleEnvironment(workspace));
  const secret = workspace.inference?.preset?.presetOptions?.modelAccessSecret ?? '';
  if (secret !== '') {
    environment.push({
      name: tokenKey,
      valueFrom: { secretKeyRef: { name: secret, key: tokenKey, optional: true } },
    });
  }
  // The variable's name is the adapter's: this is how the transformers server reads strengths.
  for (const { source, strength } of workspace.inference?.adapters ?? []) {
    if (strength !== undefined && strength !== '' && plan.runtime === 'transformers') {
      environment.push({ name: source?.name ?? '', value: strength });
    }
  }
  if (plan.runtime === 'vllm' && plan.nodeCount > 1) {
    environment.push({
      name: 'POD_INDEX',
      valueFrom: { fieldRef: { fieldPath: "metadata.labels['apps.kubernetes.io/pod-index']" } },
    });
  }
  return environment;
}

/** Pods of a disaggregated model pass KV caches to each other. */
function roleEnvironment({ metadata }: Workspace): V1EnvVar[] {
  const role = metadata.labels[Label.inferenceRole];
  if (role !== 'prefill' && role !== 'decode') return [];
  return [
    { name: 'KAITO_INFERENCE_ROLE', value: role },
    { name: 'VLLM_NIXL_SIDE_CHANNEL_HOST', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
  ];
}
