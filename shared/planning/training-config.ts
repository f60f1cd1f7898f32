import { CauseReason, shortened, shown, type Fault } from '../workspace/fault.ts';
import { parseDocument } from '../workspace/parse.ts';
import { suggest } from '../workspace/schema/suggest.ts';
import { isJsonObject, type JsonObject } from '../workspace/schema/structural-schema.ts';
import { withDefaults, type TrainingConfig, type TuningMethod } from './training-defaults.ts';
import { settingFaults } from './training-fields.ts';

/** What a Job is tuned by: the user's settings over the template's, and the directory that results are written to. */
export type ReadTrainingConfig =
  { ok: true; outputDirectory: string; config: TrainingConfig } | { ok: false; faults: Fault[] };

const field = 'tuning.config[training_config.yaml]';
const sections = [
  'ModelConfig',
  'QuantizationConfig',
  'LoraConfig',
  'TrainingArguments',
  'DatasetConfig',
  'DataCollator',
];
const mountRoot = '/mnt';
const directoryRemedy = `write a directory below ${mountRoot}, such as ${mountRoot}/results`;
/** Where results go when the config names no directory. Source: reference, i.4. */
const defaultOutputDirectory = '/mnt/output';

/** Reads `training_config.yaml` as YAML and checks it: rules K3 to K11, and the types of the settings that KAITO documents. */
export function readTrainingConfig(text: string, method: TuningMethod): ReadTrainingConfig {
  const parsed = parseDocument(text, 'application/yaml');
  if (!parsed.ok)
    return {
      ok: false,
      faults: parsed.faults.map((fault) => invalid(field, `invalid YAML: ${fault.message}`, fault.remedy)),
    };
  const root = isJsonObject(parsed.value) ? parsed.value['training_config'] : undefined;
  if (!isJsonObject(root))
    return {
      ok: false,
      faults: [
        invalid(
          field,
          "Expected 'training_config' key to contain a map",
          `write a map with ${sections.join(', ')}`,
        ),
      ],
    };
  const faults: Fault[] = [];
  for (const section of Object.keys(root)) {
    if (sections.includes(section)) continue;
    const nearest = suggest(section, sections);
    faults.push({
      ...invalid(`${field}.${shortened(section)}`, `Unrecognized section: ${shortened(section)}`),
      remedy: nearest === undefined ? `known: ${sections.join(', ')}` : `did you mean ${nearest}?`,
    });
  }
  faults.push(...settingFaults(root, field), ...quantisationFaults(root['QuantizationConfig'], method));
  const output = outputDirectory(root['TrainingArguments']);
  if (!output.ok) faults.push(...output.faults);
  if (faults.length > 0 || !output.ok) return { ok: false, faults };
  return { ok: true, outputDirectory: output.directory, config: withDefaults(root, method) };
}

/** K6 to K9. */
function quantisationFaults(given: unknown, method: TuningMethod): Fault[] {
  const at = `${field}.QuantizationConfig`;
  const config: JsonObject = isJsonObject(given) ? given : {};
  const faults: Fault[] = [];
  const widths = ['load_in_4bit', 'load_in_8bit'] as const;
  for (const key of widths) {
    const value = config[key];
    if (value === undefined || value === null || typeof value === 'boolean') continue;
    faults.push(
      invalid(
        `${at}.${key}`,
        `${key}: value must be either nil or a boolean, not ${shown(value)}`,
        'write true or false',
      ),
    );
  }
  const chosen = widths.filter((key) => config[key] === true);
  if (chosen.length === 2)
    faults.push(invalid(at, 'Cannot set both load_in_4bit and load_in_8bit to true', 'keep one of them'));
  if (method === 'lora' && chosen.length > 0) {
    faults.push(
      invalid(
        at,
        `For method 'lora', ${chosen.join(' and ')} must not be true`,
        'remove it, or use method qlora',
      ),
    );
  }
  if (method === 'qlora' && chosen.length === 0) {
    const message = "For method 'qlora', either load_in_4bit or load_in_8bit must be true";
    faults.push({ field: at, reason: CauseReason.Required, message, remedy: 'write load_in_4bit: true' });
  }
  return faults;
}

/** K10 and K11: a directory below /mnt, as Go's path.Clean and path.Join see it. */
function outputDirectory(
  trainingArguments: unknown,
): { ok: true; directory: string } | { ok: false; faults: Fault[] } {
  const given = isJsonObject(trainingArguments) ? trainingArguments['output_dir'] : undefined;
  const at = `${field}.TrainingArguments.output_dir`;
  if (given === undefined || given === '') return { ok: true, directory: defaultOutputDirectory };
  if (typeof given !== 'string')
    return {
      ok: false,
      faults: [invalid(at, `output_dir is not a string: ${shown(given)}`, directoryRemedy)],
    };
  const cleaned = clean(given);
  const below =
    given.startsWith('/') && cleaned.startsWith(`${mountRoot}/`) ? cleaned : clean(`${mountRoot}/${given}`);
  if (below.startsWith(`${mountRoot}/`) && !(given.startsWith('/') && cleaned === mountRoot))
    return { ok: true, directory: below };
  return {
    ok: false,
    faults: [
      invalid(
        at,
        `Invalid output_dir specified: '${shortened(given)}', must be a directory`,
        directoryRemedy,
      ),
    ],
  };
}

/** An absolute path without `.`, `..` and empty parts. */
function clean(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

function invalid(at: string, message: string, remedy = 'write YAML with the key training_config'): Fault {
  return { field: at, reason: CauseReason.Invalid, message, remedy };
}
