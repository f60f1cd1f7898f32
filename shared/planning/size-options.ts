import type { Workspace } from '../workspace/workspace.ts';
import { gpuSizes } from './gpu-size-table.ts';
import type { OfferRefusal } from './offer-verdict.ts';
import { offerVerdict } from './offer-verdict.ts';
import { regionalOnDemand } from './placement.ts';
import type { Plan, PlanContext, PlanResult } from './plan-shape.ts';
import { planWorkspace } from './plan.ts';
import type { PlannedCost } from './planned-cost.ts';
import { plannedCost } from './planned-cost.ts';
import type { Quota, RegionFacts } from './region-facts.ts';
import { priceFor, sizeFactsOf } from './region-facts.ts';

/** An instance type that the workspace fits, regional and on demand unless it says `spot`. */
export interface SizeOption {
  instanceType: string;
  gpuModel: string;
  nodes: number;
  gpusPerNode: number;
  /** What all nodes need of the quota; null when Azure's and our own lists do not have the size. */
  vcpus: number | null;
  family: string | null;
  familyQuota: Quota | null;
  cost: PlannedCost | null;
  spotCost: PlannedCost | null;
  /** Null when Azure did not tell. */
  offered: boolean | null;
  restriction: string | null;
  zones: string[] | null;
  /** Why it cannot come now, as far as Azure's lists tell; null: nothing is known against it. */
  refusal: OfferRefusal | null;
}

/** More nodes than this are no alternative to a larger size. */
const mostNodes = 8;

/** Sizes a Workspace may be asked to run on: those Azure still starts, under the names Azure gives them. */
export const offeredSizes: readonly string[] = gpuSizes.flatMap(({ name, retired, azureName }) =>
  retired === true || azureName !== undefined ? [] : [name],
);

/** The Workspace planned for another instance type; an empty one stands for the nodes its user brings. */
export function planForSize(workspace: Workspace, instanceType: string, context: PlanContext): PlanResult {
  if (instanceType === '') return planWorkspace(workspace, context);
  return planWorkspace({ ...workspace, resource: { ...workspace.resource, instanceType } }, context);
}

/** Every size that the workspace fits, in the order of what all nodes cost in an hour; those without a price last. */
export function sizeOptions(workspace: Workspace, context: PlanContext, facts: RegionFacts): SizeOption[] {
  if (context.provisioning === 'byo') return [];
  const options = offeredSizes.flatMap((name) => {
    const planned = planForSize(workspace, name, context);
    return planned.ok && planned.plan.nodeCount <= mostNodes ? [toOption(planned.plan, facts)] : [];
  });
  return options.sort(
    (one, other) =>
      (one.cost?.hourly ?? Infinity) - (other.cost?.hourly ?? Infinity) || one.nodes - other.nodes,
  );
}

function toOption(plan: Plan, facts: RegionFacts): SizeOption {
  const { instanceType, nodeCount } = plan;
  const size = sizeFactsOf(facts, instanceType);
  const verdict = offerVerdict({ instanceType, placement: regionalOnDemand }, nodeCount, facts);
  const vcpus = size?.vcpus ?? null;
  return {
    instanceType,
    gpuModel: plan.gpuModel,
    nodes: nodeCount,
    gpusPerNode: plan.gpusPerNode,
    vcpus: vcpus === null ? null : vcpus * nodeCount,
    family: size?.family ?? null,
    familyQuota: size?.quota.family ?? null,
    cost: plannedCost(nodeCount, priceFor(size, 'on-demand')),
    spotCost: plannedCost(nodeCount, priceFor(size, 'spot')),
    offered: size?.listing?.offered ?? null,
    restriction: size?.listing?.restriction ?? null,
    zones: size?.listing?.zones ?? null,
    refusal: verdict.ok ? null : verdict.refusal,
  };
}
