import type { Plan } from '../planning/plan.ts';
import type { WorkspaceSnapshot } from './snapshot.ts';
import type { Allocation, SlipwayStatus } from './slipway-status.ts';

/** Everything a decision about a planned workspace looks at. */
export interface Planned {
  snapshot: WorkspaceSnapshot;
  status: SlipwayStatus;
  plan: Plan;
  /** The live one. */
  allocation: Allocation;
  /** ISO 8601. */
  now: string;
}
