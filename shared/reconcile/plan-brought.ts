import type { Offer } from '../planning/placement.ts';
import { regionalOnDemand } from '../planning/placement.ts';
import type { Plan } from '../planning/plan.ts';
import type { PassedRung } from '../planning/passed-rung.ts';
import { labelText } from '../provisioning/brought-nodes.ts';
import { userNodeLabels } from '../workspace/annotations.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { PlanFor } from './plan-for-size.ts';
import { unplannable } from './unplannable.ts';

/** The nodes that a plan is made from are not there, or do not tell their GPUs yet. */
export interface AwaitedNodes {
  plan: null;
  skipped: PassedRung[];
  awaiting: string;
}

/** Nodes of the user's own, on the only terms there are. */
const asTheyAre: Offer = { instanceType: '', placement: regionalOnDemand };
const selectorField = 'resource.labelSelector';

/**
 * Plans for nodes that the user brings. Faults of the nodes themselves pass when other nodes come or their labels do (GPU feature
 * discovery writes them a while after a node joins), so they are waited for. Throws `Terminal('WorkspaceUnplannable')` for all others.
 */
export async function planBrought(
  planFor: PlanFor,
  { resource }: Workspace,
): Promise<{ plan: Plan; rung: number; offer: Offer; skipped: PassedRung[] } | AwaitedNodes> {
  const planned = await planFor('');
  if (planned.ok) return { plan: planned.plan, rung: 0, offer: asTheyAre, skipped: [] };
  const { faults } = planned;
  if (!faults.every(({ field }) => field === selectorField)) throw unplannable([faults]);
  const labels = labelText(userNodeLabels(resource.labelSelector.matchLabels));
  const why = faults.map(({ message }) => message).join('; ');
  return { plan: null, skipped: [], awaiting: `nodes ${labels} with GPUs: ${why}` };
}
