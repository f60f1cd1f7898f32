import type { Fault } from '../workspace/fault.ts';
import { noFindings } from '../workspace/fault.ts';
import { defaultAdmission, type AdmissionContext } from '../workspace/admission-context.ts';
import { equalMeaning } from '../workspace/canonical.ts';
import { changeBetween } from '../workspace/change.ts';
import { checkUpdate } from '../workspace/rules/update.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { planChange } from './plan-change.ts';
import { planWorkspace, type Plan, type PlanContext } from './plan.ts';

/**
 * What becomes of a running Workspace when another is put in its place.
 * `nothing`: the cluster stays as it is. `rollout`: the workload is made anew on the same nodes, as new pods, or as a new Job
 * when tuning. `scale`: the number of nodes changes, and the workload with it. `replace`: other nodes.
 * `refused`: a rule forbids the change, or what is asked for cannot be planned; everything stays as it is.
 */
export type Update =
  | { effect: 'nothing' | 'rollout' | 'scale' | 'replace'; fields: string[]; nodes: NodeCounts }
  | { effect: 'refused'; faults: Fault[] };

/** How many nodes there are and will be; `before` is null where the old Workspace cannot be planned any more. */
interface NodeCounts {
  before: number | null;
  after: number;
}

export interface UpdateContext {
  admission?: Partial<AdmissionContext>;
  /** What the plan of the old Workspace was made with, and what the new one's is: ConfigMaps may have changed between. */
  old?: PlanContext;
  next?: PlanContext;
}

/** Compares two Workspaces whose structure is sound: the update rules, then the specs, then the plans. Source: reference, b.6, g.8 and k.5. */
export function updateBetween(old: Workspace, next: Workspace, context: UpdateContext = {}): Update {
  const findings = noFindings();
  checkUpdate(old, next, { ...defaultAdmission, ...context.admission }, findings);
  if (findings.faults.length > 0) return { effect: 'refused', faults: findings.faults };
  const planned = planWorkspace(next, planContext(context, 'next'));
  if (!planned.ok) return { effect: 'refused', faults: planned.faults };
  const before = planWorkspace(old, planContext(context, 'old'));
  const { effect, fields } = changeBetween(old, next);
  const nodes = { before: before.ok ? before.plan.nodeCount : null, after: planned.plan.nodeCount };
  const kept = before.ok ? planChange(before.plan, planned.plan) : 'keep';
  if (effect === 'replace' || kept === 'replace') return { effect: 'replace', fields, nodes };
  if (kept === 'scale') return { effect: 'scale', fields, nodes };
  const samePods = effect === 'none' && before.ok && equalMeaning(podsOf(before.plan), podsOf(planned.plan));
  return { effect: samePods ? 'nothing' : 'rollout', fields, nodes };
}

/** Admission and planning look at the same cluster. */
function planContext({ admission, ...contexts }: UpdateContext, which: 'old' | 'next'): PlanContext {
  const context: PlanContext = { ...contexts[which] };
  if (admission?.provisioning !== undefined) context.provisioning ??= admission.provisioning;
  if (admission?.nodes !== undefined) context.nodes ??= admission.nodes;
  if (admission?.gates?.vllm !== undefined) context.gates ??= { vllm: admission.gates.vllm };
  return context;
}

/** What of a plan the pods come from: remarks, the sum behind the node count and the disk of new nodes change none. */
function podsOf({ warnings, estimate, diskGiB, ...pods }: Plan): Partial<Plan> {
  return pods;
}
