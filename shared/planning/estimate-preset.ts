import { CauseReason, shown, type Fault } from '../workspace/fault.ts';
import { defaultContextTokens, estimateNodes, type EstimateTerms } from './estimate.ts';
import { findGpuSize } from './gpu-sizes.ts';
import { resolvePreset } from './resolve-preset.ts';
import { cheapestSizes, describeSizes } from './size-advice.ts';

export type PresetEstimate = { ok: true; nodes: number; terms: EstimateTerms } | { ok: false; fault: Fault };

/**
 * How many nodes of an instance type a preset of the catalogue needs with vLLM: the estimator alone, without a Workspace.
 * @param wantedTokens context; KAITO's default of 2048 unless it is a positive whole number
 */
export function estimatePreset(
  preset: string,
  instanceType: string,
  wantedTokens = defaultContextTokens,
): PresetEstimate {
  const contextTokens =
    Number.isInteger(wantedTokens) && wantedTokens > 0 ? wantedTokens : defaultContextTokens;
  const resolution = resolvePreset(preset);
  if (resolution.kind !== 'known') {
    return refused('inference.preset.name', `${shown(preset)} is not in the catalogue`);
  }
  const gpus = findGpuSize(instanceType);
  if (gpus === undefined)
    return refused(
      'resource.instanceType',
      `Unsupported SKU ${shown(instanceType)} for cloud provider azure`,
      `cheapest that fit: ${describeSizes(cheapestSizes(resolution.facts, contextTokens))}`,
    );
  const estimate = estimateNodes({ model: resolution.facts, gpus, contextTokens });
  if (estimate.fits) return { ok: true, nodes: estimate.nodes, terms: estimate.terms };
  const remedy = `cheapest that fit: ${describeSizes(cheapestSizes(resolution.facts, contextTokens))}`;
  return refused(
    'resource.instanceType',
    `GPU memory of ${gpus.name} is too small for ${contextTokens} tokens of context`,
    remedy,
  );
}

function refused(field: string, message: string, remedy?: string): PresetEstimate {
  const fault: Fault = { field, reason: CauseReason.NotSupported, message };
  return { ok: false, fault: remedy === undefined ? fault : { ...fault, remedy } };
}
