import { CauseReason, shown, type Fault } from '../workspace/fault.ts';
import { isJsonObject, type JsonObject } from '../workspace/schema/structural-schema.ts';

interface Range {
  what: string;
  holds: (value: unknown) => boolean;
}

const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const whole: Range = {
  what: 'a whole number of at least 1',
  holds: (value) => Number.isInteger(value) && isNumber(value) && value >= 1,
};
const positive: Range = { what: 'a number above 0', holds: (value) => isNumber(value) && value > 0 };
const share: Range = {
  what: 'a number from 0 to 1',
  holds: (value) => isNumber(value) && value >= 0 && value <= 1,
};
const truth: Range = { what: 'true or false', holds: (value) => typeof value === 'boolean' };
const text: Range = { what: 'a text', holds: (value) => typeof value === 'string' };

/**
 * Settings whose type is beyond doubt. Every other goes to the trainer as it is: these sections are arguments of Hugging Face
 * classes (TrainingArguments alone has over a hundred). KAITO checks none of them, and the Job then fails after the nodes have come.
 */
const settings: Readonly<Record<string, Readonly<Record<string, Range>>>> = {
  ModelConfig: { torch_dtype: text, local_files_only: truth },
  QuantizationConfig: {
    bnb_4bit_quant_type: text,
    bnb_4bit_compute_dtype: text,
    bnb_4bit_use_double_quant: truth,
  },
  LoraConfig: { r: whole, lora_alpha: positive, lora_dropout: share },
  TrainingArguments: {
    per_device_train_batch_size: whole,
    num_train_epochs: positive,
    ddp_find_unused_parameters: truth,
  },
  DataCollator: { mlm: truth },
  DatasetConfig: { shuffle_dataset: truth, train_test_split: share },
};

/** Sections that are no map, and settings of the wrong type or out of range. Null says nothing. */
export function settingFaults(root: JsonObject, field: string): Fault[] {
  return Object.entries(settings).flatMap(([section, ranges]) => {
    const given = root[section];
    if (given === undefined || given === null) return [];
    const at = `${field}.${section}`;
    if (!isJsonObject(given))
      return [
        { field: at, reason: CauseReason.Invalid, message: `${section} must be a map, not ${shown(given)}` },
      ];
    return Object.entries(ranges).flatMap(([key, { what, holds }]): Fault[] => {
      const value = given[key];
      if (value === undefined || value === null || holds(value)) return [];
      const message = `${key} must be ${what}, not ${shown(value)}`;
      return [{ field: `${at}.${key}`, reason: CauseReason.Invalid, message, remedy: `write ${what}` }];
    });
  });
}
