import type { RecordReference } from '../../shared/events/event-types.ts';
import type { BenchmarkReading } from '../../shared/lifecycle/benchmark.ts';
import type { PoolPrice } from '../../shared/lifecycle/cost.ts';
import type { StatusWrite } from '../../shared/lifecycle/decision.ts';
import type { RecordedSnapshot } from '../../shared/lifecycle/snapshot.ts';
import type { PassedRung } from '../../shared/planning/passed-rung.ts';
import type { Offer } from '../../shared/planning/placement.ts';
import type { Plan } from '../../shared/planning/plan.ts';
import { activity } from './activity.ts';

/** A record as it was seen: writes happen only if it is still that. */
export interface SeenRecord extends RecordReference {
  resourceVersion: string;
}

/**
 * What the portal shows of a workspace (the orchestration's custom status), and what readers are told while its cluster does not
 * answer. Text only; empty when there is nothing to say.
 */
export type LastKnown = {
  /** `cluster/namespace/name`. */
  workspace: string;
  uid: string;
  resourceVersion: string;
  instanceType: string;
  phase: string;
  state: string;
  waitingFor: string;
  failure: string;
  /** ISO 8601: when the record was last read. */
  seenAt: string;
  /** Why turns fail at the moment. */
  trouble: string;
};

/** Input of the workspace orchestration. */
export interface WorkspaceRun {
  reference: RecordReference;
  logicVersion: number;
  /** Pools known to be held: what is left to release should the record vanish. */
  pools: string[];
  /** What the turn before showed; null before the first. */
  lastKnown: LastKnown | null;
  /** Turns that failed in a row, for the back-off. */
  failures: number;
  /** ISO 8601: since when the record could not be read; absent while it can. */
  blindSince?: string;
}

/** Whether a guarded write found the record as it was seen. */
export interface Written {
  written: boolean;
}

export const observeWorkspace = activity<RecordReference, { snapshot: RecordedSnapshot | null }>(
  'observeWorkspace',
);
export const addFinalizer = activity<SeenRecord, Written>('addFinalizer');
/** What to plan for. Without `rung`: as the user wants it now. What older code asked has neither field. */
export interface PlanOrder extends SeenRecord {
  /** ISO 8601: what is remembered of Azure's refusals ages by it. */
  now?: string;
  /** The first rung of the fallback ladder that is still of interest. */
  rung?: number;
}

/** The first rung that may be had; `plan` is null when there is none. Answers of before there were rungs hold the plan alone. */
export interface PlanAnswer {
  plan: Plan | null;
  rung?: number;
  offer?: Offer;
  /** Rungs passed over, each with its reason. */
  skipped?: PassedRung[];
  /** Of one node of the offer. */
  price?: PoolPrice;
  /** Its nodes are to be a share of a pool; absent: a pool of their own. */
  sharing?: 'shared';
  /** Nothing can be planned before this is there; `plan` is null then. */
  awaiting?: string;
}

/** Fails terminally when no plan can be made for any size. */
export const planWorkspace = activity<PlanOrder, PlanAnswer>('planWorkspace');
export const applyWorkload = activity<
  { record: SeenRecord; plan: Plan; revision: string },
  { objects: number }
>('applyWorkload');
/** What the benchmark of a model that answers has left in its pod's log. */
export const readBenchmark = activity<
  { record: SeenRecord; plan: Pick<Plan, 'runtime' | 'model'> },
  BenchmarkReading
>('readBenchmark');
export const removeWorkload = activity<RecordReference, { left: number }>('removeWorkload');
export const writeStatus = activity<{ record: SeenRecord; write: StatusWrite }, Written>('writeStatus');
/** Remembers the delete and lets the record go. */
export const finishWorkspace = activity<SeenRecord, Written>('finishWorkspace');
/** Deletes the record of a workspace whose time is over; `why` is told, at the time `now`. What older code asked has no `now`. */
export const expireWorkspace = activity<{ record: SeenRecord; why: string; now?: string }, Written>(
  'expireWorkspace',
);
/** Which of these pools Azure still lists. */
export const findPools = activity<{ cluster: string; uid: string; pools: string[] }, { pools: string[] }>(
  'findPools',
);
export const nudgeCluster = activity<{ cluster: string }, { nudged: boolean }>('nudgeCluster');
