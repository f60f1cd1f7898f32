import { parse } from 'yaml';
import { isJsonObject, type JsonObject } from '../workspace/schema/structural-schema.ts';

export type TuningMethod = 'lora' | 'qlora';

/** Sections of `training_config`, each a map of settings. */
export type TrainingConfig = Record<string, JsonObject>;

/** KAITO's template for a method, with a float16 twin for GPUs without bfloat16. Source: reference, i.5. */
export function defaultTrainingConfig(
  method: TuningMethod,
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

/** What a config says for itself and must not take from the template: whether and how weights are quantised, and where results go. */
const never: ReadonlySet<string> = new Set(['load_in_4bit', 'load_in_8bit', 'output_dir']);

/** A user's sections with the template's settings where they say nothing. */
export function withDefaults(given: JsonObject, method: TuningMethod): TrainingConfig {
  const template = sectionsOf(parse(defaultTrainingConfig(method)));
  const merged: TrainingConfig = {};
  for (const section of new Set([...Object.keys(template), ...Object.keys(given)])) {
    const defaults = Object.entries(template[section] ?? {}).filter(([key]) => !never.has(key));
    const own = given[section];
    merged[section] = { ...Object.fromEntries(defaults), ...(isJsonObject(own) ? own : {}) };
  }
  return merged;
}

function sectionsOf(document: unknown): TrainingConfig {
  const root = isJsonObject(document) ? document['training_config'] : undefined;
  const entries = Object.entries(isJsonObject(root) ? root : {});
  return Object.fromEntries(
    entries.flatMap(([name, section]) => (isJsonObject(section) ? [[name, section]] : [])),
  );
}
