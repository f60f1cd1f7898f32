import type { Workspace } from '../workspace/workspace.ts';
import { planInference } from './plan-inference.ts';
import type { PlanContext, PlanResult } from './plan-shape.ts';
import { planTemplate } from './plan-template.ts';
import { planTuning } from './plan-tuning.ts';

export { explainEstimate } from './explain.ts';
export type { Plan, PlanContext, PlannedEstimate, PlannedModel, PlanResult } from './plan-shape.ts';

/** Decides nodes, parallelism, precision and time-outs for a valid Workspace. */
export function planWorkspace(workspace: Workspace, context: PlanContext = {}): PlanResult {
  if (workspace.tuning !== undefined) return planTuning(workspace, workspace.tuning, context);
  const preset = workspace.inference?.preset;
  return preset === undefined ? planTemplate(workspace, context) : planInference(workspace, preset, context);
}
