import aliasData from './aliases.json' with { type: 'json' };
import architectureData from './architectures.json' with { type: 'json' };
import imageData from './images.json' with { type: 'json' };
import modelData from './models.json' with { type: 'json' };
import tables from './runtime-tables.json' with { type: 'json' };
import transformersData from './transformers.json' with { type: 'json' };
import tuningData from './tuning.json' with { type: 'json' };

/** A model as Hugging Face describes it: raw numbers from which planning derives its facts. Checked by `catalogue-schema.ts`. */
export interface ModelEntry {
  /** Hugging Face id in its published spelling. */
  id: string;
  license?: string;
  /** Sum of the weight files, `NN.NNGi`; empty when unknown. */
  weights: string;
  architectures: string[];
  /** Longest context in tokens. */
  contextLimit: number;
  hiddenSize: number;
  layers: number;
  attentionHeads: number;
  /** 0 when the model does not say: as many as attention heads. */
  keyValueHeads: number;
  headDim?: number;
  /** Present for multi-head latent attention. */
  kvLoraRank?: number;
  qkRopeHeadDim?: number;
  loadFormat?: string;
  configFormat?: string;
  tokenizerMode?: string;
  quantMethod?: string;
  quantBits?: number;
}

export interface TunablePreset {
  /** GPU memory that tuning needs, and the OS disk, as Kubernetes quantities. */
  memory: string;
  disk: string;
  /** Image that holds the weights: `<registry>/kaito-<imageName>:<tag>`. */
  imageName: string;
  tag: string;
}

export type Table = Readonly<Record<string, string>>;

/** Which parser, template and flag a model needs; see the data file for its source. */
export const runtimeTables: {
  readonly reasoningParserByNamePrefix: Table;
  readonly reasoningParserByArchitecture: Table;
  readonly nonReasoningModels: readonly string[];
  readonly toolCallParserByNamePrefix: Table;
  readonly toolCallParserByArchitecture: Table;
  readonly chatTemplateByNamePrefix: Table;
  readonly tokenizerModeByNamePrefix: Table;
  readonly kvCacheDtypeByNamePrefix: Table;
  readonly gdnPrefillBackendByNamePrefix: Table;
  readonly expertParallelNamePrefixes: readonly string[];
  readonly flashInferAutotuneOffNamePrefixes: readonly string[];
  readonly hybridCacheArchitectures: readonly string[];
  readonly cacheOffloadDisabledArchitectures: readonly string[];
  readonly deepGemmArchitectures: readonly string[];
  readonly cudaToolkitModels: readonly string[];
} = tables;

/** The models of the catalogue, in its order. */
export const models: readonly ModelEntry[] = modelData.models;
/** Short names of older presets, and the (lower-case) Hugging Face ids they mean. */
export const aliases: Table = aliasData.aliases;
/** Names that once were presets, and why they are none now. */
export const deprecatedPresets: readonly string[] = aliasData.deprecated;
export const supportedArchitectures: readonly string[] = architectureData.architectures;
/** Container images, by what they do. */
export const images = imageData.images;
/** The serving engines inside the base image. */
export const runtimeVersions = imageData.runtimeVersions;
/** Where preset images live. */
export const presetRegistry: string = imageData.presetRegistry;

const modelById = new Map(models.map((model) => [model.id.toLowerCase(), model]));
const transformersFamilies: Readonly<Record<string, Table>> = transformersData.families;
const transformersModels: Table = transformersData.models;
const tunable: Readonly<Record<string, TunablePreset>> = tuningData.presets;

/** The catalogue's entry for a Hugging Face id in any case. */
export function findModel(id: string): ModelEntry | undefined {
  return modelById.get(id.toLowerCase());
}

/** Flags of the transformers runtime for a model's short name; undefined when that runtime does not serve it. */
export function transformersFlags(shortName: string): Table | undefined {
  const family = Object.hasOwn(transformersModels, shortName) ? transformersModels[shortName] : undefined;
  return family === undefined ? undefined : transformersFamilies[family];
}

/** How a model is tuned, by short name; undefined when it cannot be. */
export function findTunable(shortName: string): TunablePreset | undefined {
  return Object.hasOwn(tunable, shortName) ? tunable[shortName] : undefined;
}

export const tunablePresets: readonly string[] = Object.keys(tunable);

/** The presets that can be tuned, by the names that a Workspace asks for them. */
export const tunableNames: readonly string[] = Object.entries(aliases)
  .filter(([, id]) => findTunable(id.slice(id.lastIndexOf('/') + 1)) !== undefined)
  .map(([name]) => name);
