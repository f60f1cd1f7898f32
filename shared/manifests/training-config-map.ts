import type { V1ConfigMap } from './kubernetes-models.ts';
import type { Tuning, Workspace } from '../workspace/workspace.ts';
import { managedBySlipway } from './object-metadata.ts';

/** Name of the ConfigMap the Job mounts: the user's, or KAITO's template for the method. */
export function trainingConfigName(tuning: Tuning): string {
  const given = tuning.config ?? '';
  return given === '' ? `${methodOf(tuning)}-params-template` : given;
}

/**
 * KAITO's default training config for a method, in the namespace of the Workspace. Shared by all Workspaces there, so it is owned by none.
 * Source: reference, i.5.
 */
export function trainingConfigMap(workspace: Workspace, tuning: Tuning): V1ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: trainingConfigName({ ...tuning, config: '' }),
      namespace: workspace.metadata.namespace,
      labels: { ...managedBySlipway },
    },
    data: { 'training_config.yaml': defaultTrainingConfig(methodOf(tuning)) },
  };
}

function methodOf(tuning: Tuning): 'lora' | 'qlora' {
  return tuning.method?.toLowerCase() === 'qlora' ? 'qlora' : 'lora';
}

export function defaultTrainingConfig(method: 'lora' | 'qlora'): string {
  const quantisation =
    method === 'lora'
      ? ['load_in_4bit: false']
      : [
          'load_in_4bit: true',
          'bnb_4bit_quant_type: "nf4"',
          'bnb_4bit_compute_dtype: "bfloat16"',
          'bnb_4bit_use_double_quant: true',
        ];
  return `training_config:
  ModelConfig:
    torch_dtype: "bfloat16"
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
