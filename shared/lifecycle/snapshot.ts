import type { Fault } from '../workspace/fault.ts';
import type { LifetimeOptions } from '../workspace/lifetime-options.ts';
import { noLimits } from '../workspace/lifetime-options.ts';
import { regionalOnDemand } from '../planning/placement.ts';
import type { Condition } from './conditions.ts';
import type { Allocation, Observed, SlipwayStatus } from './slipway-status.ts';
import type { WorkspaceKey } from './workspace-key.ts';

/** What one turn knows of a workspace: small enough for the durable history, complete enough to decide. */
export interface WorkspaceSnapshot {
  key: WorkspaceKey;
  uid: string;
  resourceVersion: string;
  generation: number;
  /** ISO 8601: when the record was made, by the cluster's own clock. */
  createdAt: string;
  /** Hash of what the user wants now. */
  intent: string;
  /** The same without the options of lifetime: what a plan and a workload are made from. */
  workIntent: string;
  lifetime: LifetimeOptions;
  instanceType: string;
  /** A Job is wanted, not a server. */
  tuning: boolean;
  /** Nodes of this cluster are brought by users; absent where they are made. */
  broughtNodes?: boolean;
  deleting: boolean;
  hasFinalizer: boolean;
  /** Why the record is not acceptable (it may have come by `kubectl apply`, past our doors). At most five. */
  faults: Fault[];
  conditions: Condition[];
  state: string;
  workerNodes: string[];
  targetNodeCount: number;
  slipway: SlipwayStatus | null;
  observed: Observed | null;
}

/** What snapshots have held only since there are fallback ladders, and since lifetimes can be limited. */
type Added = 'createdAt' | 'workIntent' | 'lifetime';
type AddedStatus = 'plannedIntent' | 'cost' | 'passed';
type AddedAllocation = 'placement' | 'power' | 'accepted' | 'hourlyPrice' | 'priceSource';

/** With some fields left out. */
type Without<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

/** A snapshot as durable histories hold it, those of older versions too. */
export type RecordedSnapshot = Without<Omit<WorkspaceSnapshot, 'slipway'>, Added> & {
  slipway:
    | (Without<Omit<SlipwayStatus, 'allocations'>, AddedStatus> & {
        allocations: Without<Allocation, AddedAllocation>[];
      })
    | null;
};

/** Fills in what a snapshot of an older version lacks, so that its history replays to the same decisions. */
export function wholeSnapshot(recorded: RecordedSnapshot): WorkspaceSnapshot {
  const { slipway, intent } = recorded;
  return {
    createdAt: '',
    workIntent: intent,
    lifetime: noLimits,
    ...recorded,
    slipway: slipway && {
      plannedIntent: slipway.observedIntent,
      cost: null,
      passed: [],
      ...slipway,
      allocations: slipway.allocations.map((allocation) => ({
        placement: regionalOnDemand,
        power: 'running',
        accepted: allocation.seen,
        hourlyPrice: null,
        priceSource: null,
        ...allocation,
      })),
    },
  };
}
