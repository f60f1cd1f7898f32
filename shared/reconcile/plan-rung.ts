/** A turn's plan: the first rung of the fallback ladder that may be had, with the plan for its size. */
import { Retryable } from '../errors/slipway-error.ts';
import type { CustomResource } from '../kubernetes/cluster.ts';
import { heldRung } from '../lifecycle/held-rung.ts';
import { readStoredStatus } from '../lifecycle/read-status.ts';
import { Phase } from '../lifecycle/phase.ts';
import type { StoredSlipwayStatus } from '../lifecycle/slipway-status.ts';
import { liveAllocation } from '../lifecycle/slipway-status.ts';
import { readRecord } from '../lifecycle/take-snapshot.ts';
import { ladderOf } from '../planning/ladder.ts';
import { offerVerdict } from '../planning/offer-verdict.ts';
import type { PassedRung } from '../planning/passed-rung.ts';
import { modelDoesNotFit, passedRung } from '../planning/passed-rung.ts';
import type { Offer } from '../planning/placement.ts';
import { describeOffer } from '../planning/placement.ts';
import type { Plan } from '../planning/plan.ts';
import { failureOf, findRefusal } from '../planning/refusal.ts';
import type { Request } from '../planning/refusal.ts';
import type { ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import type { AdmissionContext } from '../workspace/admission-context.ts';
import type { Fault } from '../workspace/fault.ts';
import { noFindings } from '../workspace/fault.ts';
import { readProvisioningOptions } from '../workspace/provisioning-options.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { slipwayOf } from './observe-cluster.ts';
import type { AwaitedNodes } from './plan-brought.ts';
import { planBrought } from './plan-brought.ts';
import type { PlanFor } from './plan-for-size.ts';
import { plannerOf } from './plan-for-size.ts';
import type { Services } from './services.ts';
import { unfit, unplannable } from './unplannable.ts';
import type { Seen } from './workspace-turn.ts';

/** What to plan for. */
export interface RungOrder extends Seen {
  /** ISO 8601; without it nothing remembered is looked up, and every rung may be asked for. */
  now?: string;
  /** The first rung of interest, in a climb; without it the plan is for what the user wants now. */
  rung?: number;
}

type PlannedAnswer = RungAnswer & { plan: Plan };

/** `skipped`: rungs passed over, each with its reason. Without a plan, no rung is left. */
export type RungAnswer =
  | { plan: Plan; rung: number; offer: Offer; skipped: PassedRung[]; sharing?: 'shared' }
  | { plan: null; skipped: PassedRung[] };

/**
 * Walks the ladder, passing over what is remembered as refused, what Azure's lists exclude, and sizes that the model does not fit. Azure's
 * lists are asked through a cache and may be silent. Throws `Terminal('WorkspaceUnplannable')` naming each faulty field when no size
 * fits, and what reading a model from the Hub throws. Nodes that the user brings have no ladder: they are there, or are waited for.
 */
export async function planRung(services: Services, order: RungOrder): Promise<RungAnswer | AwaitedNodes> {
  const { record, workspace } = await readPlanned(services, order);
  const { connection } = await services.cluster(order.cluster);
  const planFor = await plannerOf(services, connection, { record, workspace });
  if (services.admission(order.cluster).provisioning === 'byo') return planBrought(planFor, workspace);
  const sharing = isShared(workspace, services.admission(order.cluster))
    ? { sharing: 'shared' as const }
    : {};
  const stored = readStoredStatus(slipwayOf(record));
  const ladder = ladderOfWorkspace(workspace);
  if (order.rung === undefined && stored !== null) {
    const held = await planHeld(planFor, ladder, stored);
    if (held !== undefined) return { ...held, ...sharing };
  }
  const gate = await gateOf(services, order, { ladder, stored });
  const found = await walk(planFor, ladder, {
    from: order.rung ?? 0,
    climbing: order.rung !== undefined,
    gate,
  });
  return found.plan === null ? found : { ...found, ...sharing };
}

/** Whether the workspace's nodes are to be a share of a pool: as it says, else as its cluster's settings do. */
function isShared({ metadata }: Workspace, { nodeAllocation }: Partial<AdmissionContext>): boolean {
  if (nodeAllocation === 'fixed') return false;
  const chosen = readProvisioningOptions(metadata.annotations, noFindings()).nodeAllocation;
  return (chosen ?? nodeAllocation) === 'shared';
}

async function readPlanned(
  services: Services,
  seen: Seen,
): Promise<{ record: CustomResource; workspace: Workspace }> {
  const { connection } = await services.cluster(seen.cluster);
  const { value: record } = await connection.records.get(seen);
  const workspace =
    record?.metadata.uid === seen.uid
      ? readRecord(record, services.admission(seen.cluster)).workspace
      : undefined;
  if (record === undefined || workspace === undefined) {
    throw new Retryable('Conflict', {
      message: `workspace ${seen.namespace}/${seen.name} changed while it was planned`,
    });
  }
  return { record, workspace };
}

function ladderOfWorkspace({ resource, metadata }: Workspace): Offer[] {
  return ladderOf(resource.instanceType ?? '', readProvisioningOptions(metadata.annotations, noFindings()));
}

/** Nodes that are held on a rung of this ladder are kept, if the plan still fits them. */
async function planHeld(
  planFor: PlanFor,
  ladder: readonly Offer[],
  stored: StoredSlipwayStatus,
): Promise<PlannedAnswer | undefined> {
  const rung = heldRung(ladder, stored, stored.observed ?? null);
  const offer = rung === undefined ? undefined : ladder[rung];
  if (rung === undefined || offer === undefined) return undefined;
  const planned = await planFor(offer.instanceType);
  if (!planned.ok || planned.plan.instanceType !== liveAllocation(stored)?.instanceType) return undefined;
  const { plan } = planned;
  return { plan, rung, offer: { ...offer, instanceType: plan.instanceType }, skipped: [] };
}

/** Why a request would be refused, as far as that is known without asking. */
interface Gate {
  remembered(request: Request): ProvisioningFailure | undefined;
  listed(request: Request): ProvisioningFailure | undefined;
}

const openGate: Gate = { remembered: () => undefined, listed: () => undefined };

async function gateOf(
  services: Services,
  { cluster, now, rung }: RungOrder,
  { ladder, stored }: { ladder: readonly Offer[]; stored: StoredSlipwayStatus | null },
): Promise<Gate> {
  if (now === undefined) return openGate;
  const { refusals } = (await services.cluster(cluster)).connection;
  const instanceTypes = [...new Set(ladder.map(({ instanceType }) => instanceType))];
  const [facts, known] = await Promise.all([
    services.offers.lookUp({ cluster, instanceTypes, now: Date.parse(now) }),
    refusals.list(now),
  ]);
  const asksAgain = rung === undefined ? refusedBefore(stored) : new Set<string>();
  const doubted = known.filter(({ instanceType, placement }) =>
    ladder.some(
      (offer) =>
        asksAgain.has(describeOffer(offer)) &&
        offer.instanceType.toLowerCase() === instanceType.toLowerCase() &&
        (typeof placement === 'string' ||
          describeOffer({ instanceType, placement }) === describeOffer({ ...offer, instanceType })),
    ),
  );
  if (doubted.length > 0) await refusals.forget(doubted, now);
  const standing = known.filter((refusal) => !doubted.includes(refusal));
  // What this workspace holds or gives back counts against a quota, too, until it is gone.
  const holds = (stored?.allocations.length ?? 0) > 0;
  return {
    remembered: (request) => {
      const refusal = findRefusal(standing, request, now);
      return refusal && failureOf(refusal);
    },
    listed: ({ offer, count }) => {
      const verdict = offerVerdict(offer, count, facts);
      return verdict.ok || (holds && isOfQuota(verdict.refusal.code)) ? undefined : verdict.refusal;
    },
  };
}

/** Whoever asks again after a failure knows of a change: what failed it is not held against the next try. */
function refusedBefore(stored: StoredSlipwayStatus | null): Set<string> {
  return new Set(stored?.phase === Phase.Failed ? stored.passed.map(({ offer }) => offer) : []);
}

function isOfQuota(code: string): boolean {
  return code.startsWith('Insufficient');
}

async function walk(
  planFor: PlanFor,
  ladder: readonly Offer[],
  { from, climbing, gate }: { from: number; climbing: boolean; gate: Gate },
): Promise<RungAnswer> {
  const skipped: PassedRung[] = [];
  const faults: Fault[][] = [];
  let doubtful: RungAnswer | undefined;
  for (const [rung, rough] of ladder.entries()) {
    if (rung < from) continue;
    const planned = await planFor(rough.instanceType);
    if (!planned.ok) {
      faults.push(planned.faults);
      skipped.push(passedRung(rung, rough, { code: modelDoesNotFit, ...unfit(planned.faults) }));
      continue;
    }
    const { plan } = planned;
    const offer = { ...rough, instanceType: plan.instanceType };
    const request: Request = { offer, count: plan.nodeCount };
    const remembered = gate.remembered(request);
    const failure = remembered ?? gate.listed(request);
    if (failure === undefined) return { plan, rung, offer, skipped };
    if (remembered === undefined && isOfQuota(failure.code)) {
      doubtful ??= { plan, rung, offer, skipped: [...skipped] };
    }
    skipped.push(passedRung(rung, rough, failure));
  }
  // Lists of quotas lag behind by minutes: where they alone stand against every rung, Azure has the last word on one.
  if (doubtful !== undefined && !climbing) return doubtful;
  if (!climbing && faults.length > 0 && faults.length === skipped.length) throw unplannable(faults);
  return { plan: null, skipped };
}
