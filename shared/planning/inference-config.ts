import { parse } from 'yaml';
import { parseDocument } from '../workspace/parse.ts';
import { CauseReason, shown, type Fault } from '../workspace/fault.ts';
import { suggest } from '../workspace/schema/suggest.ts';
import { isJsonObject, type JsonObject } from '../workspace/schema/structural-schema.ts';

/** What the user's `inference_config.yaml` says to planning. */
export interface InferenceConfig {
  /** Any vLLM argument; these come after Slipway's own flags and win. */
  vllm: Record<string, string>;
  /** `max-model-len` when it is a positive integer. */
  contextTokens?: number;
  /** Legacy: steps in which the serving image looks for a context that fits. */
  probeSteps: number;
  /** Share of the node's memory for a KV cache beyond the GPU's; 0 turns it off. */
  cacheShareOfCpuMemory: number;
  /** Keys that nobody reads. */
  remarks: string[];
}

/** What holds where the user says nothing. Source: reference, g.3. */
export const defaultInferenceConfig: InferenceConfig = {
  vllm: {},
  probeSteps: 6,
  cacheShareOfCpuMemory: 0.5,
  remarks: [],
};

export type ReadConfig = { ok: true; config: InferenceConfig } | { ok: false; faults: Fault[] };

const field = 'inference.config[inference_config.yaml]';
const contextKey = 'max-model-len';
/** vLLM reads a hyphen for an underscore in the name of an argument. */
const contextAlias = 'max_model_len';
const keys = {
  vllm: 'vllm',
  probeSteps: 'max_probe_steps',
  cacheShare: 'kv_cache_cpu_memory_utilization',
} as const;

/**
 * Reads the text as YAML: the map `vllm` of scalars, and the two settings of the serving image; other keys are remarked on.
 * Rules M4 to M6.
 * @param contextLimit the model's limit in tokens; 0 when unknown or without a preset
 */
export function readInferenceConfig(text: string, contextLimit: number): ReadConfig {
  if (text.trim() === '') return { ok: true, config: defaultInferenceConfig };
  const parsed = parseDocument(text, 'application/yaml');
  // A text of nothing but comments says nothing, which is no fault.
  if (!parsed.ok && parsed.faults.every(({ reason }) => reason === CauseReason.Required))
    return { ok: true, config: defaultInferenceConfig };
  if (!parsed.ok) return { ok: false, faults: parsed.faults.map((fault) => unreadable(fault.message)) };
  if (!isJsonObject(parsed.value))
    return { ok: false, faults: [unreadable('it must be a map with the key vllm')] };
  const section = parsed.value['vllm'] ?? {};
  if (!isJsonObject(section)) return { ok: false, faults: [unreadable('the key vllm must hold a map')] };
  const written = asWritten(text);
  const vllm: Record<string, string> = {};
  for (const [key, value] of Object.entries(section)) {
    if (typeof value === 'object' && value !== null)
      return { ok: false, faults: [unreadable(`vllm.${key} must be a scalar`)] };
    vllm[key] = scalarText(value, written[key]);
  }
  const image = imageSettings(parsed.value);
  if (!image.ok) return image;
  return withContext({ ...image.config, vllm, remarks: remarksOn(parsed.value, vllm) }, contextLimit);
}

/** The settings that the serving image reads beside vLLM's. KAITO leaves their faults to the image. */
function imageSettings(root: JsonObject): ReadConfig {
  const config = { ...defaultInferenceConfig };
  const faults: Fault[] = [];
  const steps = root[keys.probeSteps] ?? config.probeSteps;
  if (typeof steps === 'number' && Number.isInteger(steps) && steps >= 0) config.probeSteps = steps;
  else faults.push(wrong(keys.probeSteps, steps, 'a whole number of at least 0'));
  const share = root[keys.cacheShare] ?? config.cacheShareOfCpuMemory;
  if (typeof share === 'number' && share >= 0 && share <= 1) config.cacheShareOfCpuMemory = share;
  else faults.push(wrong(keys.cacheShare, share, 'a number from 0 to 1'));
  return faults.length > 0 ? { ok: false, faults } : { ok: true, config };
}

function wrong(key: string, value: unknown, what: string): Fault {
  const message = `${key} must be ${what}, not ${shown(value)}`;
  return { field: `${field}.${key}`, reason: CauseReason.Invalid, message, remedy: `write ${what}` };
}

function remarksOn(root: JsonObject, vllm: Readonly<Record<string, string>>): string[] {
  const known: readonly string[] = Object.values(keys);
  const foreign = Object.keys(root).filter((key) => !known.includes(key));
  const dashed = Object.keys(vllm).filter((key) => key.startsWith('-'));
  return [
    ...foreign.map((key) => {
      const nearest = suggest(key, known);
      return `${field}.${key}: nobody reads this key${nearest === undefined ? '; arguments of vLLM belong under vllm' : `; did you mean ${nearest}?`}`;
    }),
    ...dashed.map((key) => `${field}.vllm.${key}: the hyphens in front are added by the serving image`),
  ];
}

/** The section `vllm` of a text known to be sound, its scalars as they are written: `4096.0` and `0x1000` are no integers to vLLM. */
function asWritten(text: string): JsonObject {
  const root: unknown = parse(text, {
    schema: 'failsafe',
    merge: true,
    uniqueKeys: false,
    logLevel: 'silent',
  });
  const section = isJsonObject(root) ? root['vllm'] : undefined;
  return isJsonObject(section) ? section : {};
}

function scalarText(value: unknown, written: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return typeof written === 'string' ? written : String(value);
  return typeof value === 'boolean' ? String(value) : '';
}

function withContext(config: InferenceConfig, contextLimit: number): ReadConfig {
  const key = contextKey in config.vllm ? contextKey : contextAlias;
  const given = (config.vllm[key] ?? '').trim();
  if (given === '') return { ok: true, config };
  const at = `${field}.vllm.${key}`;
  if (!/^[+-]?\d+$/.test(given)) {
    if (contextLimit <= 0) return { ok: true, config };
    const message = `max-model-len must be an integer, not ${shown(given)}`;
    return {
      ok: false,
      faults: [
        { field: at, reason: CauseReason.Invalid, message, remedy: `write a number up to ${contextLimit}` },
      ],
    };
  }
  const tokens = Number(given);
  if (contextLimit > 0 && tokens > contextLimit) {
    const message = `max-model-len ${given} exceeds model's maximum supported context window ${contextLimit}`;
    return {
      ok: false,
      faults: [{ field: at, reason: CauseReason.Invalid, message, remedy: `write ${contextLimit} or less` }],
    };
  }
  return { ok: true, config: tokens > 0 ? { ...config, contextTokens: tokens } : config };
}

function unreadable(cause: string): Fault {
  return {
    field,
    reason: CauseReason.Invalid,
    message: `Failed to parse inference_config.yaml: ${cause}`,
    remedy: 'write a map vllm: with one scalar for each vLLM argument',
  };
}
