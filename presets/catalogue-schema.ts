import { z } from 'zod';

/**
 * What the data files of this folder must look like. The loader trusts them at run time; the build and the tests check them here,
 * so that start-up need not load a validator.
 */
const quantity = z.string().regex(/^\d+(\.\d+)?Gi$/);
const hubId = z.string().regex(/^[\w.-]+\/[\w.-]+$/);
const table = z.record(z.string().min(1), z.string());
const names = z.array(z.string().min(1));
const source = z.string().min(10);
const positive = z.int().positive();

export const modelsSchema = z.strictObject({
  source,
  models: z.array(
    z.strictObject({
      id: hubId,
      license: z.string().optional(),
      weights: quantity,
      architectures: names.min(1),
      contextLimit: positive,
      hiddenSize: positive,
      layers: positive,
      attentionHeads: positive,
      keyValueHeads: z.int().nonnegative(),
      headDim: positive.optional(),
      kvLoraRank: positive.optional(),
      qkRopeHeadDim: positive.optional(),
      loadFormat: z.string().optional(),
      configFormat: z.string().optional(),
      tokenizerMode: z.string().optional(),
      quantMethod: z.string().optional(),
      quantBits: positive.optional(),
    }),
  ),
});

export const aliasesSchema = z.strictObject({
  source,
  aliases: z.record(z.string().regex(/^[a-z0-9.-]+$/), hubId.lowercase()),
  deprecated: names,
});

export const architecturesSchema = z.strictObject({ source, architectures: names });

export const imagesSchema = z.strictObject({
  source,
  presetRegistry: z.string(),
  runtimeVersions: z.strictObject({ vllm: z.string(), transformers: z.string() }),
  images: z.record(z.string(), z.string().regex(/^[a-z0-9./-]+(:[\w.-]+)?$/)),
});

export const transformersSchema = z.strictObject({
  source,
  families: z.record(z.string(), table),
  models: table,
});

export const tuningSchema = z.strictObject({
  source,
  presets: z.record(
    z.string(),
    z.strictObject({ memory: quantity, disk: quantity, imageName: z.string(), tag: z.string() }),
  ),
});

export const runtimeTablesSchema = z.strictObject({
  source,
  reasoningParserByNamePrefix: table,
  reasoningParserByArchitecture: table,
  nonReasoningModels: names,
  toolCallParserByNamePrefix: table,
  toolCallParserByArchitecture: table,
  chatTemplateByNamePrefix: table,
  tokenizerModeByNamePrefix: table,
  kvCacheDtypeByNamePrefix: table,
  gdnPrefillBackendByNamePrefix: table,
  expertParallelNamePrefixes: names,
  flashInferAutotuneOffNamePrefixes: names,
  hybridCacheArchitectures: names,
  cacheOffloadDisabledArchitectures: names,
  deepGemmArchitectures: names,
  cudaToolkitModels: names,
});
