import { runtimeTables } from '../../presets/catalogue.ts';
import type { ModelFacts } from './model-facts.ts';

export type Precision = { ok: true; dtype: string; remark?: string } | { ok: false; message: string };

/** Compute capability of the first GPUs with bfloat16 (Ampere). */
const ampere = 8;

/** A GPU of unknown capability is taken to be a current one. */
export function supportsBfloat16(gpu: { computeCapability?: number }): boolean {
  return gpu.computeCapability === undefined || gpu.computeCapability >= ampere;
}

/**
 * Model families that overflow in float16, so that vLLM refuses it.
 * Source: vLLM, `config/model.py`, `_FLOAT16_NOT_SUPPORTED_MODELS` (gemma2, gemma3, gemma3_text, plamo2, glm4); Gemma 4 taken to be as its forerunners.
 */
const noFloat16 = /^(Gemma[234]|Plamo2|Glm4ForCausalLM)/;
/** Quantisations with kernels for Turing and Volta. Source: vLLM, docs/features/quantization (AWQ from 7.5, GPTQ from 7.0). */
const lowestCapability: Readonly<Record<string, number>> = { awq: 7.5, gptq: 7 };

/** The `--dtype` with which a GPU can run a model. A GPU of unknown capability is taken at its word. */
export function precisionFor(model: ModelFacts, gpu: { computeCapability?: number }): Precision {
  const dtype = model.vllmFlags['dtype'] ?? 'bfloat16';
  const capability = gpu.computeCapability;
  if (capability === undefined || capability >= ampere) return { ok: true, dtype };
  const needed =
    model.quantization === '' ? 7 : (lowestCapability[model.quantization.toLowerCase()] ?? ampere);
  const deepGemm = model.architectures.some((name) => runtimeTables.deepGemmArchitectures.includes(name));
  if (capability < needed || deepGemm) {
    return {
      ok: false,
      message: `${model.shortName} (${model.quantization || 'bfloat16'} weights) needs a GPU of compute capability ${Math.max(needed, ampere).toFixed(1)}; this one has ${capability.toFixed(1)}`,
    };
  }
  if (model.architectures.some((name) => noFloat16.test(name))) {
    return {
      ok: false,
      message: `${model.shortName} computes in bfloat16 only; this GPU (compute capability ${capability.toFixed(1)}) has none`,
    };
  }
  return {
    ok: true,
    dtype: 'float16',
    remark: 'runs in float16: this GPU is older than Ampere and has no bfloat16',
  };
}
