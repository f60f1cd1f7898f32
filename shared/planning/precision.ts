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
 * Architectures that overflow in float16, so that vLLM refuses it. Source: vLLM, `config/model.py`, `_FLOAT16_NOT_SUPPORTED_MODELS`, whose
 * model types are gemma2, gemma3, gemma3_text, plamo2 and glm4. Gemma 3n, Gemma 4 and the GLM 4 mixtures have types of their own, and may.
 */
const noFloat16 = /^(Gemma[23]For|Plamo2For|Glm4For)/;
/**
 * Quantisations with kernels for Turing and Volta; the others wait for Ampere. Source: vLLM, docs/features/quantization: the table of supported
 * hardware (AWQ from 7.5, GPTQ and bitsandbytes from 7.0, MXFP4 not on Turing), and its FP8 page (from 7.5 with weights alone in FP8, since 0.20 at the latest).
 */
const lowestCapability: Readonly<Record<string, number>> = { awq: 7.5, gptq: 7, fp8: 7.5, bitsandbytes: 7 };
/**
 * vLLM has run on Volta from its first release. Since CUDA 12.8 its builds begin at Turing (its CMakeLists.txt; its installation page of
 * 2026-05 says 7.5 or higher), so that a Volta GPU takes an image of one's own.
 */
const volta = 7;
const turing = 7.5;

/** The `--dtype` with which a GPU can run a model. A GPU of unknown capability is taken at its word. */
export function precisionFor(model: ModelFacts, gpu: { computeCapability?: number }): Precision {
  const dtype = model.vllmFlags['dtype'] ?? 'bfloat16';
  const capability = gpu.computeCapability;
  if (capability === undefined || capability >= ampere) return { ok: true, dtype };
  const deepGemm = model.architectures.some((name) => runtimeTables.deepGemmArchitectures.includes(name));
  const needed = deepGemm
    ? ampere
    : model.quantization === ''
      ? volta
      : (lowestCapability[model.quantization.toLowerCase()] ?? ampere);
  if (capability < needed) {
    return {
      ok: false,
      message: `${model.shortName} (${model.quantization || 'bfloat16'} weights) needs a GPU of compute capability ${needed.toFixed(1)}; this one has ${capability.toFixed(1)}`,
    };
  }
  if (model.architectures.some((name) => noFloat16.test(name))) {
    return {
      ok: false,
      message: `${model.shortName} computes in bfloat16 only; this GPU (compute capability ${capability.toFixed(1)}) has none`,
    };
  }
  const remark = 'runs in float16: this GPU is older than Ampere and has no bfloat16';
  return {
    ok: true,
    dtype: 'float16',
    remark:
      capability >= turing
        ? remark
        : `${remark}; the vLLM of the serving image may not start on it, its builds begin at compute capability ${turing}`,
  };
}
