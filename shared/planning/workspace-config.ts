import { CauseReason, type Fault } from '../workspace/fault.ts';
import { versionOf, type Workspace } from '../workspace/workspace.ts';
import { findGpuSize } from './gpu-sizes.ts';
import { readInferenceConfig, type InferenceConfig, type ReadConfig } from './inference-config.ts';

/**
 * Reads the `inference_config.yaml` of a Workspace by the rules of its API version: v1beta1 compares `max-model-len` with the
 * model's limit, v1alpha1 never did, but demanded it where memory is scarce or spread. Source: reference, a.2 and M4 to M6.
 * @param contextLimit the model's limit in tokens; 0 when unknown
 */
export function readWorkspaceConfig(workspace: Workspace, text: string, contextLimit: number): ReadConfig {
  if (versionOf(workspace) === 'v1beta1') return readInferenceConfig(text, contextLimit);
  const read = readInferenceConfig(text, 0);
  if (!read.ok || contextWritten(read.config) || !needsContext(workspace)) return read;
  return { ok: false, faults: [contextRequired] };
}

function contextWritten({ vllm }: InferenceConfig): boolean {
  return (vllm['max-model-len'] ?? vllm['max_model_len'] ?? '') !== '';
}

/** A GPU of less than this needs a bound on the context where a model is spread over several (GiB). */
const smallGpuGiB = 20;

function needsContext({ resource }: Workspace): boolean {
  const known = findGpuSize(resource.instanceType ?? '');
  const small =
    known !== undefined && known.gpuCount > 1 && known.totalMemoryGiB / known.gpuCount < smallGpuGiB;
  return small || resource.count > 1;
}

const contextRequired: Fault = {
  field: 'inference.config[inference_config.yaml].vllm.max-model-len',
  reason: CauseReason.Required,
  message:
    'max-model-len is required in the vllm section of inference_config.yaml for several GPUs of less than 20 GiB, or several nodes',
  remedy: 'add max-model-len under vllm',
};
