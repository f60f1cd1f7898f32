/**
 * What Slipway keeps under `status.slipway` of a Workspace: the whole memory of a workspace's life. Durable orchestrations can be
 * lost and rebuilt from it.
 */
import type { PassedRung } from '../planning/passed-rung.ts';
import type { Placement } from '../planning/placement.ts';
import type { Plan } from '../planning/plan.ts';
import type { GpuProblem } from '../kubernetes/cluster.ts';
import type { PoolView, ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import type { Cost } from './cost.ts';
import type { Phase } from './phase.ts';

/** Nodes a workspace holds or is giving back. Written before anything is asked of Azure. */
export interface Allocation {
  /** Our own counter, raised only when nodes are replaced. */
  generation: number;
  /** Rung of the fallback ladder, 0 = what the user asked for. */
  rung: number;
  pool: string;
  instanceType: string;
  /** Nodes wished for; 0 while suspended. */
  count: number;
  diskGiB: number;
  placement: Placement;
  /** Its nodes are a share of a pool per size; absent: they are a pool. Fixed when it is made. */
  sharing?: 'shared';
  /** `stopped`: machines deallocated, disks kept. */
  power: 'running' | 'stopped';
  wish: 'present' | 'absent';
  /** ISO 8601: when the wish last changed, or when Azure took it up. */
  since: string;
  /** The pool has been seen in Azure; if it is not there any more, somebody else removed it. */
  seen: boolean;
  /** Azure has taken up the wish as it stands: the pool has its count and power, or is getting them. */
  accepted: boolean;
  /** US dollars for one node and hour, as told when the nodes were asked for; null: not known. */
  hourlyPrice: number | null;
  /** Where the price is from, such as `built-in-table`; null: there is none. */
  priceSource: string | null;
}

export interface Failure {
  /** Stable, CamelCase. */
  code: string;
  message: string;
  remedy?: string;
  /** ISO 8601. */
  at: string;
}

export interface WaitingFor {
  what: string;
  since: string;
  /** When waiting turns into failure. */
  deadline?: string;
}

/** One line of the story a user reads at `/events`. */
export interface TrailEntry {
  /** ISO 8601. */
  time: string;
  what: string;
  why: string;
}

export interface ObservedPool {
  name: string;
  /** As listed; `refused`: Azure will not create it; `waiting`: asked, not accepted yet. */
  state: PoolView['state'] | 'refused' | 'waiting';
  count: number;
  /** Its machines are deallocated; absent while they run. */
  power?: 'stopped';
  failure?: ProvisioningFailure;
}

export interface ObservedNode {
  name: string;
  pool: string;
  ready: boolean;
  gpus: number;
  /** Why it is not ready. */
  reason?: string;
  /** Which step is missing until it offers GPUs. */
  gpuProblem?: GpuProblem;
  /** Resources that run short, such as `DiskPressure`. */
  pressure?: string[];
}

export interface ObservedWorkload {
  uid: string;
  revision: string;
  replicas: number;
  readyReplicas: number;
  upToDate: boolean;
  /** Tuning Jobs only: it has a pod, whatever that still waits for. */
  started?: true;
  /** Tuning Jobs only. */
  outcome?: 'complete' | 'failed';
  problem?: { reason: string; message: string };
}

/** What the cluster orchestration saw; only it writes this. */
export interface Observed {
  /** {@link describeWishes} of the allocations it had read when it looked: proof that it knows them. */
  wishes: string;
  pools: ObservedPool[];
  nodes: ObservedNode[];
  workload: ObservedWorkload | null;
}

/** Written by the workspace orchestration only; `observed` and `trail` live beside it under the same key. */
export interface SlipwayStatus {
  logicVersion: number;
  phase: Phase;
  phaseSince: string;
  /** Hash of the intent that was last acted on, see `shared/workspace/intent.ts`. */
  observedIntent: string;
  /** Hash of the intent that was last planned for: without the options of lifetime, which need no other nodes and no other workload. */
  plannedIntent: string;
  plan: Plan | null;
  /** Revision of the workload last applied; empty before the first. */
  appliedWorkload: string;
  /** Highest allocation generation ever used. */
  generation: number;
  /** Replacements tried since the workspace was last Ready or its intent changed. */
  replacements: number;
  allocations: Allocation[];
  /** Rungs of the fallback ladder below the present one: why each was not had, in their order. */
  passed: PassedRung[];
  waitingFor: WaitingFor | null;
  failure: Failure | null;
  /** ISO 8601: the sweep restarts an orchestration that has not turned by then. */
  nextTurnBy: string;
  /** It has been Ready at least once: `status.state` is then NotReady instead of Pending. */
  everReady: boolean;
  /** What its nodes have cost; null before the first. */
  cost: Cost | null;
}

/** Whole content of `status.slipway`. */
export interface StoredSlipwayStatus extends SlipwayStatus {
  observed?: Observed;
  trail: TrailEntry[];
}

/** Nodes of the user's own: they have no size to be asked for. */
export function isBrought({ instanceType }: Pick<Allocation, 'instanceType'>): boolean {
  return instanceType === '';
}

/** For messages: `2 x Standard_NC24ads_A100_v4`, or `2 nodes of your own`. */
export function describeSize(count: number, instanceType: string): string {
  if (instanceType !== '') return `${count} x ${instanceType}`;
  return count === 1 ? '1 node of your own' : `${count} nodes of your own`;
}

/** Compact text of the wishes, equal if and only if they are: `ws12ab:present:2,ws34cd:absent:1`. */
export function describeWishes(allocations: readonly Allocation[]): string {
  return allocations
    .map(({ pool, wish, count, power }) => `${pool}:${wish}:${count}${power === 'stopped' ? ':stopped' : ''}`)
    .join(',');
}

/**
 * Whether a pool has the count and power that are wished for. How many machines a stopped one has is all the same; one without machines is as
 * good, for not every way to get nodes can stop them.
 */
export function hasWishedSize(
  { count, power }: Allocation,
  pool: Pick<PoolView, 'count' | 'power'>,
): boolean {
  const stopped = pool.power === 'stopped';
  return power === 'stopped' ? stopped || pool.count === 0 : !stopped && pool.count === count;
}

/** Whether the allocation asks for machines that run. */
export function wantsNodes({ count, power, wish }: Allocation): boolean {
  return wish === 'present' && power === 'running' && count > 0;
}

/** The one allocation that is wanted, if any (invariant I1). */
export function liveAllocation(status: Pick<SlipwayStatus, 'allocations'>): Allocation | undefined {
  return status.allocations.find(({ wish }) => wish === 'present');
}

/** The state of a workspace nobody has looked at yet. */
export function initialStatus(now: string, logicVersion: number): SlipwayStatus {
  return {
    logicVersion,
    phase: 'Pending',
    phaseSince: now,
    observedIntent: '',
    plannedIntent: '',
    plan: null,
    appliedWorkload: '',
    generation: 0,
    replacements: 0,
    allocations: [],
    passed: [],
    waitingFor: null,
    failure: null,
    nextTurnBy: now,
    everReady: false,
    cost: null,
  };
}
