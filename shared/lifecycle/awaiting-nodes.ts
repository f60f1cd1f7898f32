import type { Settled } from './decision.ts';
import { settle } from './decision.ts';
import { Phase } from './phase.ts';
import type { WorkspaceSnapshot } from './snapshot.ts';
import type { SlipwayStatus } from './slipway-status.ts';

/** Between two looks for nodes that the user is to bring; each is a LIST of nodes. */
const lookAgainSeconds = 60;

/**
 * The turn's end when nothing can be planned before the user's nodes are there: their GPUs are read from their labels. There is no
 * deadline, for waiting costs nothing. The intent is seen, but not planned for: the next turn plans again.
 */
export function settleAwaitingNodes(
  snapshot: WorkspaceSnapshot,
  status: SlipwayStatus,
  what: string,
  now: string,
): Settled {
  const served = status.phase === Phase.Ready || status.phase === Phase.Degraded;
  return settle(
    snapshot,
    status,
    {
      phase: served ? Phase.Degraded : Phase.Provisioning,
      why: `waiting for ${what}`,
      waitingFor: { what },
      change: { observedIntent: snapshot.intent, failure: null },
      sleepSeconds: lookAgainSeconds,
    },
    now,
  );
}
