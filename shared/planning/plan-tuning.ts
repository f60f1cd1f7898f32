import { findTunable } from '../../presets/catalogue.ts';
import { CauseReason, shown, type Fault } from '../workspace/fault.ts';
import type { Tuning, Workspace } from '../workspace/workspace.ts';
import { findGpuSize } from './gpu-sizes.ts';
import type { ModelFacts } from './model-facts.ts';
import type { GpuFacts } from './node-facts.ts';
import type { Plan, PlanContext, PlanResult } from './plan-shape.ts';
import { defaultReadinessSeconds, roomyDiskGiB } from './plan-template.ts';
import { supportsBfloat16 } from './precision.ts';
import { parseGibibytes, gibibyte } from './quantity.ts';
import { resolvePreset } from './resolve-preset.ts';
import { readTrainingConfig } from './training-config.ts';
import type { TrainingConfig } from './training-defaults.ts';
import { workloadGpus } from './workload-gpus.ts';

/** Tuning runs as one Job on one node with all its GPUs. Source: reference, e.2 and i. */
export function planTuning(workspace: Workspace, tuning: Tuning, context: PlanContext): PlanResult {
  const name = tuning.preset?.name ?? '';
  const resolution = resolvePreset(name);
  const model = resolution.kind === 'known' ? resolution.facts : undefined;
  const tunable = findTunable(model?.shortName ?? '');
  if (model === undefined || tunable === undefined) {
    return {
      ok: false,
      faults: [
        {
          field: 'tuning.preset.name',
          reason: CauseReason.NotSupported,
          message: `${shown(name)} cannot be tuned`,
        },
      ],
    };
  }
  const machine = workloadGpus(workspace, context);
  if (!machine.ok) return { ok: false, faults: [machine.fault] };
  const config = configOf(workspace, tuning, context);
  if (!config.ok) return config;
  const warnings: string[] = [];
  if (context.trainingConfig === undefined && (tuning.config ?? '') !== '') {
    warnings.push(
      `tuning.config: ${tuning.config ?? ''} was not read; results are taken from ${templateOutputDirectory}`,
    );
  }
  const { gpus } = machine;
  if (findGpuSize(machine.instanceType)?.retired === true) {
    warnings.push(`resource.instanceType: Azure has retired ${machine.instanceType}`);
  }
  if (!supportsBfloat16(gpus) && (tuning.config ?? '') !== '' && config.computesInBfloat16) {
    warnings.push('tuning.config: this GPU has no bfloat16; the config should compute in float16');
  }
  if (gpus.totalMemoryGiB * gibibyte < (parseGibibytes(tunable.memory) ?? 0)) {
    warnings.push(
      `resource.instanceType: tuning ${model.shortName} is known to work with ${tunable.memory} of GPU memory; this size has ${gpus.totalMemoryGiB}Gi`,
    );
  }
  return {
    ok: true,
    plan: tuningPlan(model, machine, { warnings, outputDirectory: config.outputDirectory }),
  };
}

interface Configured {
  ok: true;
  outputDirectory: string;
  computesInBfloat16: boolean;
}

function computesInBfloat16({ ModelConfig, QuantizationConfig }: TrainingConfig): boolean {
  return [ModelConfig?.['torch_dtype'], QuantizationConfig?.['bnb_4bit_compute_dtype']].includes('bfloat16');
}

function configOf(
  { metadata }: Workspace,
  tuning: Tuning,
  context: PlanContext,
): Configured | { ok: false; faults: Fault[] } {
  const method = tuning.method?.toLowerCase() === 'qlora' ? 'qlora' : 'lora';
  if (context.trainingConfig === undefined)
    return { ok: true, outputDirectory: templateOutputDirectory, computesInBfloat16: true };
  if (context.trainingConfig !== null) {
    const read = readTrainingConfig(context.trainingConfig, method);
    return read.ok ? { ...read, computesInBfloat16: computesInBfloat16(read.config) } : read;
  }
  const message = `ConfigMap '${tuning.config ?? ''}' specified in 'config' with key training_config.yaml not found in namespace '${metadata.namespace}'`;
  return {
    ok: false,
    faults: [
      { field: 'tuning.config', reason: CauseReason.NotFound, message, remedy: 'create the ConfigMap first' },
    ],
  };
}

/** Where KAITO's template ConfigMaps put results. */
const templateOutputDirectory = '/mnt/results';

interface Machine {
  gpus: GpuFacts;
  instanceType: string;
}

function tuningPlan(
  model: ModelFacts,
  machine: Machine,
  rest: Pick<Plan, 'warnings' | 'outputDirectory'>,
): Plan {
  return {
    workload: 'tuning',
    runtime: 'transformers',
    preset: model.shortName,
    model: {
      id: model.id,
      shortName: model.shortName,
      weights: model.weights,
      architectures: model.architectures,
      flags: {},
    },
    instanceType: machine.instanceType,
    nodeCount: 1,
    gpusPerNode: machine.gpus.gpuCount,
    gpuModel: machine.gpus.gpuModel,
    nvme: machine.gpus.nvme,
    migProfile: null,
    broughtNodes: machine.instanceType === '',
    diskGiB: roomyDiskGiB,
    tensorParallel: 1,
    pipelineParallel: 1,
    dataParallel: 1,
    dtype: supportsBfloat16(machine.gpus) ? 'bfloat16' : 'float16',
    contextTokens: 0,
    readinessTimeoutSeconds: defaultReadinessSeconds,
    benchmark: false,
    estimate: null,
    ...rest,
  };
}
