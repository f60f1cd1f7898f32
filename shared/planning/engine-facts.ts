import { findModel, runtimeVersions } from '../../presets/catalogue.ts';
import type { Plan } from './plan.ts';

/** What serves a planned model, as KAITO tells it beside a benchmark's figures. Source: reference, c.1 and k.2. */
export interface EngineFacts {
  engine: string;
  engineVersion: string;
  /** How the weights are quantised; empty when they are not, or when the model is outside the catalogue. */
  quantization: string;
}

export function engineFacts({ runtime, model }: Pick<Plan, 'runtime' | 'model'>): EngineFacts {
  const quantization = model === null ? undefined : findModel(model.id)?.quantMethod;
  return { engine: runtime, engineVersion: runtimeVersions[runtime], quantization: quantization ?? '' };
}
