import { runtimeTables, type ModelEntry, type Table } from '../../presets/catalogue.ts';
import { parseGibibytes } from './quantity.ts';

/** What planning and rendering need to know of a model, derived from its {@link ModelEntry}. */
export interface ModelFacts {
  /** Hugging Face id as vLLM gets it: lower case. */
  id: string;
  /** Last path segment of the id: the default served model name. */
  shortName: string;
  /** Size of the weight files, `NN.NNGi`, and in bytes (0 when unknown). */
  weights: string;
  weightBytes: number;
  /** KV cache bytes that one token of context takes. */
  bytesPerToken: number;
  attention: 'MLA' | 'MHA' | 'MQA' | 'GQA' | 'Unknown';
  contextLimit: number;
  architectures: string[];
  /** Empty when the weights are not quantised. */
  quantization: string;
  /** OS disk of a node that downloads the weights, in GiB. */
  diskGiB: number;
  readinessTimeoutSeconds: number;
  toolCallParser: string;
  reasoningParser: string;
  chatTemplate: string;
  /** vLLM flags that follow from the model alone; an empty value is a bare flag. */
  vllmFlags: Record<string, string>;
}

/** Room beside the weights on the OS disk, for the image and temporary files (GiB). Source: reference, c.4. */
const diskHeadroomGiB = 80;
const minute = 60;
const chatTemplateFolder = '/workspace/chat_templates';

/** All formulas: reference, c.4 (10 to 13). */
export function deriveModelFacts(entry: ModelEntry): ModelFacts {
  const id = entry.id.toLowerCase();
  const shortName = id.slice(id.lastIndexOf('/') + 1);
  const weightBytes = parseGibibytes(entry.weights) ?? 0;
  const sizeGiB = Number.parseFloat(entry.weights) || 0;
  const cache = cacheFacts(entry);
  const words = languageFacts(shortName, entry.architectures);
  return {
    id,
    shortName,
    weights: entry.weights,
    weightBytes,
    ...cache,
    contextLimit: entry.contextLimit,
    architectures: entry.architectures,
    quantization: entry.quantMethod ?? '',
    diskGiB: Math.floor(sizeGiB + diskHeadroomGiB),
    readinessTimeoutSeconds: readinessTimeout(sizeGiB),
    ...words,
    vllmFlags: { ...formatFlags(entry, shortName), ...languageFlags(words), ...engineFlags(shortName) },
  };
}

/** Elements of cache per token and layer, two bytes each. */
function cacheFacts(entry: ModelEntry): Pick<ModelFacts, 'bytesPerToken' | 'attention'> {
  const heads = entry.attentionHeads;
  const keyValueHeads = entry.keyValueHeads > 0 ? entry.keyValueHeads : heads;
  if (entry.kvLoraRank !== undefined) {
    const elements = entry.kvLoraRank + (entry.qkRopeHeadDim ?? 0);
    return { bytesPerToken: elements * entry.layers * 2, attention: 'MLA' };
  }
  const headDim = entry.headDim ?? (heads > 0 ? Math.floor(entry.hiddenSize / heads) : 0);
  const bytesPerToken = 2 * keyValueHeads * headDim * entry.layers * 2;
  if (heads === 0) return { bytesPerToken, attention: 'Unknown' };
  return { bytesPerToken, attention: heads === keyValueHeads ? 'MHA' : keyValueHeads === 1 ? 'MQA' : 'GQA' };
}

/** 15 min and 18 s a GiB, from 30 to 180 min; 30 min when the size is unknown. Seconds, to the tenth, as KAITO's derived facts have it. */
function readinessTimeout(sizeGiB: number): number {
  const seconds = 15 * minute + sizeGiB * 18;
  return Math.round(Math.min(Math.max(seconds, 30 * minute), 180 * minute) * 10) / 10;
}

type LanguageFacts = Pick<ModelFacts, 'toolCallParser' | 'reasoningParser' | 'chatTemplate'>;

function languageFacts(shortName: string, architectures: readonly string[]): LanguageFacts {
  const reasons = !runtimeTables.nonReasoningModels.includes(shortName);
  return {
    toolCallParser:
      byNamePrefix(runtimeTables.toolCallParserByNamePrefix, shortName) ??
      byArchitecture(runtimeTables.toolCallParserByArchitecture, architectures) ??
      '',
    reasoningParser:
      (reasons
        ? (byNamePrefix(runtimeTables.reasoningParserByNamePrefix, shortName) ??
          byArchitecture(runtimeTables.reasoningParserByArchitecture, architectures))
        : undefined) ?? '',
    chatTemplate: byNamePrefix(runtimeTables.chatTemplateByNamePrefix, shortName) ?? '',
  };
}

function formatFlags(entry: ModelEntry, shortName: string): Record<string, string> {
  const loadFormat = entry.loadFormat ?? 'auto';
  return {
    load_format: loadFormat,
    config_format: entry.configFormat ?? loadFormat,
    tokenizer_mode:
      byNamePrefix(runtimeTables.tokenizerModeByNamePrefix, shortName) ?? entry.tokenizerMode ?? loadFormat,
    'trust-remote-code': '',
    dtype: entry.quantMethod === undefined ? 'bfloat16' : 'auto',
  };
}

function languageFlags(words: LanguageFacts): Record<string, string> {
  const flags: Record<string, string> = {};
  if (words.toolCallParser !== '') {
    flags['tool-call-parser'] = words.toolCallParser;
    flags['enable-auto-tool-choice'] = '';
  }
  if (words.chatTemplate !== '') flags['chat-template'] = `${chatTemplateFolder}/${words.chatTemplate}`;
  if (words.reasoningParser !== '') flags['reasoning-parser'] = words.reasoningParser;
  return flags;
}

function engineFlags(shortName: string): Record<string, string> {
  const flags: Record<string, string> = {};
  const cacheDtype = byNamePrefix(runtimeTables.kvCacheDtypeByNamePrefix, shortName);
  if (cacheDtype !== undefined) flags['kv-cache-dtype'] = cacheDtype;
  const prefill = byNamePrefix(runtimeTables.gdnPrefillBackendByNamePrefix, shortName);
  if (prefill !== undefined) flags['gdn-prefill-backend'] = prefill;
  if (runtimeTables.expertParallelNamePrefixes.some((prefix) => shortName.startsWith(prefix))) {
    flags['enable-expert-parallel'] = '';
  }
  if (runtimeTables.flashInferAutotuneOffNamePrefixes.some((prefix) => shortName.startsWith(prefix))) {
    flags['kernel-config.enable_flashinfer_autotune'] = 'False';
  }
  return flags;
}

/** Prefixes are tried in reverse alphabetical order, so a longer one comes before its own beginning. */
function byNamePrefix(table: Table, shortName: string): string | undefined {
  let best: string | undefined;
  for (const prefix of Object.keys(table)) {
    if (shortName.startsWith(prefix) && (best === undefined || prefix > best)) best = prefix;
  }
  return best === undefined ? undefined : table[best];
}

function byArchitecture(table: Table, architectures: readonly string[]): string | undefined {
  const known = architectures.find((architecture) => Object.hasOwn(table, architecture));
  return known === undefined ? undefined : table[known];
}
