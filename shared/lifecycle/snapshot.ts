import type { Fault } from '../workspace/fault.ts';
import type { Condition } from './conditions.ts';
import type { Observed, SlipwayStatus } from './slipway-status.ts';
import type { WorkspaceKey } from './workspace-key.ts';

/** What one turn knows of a workspace: small enough for the durable history, complete enough to decide. */
export interface WorkspaceSnapshot {
  key: WorkspaceKey;
  uid: string;
  resourceVersion: string;
  generation: number;
  /** Hash of what the user wants now. */
  intent: string;
  instanceType: string;
  /** A Job is wanted, not a server. */
  tuning: boolean;
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
