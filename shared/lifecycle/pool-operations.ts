/** Which pool operations a cluster's records ask for, and which of them may start now. Pure; the cluster orchestration executes them. */
import type { CallBudget } from './call-budget.ts';
import { fullCallBudget } from './call-budget.ts';
import type { FailureClass, PoolView } from '../provisioning/node-provisioner.ts';
import type { Allocation, Observed } from './slipway-status.ts';
import { hasWishedSize, wantsNodes } from './slipway-status.ts';
import type { TickBudget } from './tick-budget.ts';
import { fullTickBudget } from './tick-budget.ts';
import { after, secondsBetween } from './timing.ts';

/** One operation on one agent pool. Its particulars are read from the record again when it is executed. */
export type PoolOperation =
  | {
      kind: 'create' | 'scale' | 'release';
      pool: string;
      namespace: string;
      name: string;
      uid: string;
      since: string;
      /** Of a shared pool: a wish is written down, and nothing is asked of Azure. */
      share?: true;
    }
  /** The next thing that a shared pool needs for its claims. `stuck`: what Azure does to it takes too long. */
  | { kind: 'tend'; pool: string; since: string; stuck?: true }
  /** Machines of a pool are made anew: those named, which are dead, or those that are missing. */
  | {
      kind: 'repair';
      pool: string;
      namespace: string;
      name: string;
      uid: string;
      since: string;
      machines: string[];
    }
  /** A pool with our tags that belongs to no record; its tags say whose it was. Orders of older code lack them. */
  | { kind: 'remove-orphan'; pool: string; since: string; workspace?: string; uid?: string };

/** How one operation went, as far as the cluster orchestration cares. */
export interface OperationOutcome {
  pool: string;
  /** `started`, or why not. */
  result: 'started' | 'nothing-to-do' | FailureClass;
  retryAfterSeconds?: number;
  /** Asked too often: nothing is in the way of it but time. */
  throttled?: boolean;
}

/** What a cluster orchestration carries from tick to tick: hints only; records and tags rebuild it. */
export interface ClusterMemory {
  /** Pool operations that may run at a time. ARM decides; see {@link remember}. */
  concurrency: number;
  /** Operations started without a conflict since the concurrency last fell. */
  calm: number;
  /** No pool operation before this time (ARM throttles). */
  holdUntil: string | null;
  /** Since when each running operation has been seen, by pool. */
  runningSince: Record<string, string>;
  /** Pools that ARM is busy with, and until when it is not asked about them again. */
  heldPools: Record<string, string>;
  /** How often in a row Azure did not take what was asked of a pool, while that is remembered. */
  refusedInRow: Record<string, number>;
  /** Since when each orphan has been seen, by pool. */
  orphanSince: Record<string, string>;
  /** Since when machines of pools have been missing or dead, by what `pool-repairs.ts` calls them. */
  ailingSince: Record<string, string>;
  /** When each pool was last repaired. */
  repairedAt: Record<string, string>;
  /** When the cluster was last prepared (CRD, Lease, device plugin); null: never. */
  preparedAt: string | null;
  /** uid of kube-system; another one is another cluster. */
  identity: string | null;
  /** How many looks may follow each other quickly. */
  tickBudget: TickBudget;
  /** How many calls this cluster may still make of those that its subscription shares. */
  callBudget: CallBudget;
  /** Workspaces that held nodes when the cluster was last seen. */
  holding: number;
}

export const newClusterMemory: ClusterMemory = {
  concurrency: 20,
  calm: 0,
  holdUntil: null,
  runningSince: {},
  heldPools: {},
  refusedInRow: {},
  orphanSince: {},
  ailingSince: {},
  repairedAt: {},
  preparedAt: null,
  identity: null,
  tickBudget: fullTickBudget,
  callBudget: fullCallBudget,
  holding: 0,
};

/** Concurrency never grows above this: AKS has at most 100 pools in a cluster. */
const mostConcurrent = 50;
/** Starts without a conflict before one more at a time is tried again. */
const calmBeforeGrowth = 5;
/** A pool operation that takes longer than this no longer holds a slot. */
export const slotDeadlineSeconds = 45 * 60;
/** Wait after a conflict when ARM names no time. */
const conflictWaitSeconds = 30;
/**
 * Wait after a refusal that does not pass by itself, of a delete or a resize that is still wished for: PUTs of one pool have a bucket
 * of 20 that gains one a minute, and all deletes of a subscription share one of 60.
 */
const refusedWaitSeconds = 300;
/** Wait after a passing fault, doubled for each in a row. */
const firstRetrySeconds = 5;
const longestRetrySeconds = 240;

/** A record's wishes and what was seen of them. */
export interface WishfulRecord {
  namespace: string;
  name: string;
  uid: string;
  allocations: readonly Allocation[];
  observed: Observed;
  /** Its workload had been applied, and is not served now. */
  interrupted?: boolean;
}

/** Every operation whose time has come by the records alone: what is wished and not there, and what is there and not wished. */
export function wantedOperations(
  records: readonly WishfulRecord[],
  pools: readonly PoolView[],
): PoolOperation[] {
  const byName = new Map(pools.map((pool) => [pool.name, pool]));
  return records.flatMap(({ namespace, name, uid, allocations, observed }) =>
    allocations.flatMap((allocation): PoolOperation[] => {
      const kind = neededOperation(allocation, byName.get(allocation.pool), observed);
      const { pool, since, sharing } = allocation;
      const share = sharing === 'shared' ? { share: true as const } : {};
      return kind === undefined ? [] : [{ kind, pool, namespace, name, uid, since, ...share }];
    }),
  );
}

function neededOperation(
  allocation: Allocation,
  pool: PoolView | undefined,
  observed: Observed,
): 'create' | 'scale' | 'release' | undefined {
  if (allocation.wish === 'absent') {
    return pool === undefined || pool.state === 'deleting' ? undefined : 'release';
  }
  const refused = observed.pools.some(({ name, state }) => name === allocation.pool && state === 'refused');
  // To have fewer nodes is asked for again and again: a refusal must not keep a bill running.
  if (refused && (pool === undefined || grows(allocation, pool))) return undefined;
  if (pool === undefined) {
    // A pool that has been there is never made again under its name: its workspace decides what takes its place.
    return allocation.seen || !wantsNodes(allocation) ? undefined : 'create';
  }
  return pool.state === 'succeeded' && !hasWishedSize(allocation, pool) ? 'scale' : undefined;
}

function grows({ count, power }: Allocation, pool: PoolView): boolean {
  return power === 'running' && (pool.power === 'stopped' || count > pool.count);
}

/** Pools that Azure is working on, each with since when. */
export function runningOperations(
  pools: readonly PoolView[],
  before: Readonly<Record<string, string>>,
  now: string,
): Record<string, string> {
  const running = pools.filter(
    ({ state, sharedPool }) =>
      sharedPool === undefined && (state === 'creating' || state === 'updating' || state === 'deleting'),
  );
  return Object.fromEntries(running.map(({ name }) => [name, before[name] ?? now]));
}

/**
 * The operations that may start in this tick: deletes before creates, oldest wish first, as many as slots are free. The delete of a pool
 * that Azure is busy with needs no slot, for it ends what holds one, and it goes first: a creation that never ends may be what all others
 * wait for. Writing down what is wished of a shared pool needs no slot either.
 */
export function startable(
  wanted: readonly PoolOperation[],
  memory: ClusterMemory,
  now: string,
): PoolOperation[] {
  if (memory.holdUntil !== null && now < memory.holdUntil) return [];
  const taken = Object.values(memory.runningSince).filter(
    (since) => secondsBetween(since, now) < slotDeadlineSeconds,
  );
  const free = Math.max(0, memory.concurrency - taken.length);
  const ready = wanted.filter(({ pool, kind }) => mayTouch(memory, pool, kind, now)).sort(byUrgency);
  const runs = ({ pool }: PoolOperation): boolean => memory.runningSince[pool] !== undefined;
  const needsSlot = (one: PoolOperation): boolean => !runs(one) && !('share' in one && one.share === true);
  return [...ready.filter((one) => !needsSlot(one)), ...ready.filter(needsSlot).slice(0, free)];
}

/**
 * Learns from outcomes: a conflict means that this cluster takes one operation at a time (for now), a throttle means to wait, and a
 * row of accepted operations allows one more at a time.
 */
export function remember(
  memory: ClusterMemory,
  outcomes: readonly OperationOutcome[],
  now: string,
): ClusterMemory {
  const refusals = outcomes.filter(({ result }) => result === 'wait');
  const waits = refusals.filter(({ pool }) => memory.runningSince[pool] === undefined);
  const held = holdPools(memory, outcomes, now);
  const started = outcomes.filter(({ result }) => result === 'started');
  const runningSince = {
    ...memory.runningSince,
    ...Object.fromEntries(started.map(({ pool }) => [pool, now])),
  };
  if (waits.length > 0) {
    const seconds = Math.max(
      ...waits.map(({ retryAfterSeconds }) => retryAfterSeconds ?? conflictWaitSeconds),
    );
    const holdUntil = after(now, seconds);
    // A throttle says nothing about how many operations a cluster takes at a time.
    if (waits.every(({ throttled }) => throttled === true))
      return { ...memory, ...held, runningSince, holdUntil };
    return { ...memory, ...held, runningSince, concurrency: 1, calm: 0, holdUntil };
  }
  const quiet = memory.holdUntil !== null && now < memory.holdUntil;
  const calm = memory.calm + started.length;
  const grow = calm >= calmBeforeGrowth && memory.concurrency < mostConcurrent;
  return {
    ...memory,
    runningSince,
    ...held,
    holdUntil: quiet ? memory.holdUntil : null,
    concurrency: grow ? memory.concurrency + 1 : memory.concurrency,
    calm: grow ? 0 : calm,
  };
}

/**
 * A pool that is being made may be deleted (ARM pre-empts the creation, or asks to wait), and the nodes of a shared one be given to
 * claims; nothing else may be done to a busy pool.
 */
function mayTouch(memory: ClusterMemory, pool: string, kind: PoolOperation['kind'], now: string): boolean {
  const held = memory.heldPools[pool];
  if (held !== undefined && now < held) return false;
  return memory.runningSince[pool] === undefined || busyToo.has(kind);
}

const busyToo: ReadonlySet<PoolOperation['kind']> = new Set(['release', 'remove-orphan', 'tend']);

function holdPools(
  memory: ClusterMemory,
  outcomes: readonly OperationOutcome[],
  now: string,
): Pick<ClusterMemory, 'heldPools' | 'refusedInRow'> {
  const still = Object.entries(memory.heldPools).filter(([, until]) => now < until);
  const fresh = outcomes.flatMap((outcome) => {
    const before = memory.refusedInRow[outcome.pool] ?? 0;
    const seconds = holdSeconds(outcome, before);
    return seconds === undefined ? [] : [{ pool: outcome.pool, until: after(now, seconds), row: before + 1 }];
  });
  const inRow = still.map(([pool]): [string, number] => [pool, memory.refusedInRow[pool] ?? 1]);
  return {
    heldPools: Object.fromEntries([
      ...still,
      ...fresh.map(({ pool, until }): [string, string] => [pool, until]),
    ]),
    refusedInRow: Object.fromEntries([
      ...inRow,
      ...fresh.map(({ pool, row }): [string, number] => [pool, row]),
    ]),
  };
}

/** How long Azure is not asked again about a pool; undefined: the next tick may. */
function holdSeconds({ result, retryAfterSeconds }: OperationOutcome, before: number): number | undefined {
  switch (result) {
    case 'started':
    case 'nothing-to-do':
      return undefined;
    case 'wait':
      return before === 0
        ? (retryAfterSeconds ?? conflictWaitSeconds)
        : Math.max(retryAfterSeconds ?? 0, 2 * conflictWaitSeconds);
    case 'retry':
      return Math.max(retryAfterSeconds ?? 0, Math.min(2 ** before * firstRetrySeconds, longestRetrySeconds));
    case 'next-rung':
    case 'operator':
    case 'bug':
      return refusedWaitSeconds;
  }
}

/** Deletes before creates: they stop a bill and free quota. Then the oldest wish first. */
export function byUrgency(one: PoolOperation, other: PoolOperation): number {
  return urgency(one) - urgency(other) || compare(one.since, other.since) || compare(one.pool, other.pool);
}

function urgency({ kind }: PoolOperation): number {
  return busyToo.has(kind) ? 0 : 1;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
