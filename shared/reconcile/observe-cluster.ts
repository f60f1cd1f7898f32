/** A tick's look at a cluster: four lists, what they mean for each record, and who must be told. */
import { encodeReference } from '../events/encode-event.ts';
import type { OutgoingMessage } from '../events/encode-event.ts';
import { EventType, Queue } from '../events/event-types.ts';
import type { RecordReference } from '../events/event-types.ts';
import { Retryable, SlipwayError } from '../errors/slipway-error.ts';
import type { CustomResource, NodeView } from '../kubernetes/cluster.ts';
import { areOurs } from '../lifecycle/pool-tag.ts';
import type { PoolView } from '../provisioning/node-provisioner.ts';
import type { ClusterLists } from '../lifecycle/observe-workspace.ts';
import { observe, poolLabel } from '../lifecycle/observe-workspace.ts';
import type { PoolOperation, WishfulRecord } from '../lifecycle/pool-operations.ts';
import { findOrphans, sinceWhen } from '../lifecycle/orphans.ts';
import type { OrphanPool } from '../lifecycle/orphans.ts';
import { isInTransition, Phase } from '../lifecycle/phase.ts';
import { byUrgency, runningOperations, wantedOperations } from '../lifecycle/pool-operations.ts';
import { wantedTending } from '../lifecycle/pool-tending.ts';
import { ailingSince, findAilments, neededRepairs } from '../lifecycle/pool-repairs.ts';
import { readObserved, readStoredStatus } from '../lifecycle/read-status.ts';
import type { Allocation, Observed, StoredSlipwayStatus } from '../lifecycle/slipway-status.ts';
import { wantsNodes } from '../lifecycle/slipway-status.ts';
import { readRecord } from '../lifecycle/take-snapshot.ts';
import type { AdmissionContext } from '../workspace/admission-context.ts';
import { canonicalJson } from '../workspace/canonical.ts';
import type { Logger } from '../telemetry/logger.ts';
import { silentLogger } from '../telemetry/logger.ts';
import { mapLimited } from './map-limited.ts';
import type { RefusedRequest } from './remember-refusals.ts';
import { rememberRefusals } from './remember-refusals.ts';
import type { ClusterServices, Services } from './services.ts';
import { isRecord } from '../workspace/json-object.ts';

/** What a tick hands back to its orchestration. */
export interface ClusterObservation {
  wanted: PoolOperation[];
  runningSince: Record<string, string>;
  orphanSince: Record<string, string>;
  ailingSince: Record<string, string>;
  /** Orphans that may be removed when their grace is over; none where they are only reported. */
  removable: Pick<OrphanPool, 'pool' | 'workspace' | 'uid'>[];
  inTransition: number;
  holding: number;
  /** Those of them that are not asleep. */
  awake: number;
  /** See {@link ClusterServices}. */
  subscriptionShare: number;
  /** What could not be written or published in this tick; empty when all went well. */
  trouble: string;
}

export interface ObserveInput {
  cluster: string;
  now: string;
  runningSince: Record<string, string>;
  orphanSince: Record<string, string>;
  ailingSince?: Record<string, string>;
  repairedAt?: Record<string, string>;
}

/** Operations handed over in one tick; far more than may start, far less than the history can carry. */
const wantedKept = 40;
const recordsPerPage = 500;
const writesAtOnce = 8;

/** One record with what is stored and what is seen now. */
interface Watched {
  reference: RecordReference;
  record: CustomResource;
  stored: StoredSlipwayStatus | null;
  before: Observed | null;
  observed: Observed;
  intent: string;
}

export async function observeCluster(
  services: Services,
  input: ObserveInput,
  log: Logger = silentLogger,
): Promise<ClusterObservation> {
  const cluster = await services.cluster(input.cluster);
  await cluster.connection.system.checkOwnership(services.owner);
  const [pools, nodes, workloads, { records }] = await Promise.all([
    cluster.provisioner.list(),
    cluster.connection.workloads.nodes(),
    cluster.connection.workloads.list(),
    listRecords(cluster),
  ]);
  const diagnosed = await withGpuProblems(cluster, pools, nodes);
  const lists: ClusterLists = { pools, nodes: diagnosed, workloads };
  const admission = services.admission(input.cluster);
  const watched = records.map((record) => watch({ cluster: input.cluster, admission }, record, lists));
  await rememberRefusals(services, cluster, watched.flatMap(newlyFailed), { now: input.now, log });
  const told = await mapLimited(watched, writesAtOnce, (one) => unlessTrouble(() => tell(cluster, one)));
  const facts = told.flatMap((answer) => (typeof answer === 'string' ? [] : answer));
  const sent = await unlessTrouble(() => services.messages.send([...facts, ...announcements(watched)]));
  const troubles = [...told, sent].filter((answer) => typeof answer === 'string');
  const wishful: WishfulRecord[] = watched.map(toWishful);
  const orphans = findOrphans(wishful, pools, services.owner);
  const ailments = findAilments(wishful, pools);
  const ailing = ailingSince(ailments, input.ailingSince ?? {}, input.now);
  const repairs = neededRepairs(ailments, { since: ailing, repairedAt: input.repairedAt ?? {} }, input.now);
  const runningSince = runningOperations(pools, input.runningSince, input.now);
  const tending = wantedTending(wishful, pools, { runningSince, now: input.now });
  return {
    wanted: [...wantedOperations(wishful, pools), ...repairs, ...tending]
      .sort(byUrgency)
      .slice(0, wantedKept),
    runningSince,
    orphanSince: sinceWhen(orphans, input.orphanSince, input.now),
    ailingSince: ailing,
    removable: services.orphanSweep === 'remove' ? orphans.filter(isRemovable).map(toOrder) : [],
    inTransition: watched.filter(({ stored }) => stored === null || isInTransition(stored.phase)).length,
    holding: watched.filter(({ stored }) => (stored?.allocations.length ?? 0) > 0).length,
    awake: watched.filter(({ stored }) => stored?.allocations.some(needsLooks)).length,
    subscriptionShare: cluster.subscriptionShare,
    trouble: troubles[0] ?? '',
  };
}

/** Asks what is missing on nodes of ours that are Ready and offer no GPU; a tick goes on without the answer. */
async function withGpuProblems(
  { connection }: ClusterServices,
  pools: readonly PoolView[],
  nodes: readonly NodeView[],
): Promise<NodeView[]> {
  const ours = pools.filter(({ tags, instanceType }) => areOurs(tags) && instanceType !== '');
  const names = new Set(ours.map(({ name }) => name));
  const named = new Set(ours.flatMap((pool) => pool.nodes ?? []));
  const blind = nodes.filter(
    ({ name, labels, ready, gpus }) =>
      ready && gpus === 0 && (named.has(name) || names.has(labels[poolLabel] ?? '')),
  );
  if (blind.length === 0) return [...nodes];
  const problems = await unlessTrouble(() => connection.workloads.gpuProblems(blind));
  if (typeof problems === 'string') return [...nodes];
  return nodes.map((node) => {
    const gpuProblem = problems.get(node.name);
    return gpuProblem === undefined ? node : { ...node, gpuProblem };
  });
}

function isRemovable({ removable }: OrphanPool): boolean {
  return removable;
}

function toOrder({ pool, workspace, uid }: OrphanPool): ClusterObservation['removable'][number] {
  return { pool, workspace, uid };
}

/** Nodes that must stay well, or go; an empty pool that is kept needs no eye on it. */
function needsLooks(allocation: Allocation): boolean {
  return allocation.wish === 'absent' || wantsNodes(allocation);
}

/** Every Workspace of the cluster, page by page, and the API server's time when the list ended. */
export async function listRecords({
  connection,
}: ClusterServices): Promise<{ records: CustomResource[]; serverTime: string }> {
  const records: CustomResource[] = [];
  let continueToken: string | undefined;
  let serverTime: string;
  do {
    const page = await connection.records.list({
      limit: recordsPerPage,
      ...(continueToken === undefined ? {} : { continueToken }),
    });
    records.push(...page.value.items);
    continueToken = page.value.continueToken;
    serverTime = page.serverTime;
  } while (continueToken !== undefined && continueToken !== '');
  return { records, serverTime };
}

function watch(
  { cluster, admission }: { cluster: string; admission: Partial<AdmissionContext> },
  record: CustomResource,
  lists: ClusterLists,
): Watched {
  const { namespace, name, uid } = record.metadata;
  const slipway = slipwayOf(record);
  const stored = readStoredStatus(slipway);
  const before = readObserved(slipway['observed']);
  return {
    reference: { cluster, namespace, name, uid },
    record,
    stored,
    before,
    observed: observe(lists, uid, stored?.allocations ?? [], before),
    intent: readRecord(record, admission).intent,
  };
}

/** Creations that Azure accepted and gave up since the last look. */
function newlyFailed({ stored, before, observed }: Watched): RefusedRequest[] {
  return observed.pools.flatMap(({ name, state, failure }): RefusedRequest[] => {
    const known = before?.pools.some((pool) => pool.name === name && pool.state === state) ?? false;
    const allocation = stored?.allocations.find(({ pool }) => pool === name);
    if (state !== 'failed' || failure === undefined || known || allocation === undefined) return [];
    const { instanceType, placement } = allocation;
    const there = observed.nodes.filter(({ pool }) => pool === name).length;
    const count = Math.max(1, allocation.count - there);
    return [{ request: { offer: { instanceType, placement }, count }, failure }];
  });
}

/** Writes what changed into the record; the facts it answers with are published after. A crash between the two costs a re-check. */
async function tell({ connection }: ClusterServices, one: Watched): Promise<OutgoingMessage[]> {
  if (canonicalJson(one.before) === canonicalJson(one.observed)) return [];
  if (one.before === null && one.stored === null) return [];
  const { reference, observed, before } = one;
  const written = await connection.records.patchObserved(reference, reference.uid, replacing(observed));
  if (written === undefined) return [];
  const version = written.metadata.resourceVersion;
  const nodesChanged =
    canonicalJson([before?.pools, before?.nodes]) !== canonicalJson([observed.pools, observed.nodes]);
  const workloadChanged = canonicalJson(before?.workload) !== canonicalJson(observed.workload);
  const facts: OutgoingMessage[] = [
    ...(nodesChanged
      ? [encodeReference(Queue.nodeProvisioned, EventType.nodeProvisioned, reference, version)]
      : []),
    ...(workloadChanged
      ? [encodeReference(Queue.workloadReady, EventType.workloadReady, reference, version)]
      : []),
  ];
  // Only the wishes were read: the workspace waits for that too, when it deletes.
  if (facts.length === 0) {
    facts.push(encodeReference(Queue.nodeProvisioned, EventType.nodeProvisioned, reference, version));
  }
  return facts;
}

/**
 * One bad record, or a queue out of reach, must not keep a tick from what it has to release and make: the answer is then what went
 * wrong, and the next tick, or the workspace's own re-check, makes up for it.
 */
async function unlessTrouble<T>(action: () => Promise<T>): Promise<T | string> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof SlipwayError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

/** A merge patch keeps what it does not name: a problem that is over must be taken away. */
function replacing({ workload, ...observed }: Observed): Record<string, unknown> {
  return { ...observed, workload: workload && { outcome: null, problem: null, ...workload } };
}

/** Records whose intent nobody has acted on (they came by kubectl, or a nudge was lost) are announced like any other. */
function announcements(watched: readonly Watched[]): OutgoingMessage[] {
  const unseen = watched.filter(
    ({ stored, intent }) => stored?.observedIntent !== intent && stored?.phase !== 'Deleting',
  );
  // What was wished before may be wished again: the version of the record tells the two occasions apart.
  return unseen.map(({ reference, intent, record }) =>
    encodeReference(
      Queue.workspaceCreated,
      EventType.workspaceCreated,
      reference,
      `${intent.slice(0, 16)}-${record.metadata.resourceVersion}`,
    ),
  );
}

function toWishful({ reference, stored, observed }: Watched): WishfulRecord {
  const { namespace, name, uid } = reference;
  const interrupted = stored !== null && stored.appliedWorkload !== '' && waitsForNodes.has(stored.phase);
  return { namespace, name, uid, allocations: stored?.allocations ?? [], observed, interrupted };
}

/** Phases of a workspace whose workload may be without its nodes. */
const waitsForNodes: ReadonlySet<Phase> = new Set([
  Phase.Provisioning,
  Phase.Deploying,
  Phase.Degraded,
  Phase.Failed,
]);

/** `status.slipway` of a record, as stored. */
export function slipwayOf(record: CustomResource): Record<string, unknown> {
  const status = record['status'];
  const slipway = isRecord(status) ? status['slipway'] : undefined;
  return isRecord(slipway) ? slipway : {};
}

/** Re-reads a record and its wishes; throws when it cannot be the one meant. */
export async function readWishes(
  cluster: ClusterServices,
  reference: { namespace: string; name: string; uid: string },
): Promise<{ record: CustomResource; stored: StoredSlipwayStatus; observed: Observed | null } | undefined> {
  const { value: record } = await cluster.connection.records.get(reference);
  if (record?.metadata.uid !== reference.uid) return undefined;
  const stored = readStoredStatus(slipwayOf(record));
  if (stored === null)
    throw new Retryable('StatusUnreadable', { message: `status of ${reference.name} is not readable` });
  return { record, stored, observed: readObserved(slipwayOf(record)['observed']) };
}
