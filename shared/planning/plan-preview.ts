import type { Fault } from '../workspace/fault.ts';
import { noFindings } from '../workspace/fault.ts';
import { readLifetimeOptions } from '../workspace/lifetime-options.ts';
import { readProvisioningOptions } from '../workspace/provisioning-options.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { explainEstimate } from './explain.ts';
import { ladderOf } from './ladder.ts';
import type { Offer } from './placement.ts';
import { regionalOnDemand } from './placement.ts';
import type { Plan } from './plan-shape.ts';
import type { CostUntilExpiry, PlannedCost } from './planned-cost.ts';
import { costUntilExpiry } from './planned-cost.ts';
import type { Quota, RegionFacts } from './region-facts.ts';
import type { RungPreview, Surroundings } from './rung-preview.ts';
import { previewLadder } from './rung-preview.ts';
import type { SizeOption } from './size-options.ts';
import { offeredSizes, sizeOptions } from './size-options.ts';
import type { TimeToReady } from './time-to-ready.ts';
import { timeToReady } from './time-to-ready.ts';

/** What would become of a Workspace if it were created now. */
export interface PlanPreview {
  /** Something could be asked of Azure: the workspace fits a rung that nothing known is against. */
  feasible: boolean;
  /** Index in `ladder` of what would be asked for first; null when no rung is open. */
  rung: number | null;
  /** Of that rung; else of the first that the workspace fits. */
  plan: Plan | null;
  /** The memory arithmetic of `plan`, one sentence a line; its terms stand in `plan.estimate`. */
  explanation: string[];
  /** Why it fits no rung; empty otherwise. */
  faults: Fault[];
  ladder: RungPreview[];
  /** Alternatives, cheapest first. */
  instanceTypes: SizeOption[];
  quota: { region: Quota | null; spot: Quota | null; families: Quota[] };
  cost: PlannedCost | null;
  costUntilExpiry: CostUntilExpiry | null;
  timeToReady: TimeToReady | null;
}

/** Nodes that are there: nothing is bought, and there is nothing to fall back on. */
const broughtNodes: Offer = { instanceType: '', placement: regionalOnDemand };

/** Sizes whose facts a preview needs; none for the nodes that a user brings. */
export function sizesOfInterest(workspace: Workspace): string[] {
  const sizes = ladderOfWorkspace(workspace).map(({ instanceType }) => instanceType);
  return [...new Set([...sizes, ...offeredSizes])].filter((size) => size !== '');
}

export function previewPlan(workspace: Workspace, surroundings: Surroundings): PlanPreview {
  const { context, facts, now } = surroundings;
  const { rungs, plans } = previewLadder(
    workspace,
    context.provisioning === 'byo' ? [broughtNodes] : ladderOfWorkspace(workspace),
    surroundings,
  );
  const open = rungs.find(({ verdict }) => verdict === 'open');
  const shown = open ?? rungs.find(({ verdict }) => verdict === 'refused');
  const plan = shown === undefined ? undefined : plans.get(shown.rung);
  const lifetime = readLifetimeOptions(workspace.metadata.annotations, noFindings());
  const cost = shown?.cost ?? null;
  return {
    feasible: open !== undefined,
    rung: open?.rung ?? null,
    plan: plan ?? null,
    explanation: plan === undefined ? [] : explainEstimate(plan),
    faults: plan === undefined ? faultsOf(rungs) : [],
    ladder: rungs,
    instanceTypes: sizeOptions(workspace, context, facts),
    quota: quotaOf(facts),
    cost,
    costUntilExpiry: costUntilExpiry(cost?.hourly ?? null, lifetime, Date.parse(now)),
    timeToReady: plan === undefined ? null : timeToReady(plan),
  };
}

function ladderOfWorkspace({ resource, metadata }: Workspace): Offer[] {
  return ladderOf(resource.instanceType ?? '', readProvisioningOptions(metadata.annotations, noFindings()));
}

/** Rungs of one size fail for the same reasons: each is told once. */
function faultsOf(rungs: readonly RungPreview[]): Fault[] {
  const faults = rungs.flatMap((rung) => rung.faults ?? []);
  return [...new Map(faults.map((fault) => [`${fault.field}: ${fault.message}`, fault])).values()];
}

function quotaOf({ sizes }: RegionFacts): PlanPreview['quota'] {
  const all = Object.values(sizes);
  const families = new Map(
    all.flatMap(({ quota }) => (quota.family === null ? [] : [[quota.family.name, quota.family] as const])),
  );
  return {
    region: all[0]?.quota.region ?? null,
    spot: all[0]?.quota.spot ?? null,
    families: [...families.values()].sort((one, other) => (one.name < other.name ? -1 : 1)),
  };
}
