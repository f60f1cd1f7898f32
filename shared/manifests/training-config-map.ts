import type { V1ConfigMap } from './kubernetes-models.ts';
import type { Plan } from '../planning/plan.ts';
import type { Tuning, Workspace } from '../workspace/workspace.ts';
import { managedBySlipway } from './object-metadata.ts';

/** Name of the ConfigMap the Job mounts: the user's, or KAITO's template for the method, with a float16 twin for GPUs without bfloat16. */
export function trainingConfigName(tuning: Tuning, plan: Plan): string {
  const given = tuning.config ?? '';
  if (given !== '') return given;
  return `${methodOf(tuning)}-params-${plan.dtype === 'float16' ? 'float16' : 'template'}`;
}

/**
 * KAITO's default training config for a method, in the namespace of the Workspace. Shared by all Workspaces there, so it is owned by none.
 * Source: reference, i.5.
 */
export function trainingConfigMap(workspace: Workspace, tuning: Tuning, plan: Plan): V1ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: trainingConfigName({ ...tuning, config: '' }, plan),
      namespace: workspace.metadata.namespace,
      labels: { ...managedBySlipway },
    },
    data: {
      'training_config.yaml': defaultTrainingConfig(
        methodOf(tuning),
        plan.dtype === 'float16' ? 'float16' : 'bfloat16',
      ),
    },
  };
}

function methodOf(tuning: Tuning): 'lora' | 'qlora' {
  return tuning.method?.toLowerCase() === 'qlora' ? 'qlora' : 'lora';
}

export function defaultTrainingConfig(
  method: 'lora' | 'qlora',
  precision: 'bfloat16' | 'float16' = 'bfloat16',
): string {
  const quantisation =
    method === 'lora'
      ? ['load_in_4bit: false']
      : [
          'load_in_4bit: true',
          'bnb_4bit_quant_type: "nf4"',
          `bnb_4bit_compute_dtype: "${precision}"`,
          'bnb_4bit_use_double_quant: true',
        ];
  return `training_config:
  ModelConfig:
    torch_dtype: "${precision}"
    local_files_only: true
    device_map: "auto"
  QuantizationConfig:
    ${quantisation.join('\n    ')}
  LoraConfig:
    r: 8
    lora_alpha: 8
    lora_dropout: 0.0
  TrainingArguments:
    output_dir: "/mnt/results"
    ddp_find_unused_parameters: false
    save_strategy: "no"
    per_device_train_batch_size: 1
  DataCollator:
    mlm: true
  DatasetConfig:
    shuffle_dataset: true
    train_test_split: 1
`;
}
