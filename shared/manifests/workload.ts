import type { Plan } from '../planning/plan.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { renderInference } from './inference.ts';
import type { RenderedObject, RenderOptions } from './rendered-object.ts';
import { renderTuning } from './tuning.ts';

/** Every object that a Workspace needs in the cluster, in the order to apply them. */
export function renderWorkload(workspace: Workspace, plan: Plan, options: RenderOptions): RenderedObject[] {
  return plan.workload === 'tuning'
    ? renderTuning(workspace, plan, options)
    : renderInference(workspace, plan, options);
}
