import type { LifetimeOptions } from '../workspace/lifetime-options.ts';
import { withNodes } from './allocation.ts';
import type { Verdict } from './conditions.ts';
import type { Settled } from './decision.ts';
import { settle } from './decision.ts';
import { Phase } from './phase.ts';
import type { Planned } from './planned.ts';
import type { WorkspaceSnapshot } from './snapshot.ts';
import { expiredAt } from './expiry.ts';
import type { Standing } from './standing.ts';
import { nextHold } from './standing.ts';
import type { Allocation, Observed, ObservedPool, SlipwayStatus } from './slipway-status.ts';
import { hasWishedSize, liveAllocation, wantsNodes } from './slipway-status.ts';

/** The nodes go, the workload stays: its pods wait for nodes. Nothing is planned meanwhile, however the spec changes. */
export function settleSuspended(
  snapshot: WorkspaceSnapshot,
  status: SlipwayStatus,
  standing: Standing,
  now: string,
): Settled {
  const allocations = status.allocations.map((allocation) =>
    suspended(allocation, snapshot.lifetime.suspendMode, snapshot.observed, now),
  );
  const verdict: Verdict = {
    ready: false,
    reason: 'WorkspaceSuspended',
    message: `workspace is suspended: ${standing.why}`,
  };
  return settle(
    snapshot,
    status,
    {
      phase: Phase.Suspended,
      why: standing.why,
      waitingFor: { what: waitText(allocations, snapshot, now) },
      pool: verdict,
      nodes: verdict,
      work: verdict,
      change: { allocations, observedIntent: snapshot.intent, replacements: 0 },
    },
    now,
  );
}

/** Nodes again, in the pool that was kept. */
export function settleResumed({ snapshot, status, plan, allocation, now }: Planned, why: string): Settled {
  const { pool, instanceType } = allocation;
  const resumed = withNodes(allocation, plan.nodeCount, now);
  return settle(
    snapshot,
    status,
    {
      phase: Phase.Provisioning,
      why,
      waitingFor: { what: `agent pool ${pool} to get ${plan.nodeCount} x ${instanceType}` },
      change: {
        allocations: status.allocations.map((one) => (one === allocation ? resumed : one)),
        observedIntent: snapshot.intent,
      },
      trail: [{ what: 'Resumed', why: `${why}; agent pool ${pool} gets its nodes back` }],
    },
    now,
  );
}

/**
 * The allocation without nodes. A pool that is not whole (never made, still being made, failed) is given back: there is nothing to keep,
 * and deleting it ends its bill at once. Once suspended, another mode makes no difference: it holds for the next time.
 */
function suspended(
  allocation: Allocation,
  mode: LifetimeOptions['suspendMode'],
  observed: Observed | null,
  now: string,
): Allocation {
  if (!wantsNodes(allocation)) return allocation;
  if (!isWhole(allocation, observed)) return { ...allocation, wish: 'absent', since: now };
  return mode === 'stop'
    ? { ...allocation, power: 'stopped', since: now, accepted: false }
    : { ...allocation, count: 0, since: now, accepted: false };
}

function isWhole(allocation: Allocation, observed: Observed | null): boolean {
  if (!allocation.seen) return false;
  const pool = poolOf(allocation, observed);
  if (observed !== null && pool === undefined) return false;
  return (
    pool === undefined || (pool.state !== 'creating' && pool.state !== 'deleting' && pool.state !== 'failed')
  );
}

function poolOf(allocation: Allocation, observed: Observed | null): ObservedPool | undefined {
  return observed?.pools.find(({ name }) => name === allocation.pool);
}

function waitText(allocations: readonly Allocation[], snapshot: WorkspaceSnapshot, now: string): string {
  const { observed, key } = snapshot;
  const leaving = allocations.filter(({ wish }) => wish === 'absent').map(({ pool }) => pool);
  if (leaving.length > 0) return `agent pools ${leaving.join(', ')} to be gone`;
  const live = liveAllocation({ allocations: [...allocations] });
  if (live !== undefined && !isEmpty(live, observed)) {
    const why = poolOf(live, observed)?.failure?.message;
    const how = live.power === 'stopped' ? 'stopped' : 'scaled to zero';
    return `agent pool ${live.pool} to be ${how}${why === undefined ? '' : `: ${why}`}`;
  }
  const next = nextHold(snapshot, now);
  if (next !== null)
    return next.holds === 'nodes' ? `to be resumed at ${next.at}` : `to expire at ${next.at}`;
  return expiredAt(snapshot, now) === null
    ? `a resume: POST /api/workspaces/${key.namespace}/${key.name}/resume`
    : 'a later slipway.dev/expires-at or a longer slipway.dev/ttl';
}

/** Azure has done what was wished, and no node is left in the cluster. */
function isEmpty(live: Allocation, observed: Observed | null): boolean {
  const pool = poolOf(live, observed);
  if (pool?.state !== 'succeeded' || !hasWishedSize(live, pool)) return false;
  return observed?.nodes.every(({ pool: name }) => name !== live.pool) ?? false;
}
