import type {
  ClusterMemory,
  OperationOutcome,
  PoolOperation,
} from '../../shared/lifecycle/pool-operations.ts';
import { activity } from './activity.ts';

/** Input of the cluster orchestration. */
export interface ClusterRun {
  cluster: string;
  logicVersion: number;
  memory: ClusterMemory;
  failures: number;
}

/** What a tick saw, as far as the orchestration decides by it. */
export interface ClusterView {
  /** Operations whose time has come by the records, capped; the rest wait for the next tick. */
  wanted: PoolOperation[];
  runningSince: Record<string, string>;
  orphanSince: Record<string, string>;
  /** What older code saw has neither this nor the next. */
  ailingSince?: Record<string, string>;
  /** Orphans that may be removed when their grace is over. */
  removable?: { pool: string; workspace: string; uid: string }[];
  /** Workspaces for which something is in progress. */
  inTransition: number;
  /** Workspaces that hold nodes. */
  holding: number;
  /** Those of them whose nodes must stay well, or go: all that are not suspended. Older code did not tell. */
  awake?: number;
  /** The part of its subscription's calls that is this cluster's; older code did not tell. */
  subscriptionShare?: number;
  /** What could not be written or published; empty when all went well. */
  trouble: string;
}

/** Why a cluster cannot be looked at, as far as ARM knows. */
export type ClusterCondition = 'running' | 'stopped' | 'gone' | 'replaced';

export const prepareCluster = activity<
  { cluster: string; now: string; identity: string | null },
  { identity: string; condition: ClusterCondition; ready: boolean }
>('prepareCluster');
/** The four lists of a tick; writes what changed into the records and publishes it. */
export const observeCluster = activity<
  {
    cluster: string;
    now: string;
    runningSince: Record<string, string>;
    orphanSince: Record<string, string>;
    ailingSince?: Record<string, string>;
    repairedAt?: Record<string, string>;
  },
  ClusterView
>('observeCluster');
/** `now` (ISO 8601): what is remembered of Azure's refusals ages by it; orders of older code lack it. */
export const operatePool = activity<
  { cluster: string; operation: PoolOperation; now?: string },
  OperationOutcome
>('operatePool');
export const checkPower = activity<{ cluster: string }, { condition: ClusterCondition }>('checkPower');
