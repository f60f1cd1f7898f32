import type { ModelEntry } from '../../presets/catalogue.ts';
import { isJsonObject, type JsonObject } from '../workspace/schema/structural-schema.ts';
import { gibibyte } from './quantity.ts';

/** Context in tokens of a model that names none. Source: reference, c.4 (7). */
const unnamedContextLimit = 2048;

/** Where models keep their numbers, the first key that holds one wins. Source: reference, c.4 (7). */
const keys = {
  contextLimit: [
    'max_position_embeddings',
    'n_ctx',
    'seq_length',
    'max_seq_len',
    'max_sequence_length',
    'model_max_length',
  ],
  hiddenSize: ['hidden_size', 'n_embd', 'd_model', 'dim'],
  layers: ['num_hidden_layers', 'n_layer', 'n_layers'],
  attentionHeads: ['num_attention_heads', 'n_head', 'n_heads'],
  keyValueHeads: ['num_key_value_heads', 'n_head_kv', 'n_kv_heads'],
  headDim: ['head_dim', 'attention_head_dim'],
  kvLoraRank: ['kv_lora_rank'],
  qkRopeHeadDim: ['qk_rope_head_dim'],
} as const;

/** Model families whose Mistral-format config names no architecture. Source: reference, c.4 (8). */
const architectureByName: readonly [prefix: string, architecture: string][] = [
  ['mistral-large-3', 'MistralLarge3ForCausalLM'],
  ['ministral-3', 'Mistral3ForConditionalGeneration'],
];

/** Parses a `config.json` as Python writes it: the literals Infinity and NaN, which JSON has not, become null. Undefined when it is no object. */
export function parseHubConfig(text: string): JsonObject | undefined {
  const literal = /("(?:[^"\\]|\\.)*")|-?\bInfinity\b|\bNaN\b/g;
  try {
    const value: unknown = JSON.parse(
      text.replace(literal, (found, quoted?: string) => (quoted === undefined ? 'null' : found)),
    );
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export interface HubModel {
  /** `org/model` in any case. */
  id: string;
  config: JsonObject;
  weights: WeightFiles;
}

export interface WeightFiles {
  bytes: number;
  /** Weights in Mistral's own format. */
  mistral: boolean;
}

/** A catalogue entry from what the Hub says of a model. Source: reference, c.4 (3 to 9 and 12). */
export function entryFromHub({ id, config, weights }: HubModel): ModelEntry {
  const merged = withNested(config);
  const attentionHeads = numberAt(merged, keys.attentionHeads) ?? 0;
  const keyValueHeads = numberAt(merged, keys.keyValueHeads) ?? 0;
  const headDim = numberAt(merged, keys.headDim) ?? 0;
  const kvLoraRank = numberAt(merged, keys.kvLoraRank);
  const qkRopeHeadDim = numberAt(merged, keys.qkRopeHeadDim);
  const quantisation = merged['quantization_config'];
  const quantMethod = isJsonObject(quantisation) ? quantisation['quant_method'] : undefined;
  const quantBits = isJsonObject(quantisation) ? numberAt(quantisation, ['bits']) : undefined;
  return {
    id,
    weights: asGibibytes(weights.bytes),
    architectures: architecturesOf(id, merged),
    contextLimit: numberAt(merged, keys.contextLimit) ?? unnamedContextLimit,
    hiddenSize: numberAt(merged, keys.hiddenSize) ?? 0,
    layers: numberAt(merged, keys.layers) ?? 0,
    attentionHeads,
    keyValueHeads: keyValueHeads > 0 ? keyValueHeads : merged['multi_query'] === true ? 1 : attentionHeads,
    ...(headDim > 0 ? { headDim } : {}),
    ...(kvLoraRank === undefined ? {} : { kvLoraRank }),
    ...(qkRopeHeadDim === undefined ? {} : { qkRopeHeadDim }),
    ...(weights.mistral ? { loadFormat: 'mistral', configFormat: 'mistral', tokenizerMode: 'mistral' } : {}),
    ...(typeof quantMethod === 'string' && quantMethod !== '' ? { quantMethod } : {}),
    ...(quantBits === undefined ? {} : { quantBits }),
  };
}

/** `NN.NNGi`, halves to the even neighbour: as Go writes `%.2f`, so that the size is KAITO's to the last digit. */
function asGibibytes(bytes: number): string {
  const hundredths = bytes * 100;
  const whole = Math.floor(hundredths / gibibyte);
  const rest = hundredths % gibibyte;
  const up = rest * 2 > gibibyte || (rest * 2 === gibibyte && whole % 2 === 1);
  return `${((up ? whole + 1 : whole) / 100).toFixed(2)}Gi`;
}

/** Multimodal models keep the language model's numbers one level down. */
function withNested(config: JsonObject): JsonObject {
  const nested = isJsonObject(config['text_config']) ? config['text_config'] : config['llm_config'];
  return isJsonObject(nested) ? { ...nested, ...config } : config;
}

function numberAt(config: JsonObject, names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = config[name];
    if (typeof value === 'number') return value;
    if (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim())) return Number(value);
  }
  return undefined;
}

function architecturesOf(id: string, config: JsonObject): string[] {
  const given: unknown = config['architectures'];
  const names = Array.isArray(given) ? given.filter((name) => typeof name === 'string') : [];
  if (names.length > 0) return names;
  const shortName = id.slice(id.lastIndexOf('/') + 1).toLowerCase();
  return architectureByName
    .filter(([prefix]) => shortName.startsWith(prefix))
    .map(([, architecture]) => architecture);
}

/** The weight files among a repository's: Mistral's own where there are any, else safetensors, else PyTorch's. Undefined without any. */
export function weightFiles(files: readonly { path: string; size: number }[]): WeightFiles | undefined {
  const formats = [/consolidated.*\.safetensors/, /\.safetensors/, /\.bin/];
  for (const [index, format] of formats.entries()) {
    const matching = files.filter(({ path }) => format.test(path));
    if (matching.length > 0)
      return { bytes: matching.reduce((sum, { size }) => sum + size, 0), mistral: index === 0 };
  }
  return undefined;
}
