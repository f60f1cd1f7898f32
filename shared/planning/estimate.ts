import { gibibyte } from './quantity.ts';

/** The share of a GPU's memory that vLLM may use. Constants of this file: reference, e. */
const usableShare = 0.84;
/** Weights in memory, against their size on disk. */
const weightExpansion = 1.02;
/** CUDA context and activations on each GPU, GiB. */
const baseOverheadGiB = 2.3;
/** Further overhead in proportion to the weights on a GPU. */
const weightOverhead = 1.05;
/** Context that is reserved for when the user names none, in tokens. */
export const defaultContextTokens = 2048;

/** Every term of the sum; memory in bytes, per GPU unless named otherwise. */
export interface EstimateTerms {
  weightsOnAllGpus: number;
  gpuMemory: number;
  budget: number;
  overhead: number;
  cache: number;
  /** What is left for weights; zero or less when nothing fits. */
  room: number;
  minimumGpus: number;
}

export type NodeEstimate =
  { fits: true; nodes: number; terms: EstimateTerms } | { fits: false; terms: EstimateTerms };

interface EstimateInput {
  model: { weightBytes: number; bytesPerToken: number };
  gpus: { gpuCount: number; totalMemoryGiB: number };
  contextTokens: number;
}

/**
 * Nodes needed to hold the weights and a KV cache of `contextTokens`. It fits nowhere when overhead and cache alone fill a GPU.
 * An exact multiple costs one GPU more (floor + 1). Source: reference, e.5.
 */
export function estimateNodes({ model, gpus, contextTokens }: EstimateInput): NodeEstimate {
  const weightsOnAllGpus = model.weightBytes * weightExpansion;
  const gpuMemory = Math.floor((gpus.totalMemoryGiB * gibibyte) / gpus.gpuCount);
  const budget = gpuMemory * usableShare;
  const overhead = baseOverheadGiB * gibibyte;
  const cache = (contextTokens * model.bytesPerToken) / gpus.gpuCount;
  const room = (budget - overhead - cache) / weightOverhead;
  const terms = { weightsOnAllGpus, gpuMemory, budget, overhead, cache, room, minimumGpus: 0 };
  if (!(room > 0)) return { fits: false, terms }; // so that no GPUs, or no number, fit nothing
  terms.minimumGpus = Math.floor(weightsOnAllGpus / room) + 1;
  return { fits: true, nodes: Math.ceil(terms.minimumGpus / gpus.gpuCount), terms };
}
