import { Annotation, runtimeOf, type Runtime } from '../workspace/annotations.ts';
import { CauseReason, shown, type Fault } from '../workspace/fault.ts';
import type { Preset, Workspace } from '../workspace/workspace.ts';
import { defaultContextTokens, estimateNodes, type EstimateTerms } from './estimate.ts';
import { findGpuSize } from './gpu-sizes.ts';
import { defaultInferenceConfig, type InferenceConfig } from './inference-config.ts';
import type { ModelFacts } from './model-facts.ts';
import type { GpuFacts } from './node-facts.ts';
import type { Plan, PlanContext, PlannedEstimate, PlanResult } from './plan-shape.ts';
import { precisionFor } from './precision.ts';
import { gibibyte, inGibibytes } from './quantity.ts';
import { resolvePreset } from './resolve-preset.ts';
import { cheapestSizes, describeSizes } from './size-advice.ts';
import { workloadGpus } from './workload-gpus.ts';
import { readWorkspaceConfig } from './workspace-config.ts';

const atInstanceType = 'resource.instanceType';

/** A preset served by vLLM (sized by the estimator) or by transformers (one replica for each node of `resource.count`). */
export function planInference(workspace: Workspace, preset: Preset, context: PlanContext): PlanResult {
  const found = modelOf(preset, context);
  if (!('model' in found)) return found;
  const { model } = found;
  const warnings: string[] = [];
  const runtime = runtimeOf(workspace.metadata.annotations, context.gates?.vllm);
  const config = configOf(workspace, model, { context, warnings });
  if (!config.ok) return config;
  warnings.push(...config.config.remarks);
  const contextTokens = config.config.contextTokens ?? defaultContextTokens;
  const machine = workloadGpus(workspace, context);
  if (!machine.ok) return refusal(withAdvice(machine.fault, advice(model, contextTokens)));
  const { gpus } = machine;
  warnings.push(...sizeRemarks(machine.instanceType, model, contextTokens));
  const precision = precisionFor(model, gpus);
  if (!precision.ok) {
    return refusal({
      field: atInstanceType,
      reason: CauseReason.NotSupported,
      message: precision.message,
      remedy: advice(model, contextTokens),
    });
  }
  if (precision.remark !== undefined) warnings.push(`${atInstanceType}: ${precision.remark}`);
  const sized = size(workspace, { model, gpus, contextTokens, runtime });
  if (!sized.ok) return sized;
  const broughtNodes = context.provisioning === 'byo';
  const vllm = runtime === 'vllm';
  const plan: Plan = {
    workload: 'inference',
    runtime,
    preset: model.shortName,
    model: {
      id: model.id,
      shortName: model.shortName,
      weights: model.weights,
      architectures: model.architectures,
      flags: { ...model.vllmFlags, dtype: precision.dtype, ...sliceFlags(gpus) },
      ...(context.model === model && context.modelRevision !== undefined
        ? { revision: context.modelRevision }
        : {}),
    },
    instanceType: machine.instanceType,
    gpusPerNode: gpus.gpuCount,
    gpuModel: gpus.gpuModel,
    nvme: gpus.nvme,
    migProfile: gpus.migProfile ?? null,
    broughtNodes,
    diskGiB: model.diskGiB,
    dtype: vllm ? precision.dtype : '',
    contextTokens,
    readinessTimeoutSeconds: model.readinessTimeoutSeconds,
    benchmark: vllm && workspace.metadata.annotations[Annotation.disableBenchmark] !== 'true',
    outputDirectory: '',
    ...sized.sizing,
    warnings,
  };
  return { ok: true, plan };
}

function modelOf(preset: Preset, context: PlanContext): { model: ModelFacts } | (PlanResult & { ok: false }) {
  const resolution = resolvePreset(preset.name);
  if (resolution.kind === 'known') return { model: resolution.facts };
  const field = 'inference.preset.name';
  if (resolution.kind !== 'foreign') {
    return refusal({
      field,
      reason: CauseReason.NotSupported,
      message: `Unsupported inference preset name ${shown(preset.name)}`,
    });
  }
  if (context.model?.id === resolution.id) return { model: context.model };
  const message = `failed to get model preset: ${resolution.id} is not in the catalogue, and its facts have not been read from Hugging Face`;
  return {
    ...refusal({ field, reason: CauseReason.NotSupported, message, remedy: 'use a preset of the catalogue' }),
    needs: preset.name,
  };
}

type ConfigResult = { ok: true; config: InferenceConfig } | { ok: false; faults: Fault[] };

/** Reads the user's ConfigMap; only vLLM looks at it. */
function configOf(
  workspace: Workspace,
  model: ModelFacts,
  found: { context: PlanContext; warnings: string[] },
): ConfigResult {
  const { inferenceConfig } = found.context;
  const name = workspace.inference?.config ?? '';
  if (name === '' || runtimeOf(workspace.metadata.annotations, found.context.gates?.vllm) !== 'vllm')
    return { ok: true, config: defaultInferenceConfig };
  if (inferenceConfig === null) {
    const message = `ConfigMap '${name}' specified in 'config' with key inference_config.yaml not found in namespace '${workspace.metadata.namespace}'`;
    return {
      ok: false,
      faults: [
        {
          field: 'inference.config',
          reason: CauseReason.NotFound,
          message,
          remedy: 'create the ConfigMap first',
        },
      ],
    };
  }
  if (inferenceConfig === undefined) {
    found.warnings.push(
      `inference.config: ${name} was not read; planned for ${defaultContextTokens} tokens of context`,
    );
    return { ok: true, config: defaultInferenceConfig };
  }
  return readWorkspaceConfig(workspace, inferenceConfig, model.contextLimit);
}

type Sizing = Pick<Plan, 'nodeCount' | 'tensorParallel' | 'pipelineParallel' | 'dataParallel' | 'estimate'>;
interface SizingInput {
  model: ModelFacts;
  gpus: GpuFacts;
  contextTokens: number;
  runtime: Runtime;
}

function size(
  workspace: Workspace,
  input: SizingInput,
): { ok: true; sizing: Sizing } | (PlanResult & { ok: false }) {
  const { model, gpus, contextTokens } = input;
  const { resource } = workspace;
  if (input.runtime === 'transformers') {
    const nodeCount = Math.max(resource.count, 1);
    return {
      ok: true,
      sizing: { nodeCount, tensorParallel: 1, pipelineParallel: 1, dataParallel: 1, estimate: null },
    };
  }
  const estimate = estimateNodes({ model, gpus, contextTokens });
  if (!estimate.fits) return refusal(tooSmall(model, contextTokens, estimate.terms));
  if (isSlice(gpus) && estimate.nodes > 1) {
    const message = `MIG profile ${gpus.migProfile ?? 'of the node'} only provides ${gpus.totalMemoryGiB}Gi, less than ${model.shortName} needs`;
    return refusal({
      field: 'resource.partition.profile',
      reason: CauseReason.Invalid,
      message,
      remedy: 'choose a larger profile',
    });
  }
  return {
    ok: true,
    sizing: {
      nodeCount: estimate.nodes,
      ...parallelism(model, gpus, estimate.nodes),
      estimate: rounded(estimate.terms),
    },
  };
}

function isSlice(gpus: GpuFacts): boolean {
  return gpus.migProfile !== undefined || gpus.sliced === true;
}

/** The KV cache of a slice is not offloaded. Source: reference, g.3. */
function sliceFlags(gpus: GpuFacts): Record<string, string> {
  return isSlice(gpus) ? { 'kaito-kv-cache-cpu-memory-utilization': '0' } : {};
}

/**
 * One whole copy of the model on each GPU where two would fit on one; else the model is cut across the GPUs of a node (tensor)
 * and, where needed, across nodes (pipeline). Source: reference, g.3.
 */
function parallelism(
  model: ModelFacts,
  gpus: GpuFacts,
  nodes: number,
): Pick<Sizing, 'tensorParallel' | 'pipelineParallel' | 'dataParallel'> {
  const copies =
    nodes === 1 &&
    gpus.gpuCount > 1 &&
    model.weightBytes * gpus.gpuCount * 2 < gpus.totalMemoryGiB * gibibyte;
  if (copies) return { tensorParallel: 1, pipelineParallel: 1, dataParallel: gpus.gpuCount };
  return { tensorParallel: gpus.gpuCount, pipelineParallel: nodes, dataParallel: 1 };
}

function tooSmall(model: ModelFacts, contextTokens: number, terms: EstimateTerms): Fault {
  const { budgetGiB, overheadGiB, cacheGiB } = rounded(terms);
  const message = `GPU memory is too small for ${model.shortName} with ${contextTokens} tokens of context: ${budgetGiB} GiB usable on each GPU, overhead ${overheadGiB} GiB and KV cache ${cacheGiB} GiB leave no room for weights`;
  return {
    field: atInstanceType,
    reason: CauseReason.Invalid,
    message,
    remedy: advice(model, contextTokens),
  };
}

function rounded(terms: EstimateTerms): PlannedEstimate {
  return {
    weightsOnAllGpusGiB: inGibibytes(terms.weightsOnAllGpus),
    gpuMemoryGiB: inGibibytes(terms.gpuMemory),
    budgetGiB: inGibibytes(terms.budget),
    overheadGiB: inGibibytes(terms.overhead),
    cacheGiB: inGibibytes(terms.cache),
    roomGiB: inGibibytes(terms.room),
    minimumGpus: terms.minimumGpus,
  };
}

function sizeRemarks(instanceType: string, model: ModelFacts, contextTokens: number): string[] {
  const known = findGpuSize(instanceType);
  if (known === undefined) return [];
  if (known.retired === true) {
    return [
      `${atInstanceType}: Azure has retired ${known.name}; current sizes that fit: ${describeSizes(cheapestSizes(model, contextTokens))}`,
    ];
  }
  if (known.computeCapability !== undefined) return [];
  return [
    `${atInstanceType}: ${known.name} has ${known.gpuModel} GPUs; the serving image is built for NVIDIA`,
  ];
}

function advice(model: ModelFacts, contextTokens: number): string {
  return `cheapest that fit: ${describeSizes(cheapestSizes(model, contextTokens))}`;
}

/** Keeps a did-you-mean in front. */
function withAdvice(fault: Fault, remedy: string): Fault {
  return { ...fault, remedy: fault.remedy === undefined ? remedy : `${fault.remedy} ${remedy}` };
}

function refusal(...faults: Fault[]): PlanResult & { ok: false } {
  return { ok: false, faults };
}
