/** Finds what Slipway made and what belongs to nothing: tells of it, and takes away objects. Pools are taken away by the cluster's orchestration. */
import { SlipwayError } from '../errors/slipway-error.ts';
import type { CustomResource, OwnedObject } from '../kubernetes/cluster.ts';
import { findOrphanObjects, orphanKey } from '../lifecycle/orphan-objects.ts';
import type { OrphanObject } from '../lifecycle/orphan-objects.ts';
import type { OrphanPool, SweepMode } from '../lifecycle/orphans.ts';
import { findOrphans } from '../lifecycle/orphans.ts';
import { readStoredStatus } from '../lifecycle/read-status.ts';
import { after, orphanGraceSeconds } from '../lifecycle/timing.ts';
import { regionalOnDemand } from '../planning/placement.ts';
import type { PoolView } from '../provisioning/node-provisioner.ts';
import type { Logger } from '../telemetry/logger.ts';
import { nodePrice } from './node-price.ts';
import { listRecords, slipwayOf } from './observe-cluster.ts';
import type { ClusterServices, Services } from './services.ts';

/** One line of the report. */
export interface Orphan {
  kind: 'AgentPool' | OwnedObject['kind'];
  /** Absent for pools. */
  namespace?: string;
  name: string;
  /** Whose it was, as its tags or labels tell: `cluster/namespace/name`, or `namespace/name`; empty when they do not. */
  workspace: string;
  uid: string;
  /** US dollars an hour of all its nodes at the on-demand price; null where there is nothing to pay, or no price is known. */
  hourlyPrice: number | null;
  priceSource: string | null;
  /** ISO 8601: when it was first seen so. */
  since: string;
  /** ISO 8601: not before then it is removed; null: never. */
  removedAt: string | null;
  mode: SweepMode;
  why: string;
}

/** Since when pools have been seen as orphans, as the cluster's orchestration remembers. */
export type PoolsSince = Readonly<Record<string, string>>;

/** The report as it stands now. Has no effect. */
export async function listOrphans(
  services: Services,
  clusterName: string,
  poolsSince: PoolsSince,
): Promise<Orphan[]> {
  return (await look(services, await services.cluster(clusterName), poolsSince)).report;
}

/**
 * Logs a line for each orphan, remembers since when objects have been such, and removes those whose grace is over, unless the setting says to
 * report only. The record that an object names is read again right before.
 */
export async function sweepOrphans(
  services: Services,
  clusterName: string,
  { poolsSince, log }: { poolsSince: PoolsSince; log: Logger },
): Promise<{ orphans: number; removed: number }> {
  const cluster = await services.cluster(clusterName);
  await cluster.connection.system.checkOwnership(services.owner);
  const { report, objects, since, now, known } = await look(services, cluster, poolsSince);
  for (const orphan of report) log.warn('orphan', { cluster: clusterName, ...orphan });
  if (JSON.stringify(known) !== JSON.stringify(since)) await cluster.connection.belongings.note(since);
  const overdue = objects.filter(
    (one) => one.removable && after(since[orphanKey(one)] ?? now, orphanGraceSeconds) <= now,
  );
  if (services.orphanSweep === 'report') return { orphans: report.length, removed: 0 };
  let removed = 0;
  for (const orphan of overdue) {
    if (!(await removeOrphan(cluster, orphan, log))) continue;
    removed += 1;
    log.warn('orphan removed', { cluster: clusterName, orphan: orphanKey(orphan), why: orphan.why });
  }
  return { orphans: report.length, removed };
}

async function removeOrphan(
  { connection }: ClusterServices,
  orphan: OrphanObject,
  log: Logger,
): Promise<boolean> {
  try {
    const { namespace, workspace, ownerUid } = orphan;
    const record =
      workspace === undefined
        ? undefined
        : (await connection.records.get({ namespace, name: workspace })).value;
    const taken = record !== undefined && (ownerUid === undefined || record.metadata.uid === ownerUid);
    return !taken && (await connection.belongings.remove(orphan));
  } catch (error) {
    // One object that cannot be removed must not keep the others; the next sweep tries again.
    if (!(error instanceof SlipwayError)) throw error;
    log.warn('orphan could not be removed', {
      orphan: orphanKey(orphan),
      code: error.code,
      error: error.message,
    });
    return false;
  }
}

interface Sight {
  report: Orphan[];
  objects: OrphanObject[];
  /** Since when each object has been an orphan, now and as remembered. */
  since: Record<string, string>;
  known: Record<string, string>;
  /** By the cluster's clock, ISO 8601. */
  now: string;
}

async function look(services: Services, cluster: ClusterServices, poolsSince: PoolsSince): Promise<Sight> {
  const { belongings } = cluster.connection;
  // Before the records: what is made after that has a record then.
  const [owned, pools, known] = await Promise.all([
    belongings.list(),
    cluster.provisioner.list(),
    belongings.recall(),
  ]);
  const { records, serverTime: now } = await listRecords(cluster);
  const objects = findOrphanObjects(
    owned,
    records.map(({ metadata }) => metadata),
  );
  const since = Object.fromEntries(
    objects.map((one): [string, string] => [orphanKey(one), known[orphanKey(one)] ?? now]),
  );
  const orphanPools = findOrphans(records.map(toWishful), pools, services.owner);
  const mode = services.orphanSweep;
  return {
    report: [
      ...(await Promise.all(
        orphanPools.map((orphan) =>
          poolLine(services, cluster, {
            orphan,
            pool: pools.find(({ name }) => name === orphan.pool),
            since: poolsSince[orphan.pool] ?? now,
            now,
          }),
        ),
      )),
      ...objects.map((one) => objectLine(one, since[orphanKey(one)] ?? now, mode)),
    ],
    objects,
    since,
    known,
    now,
  };
}

function toWishful({ metadata, ...record }: CustomResource): Parameters<typeof findOrphans>[0][number] {
  const { namespace, name, uid } = metadata;
  const stored = readStoredStatus(slipwayOf({ metadata, ...record }));
  const observed = { wishes: '', pools: [], nodes: [], workload: null };
  return { namespace, name, uid, allocations: stored?.allocations ?? [], observed };
}

async function poolLine(
  services: Services,
  cluster: ClusterServices,
  {
    orphan,
    pool,
    since,
    now,
  }: { orphan: OrphanPool; pool: PoolView | undefined; since: string; now: string },
): Promise<Orphan> {
  const { instanceType = '', count = 0, power } = pool ?? {};
  const offer = { instanceType, placement: regionalOnDemand };
  const { hourlyPrice, priceSource } = await nodePrice(services, cluster.name, offer, now);
  const billed = power === 'stopped' ? 0 : count;
  const mode = orphan.removable ? services.orphanSweep : 'report';
  return {
    kind: 'AgentPool',
    name: orphan.pool,
    workspace: orphan.workspace,
    uid: orphan.uid,
    hourlyPrice: hourlyPrice === null ? null : hourlyPrice * billed,
    priceSource,
    since,
    removedAt: mode === 'remove' ? after(since, orphanGraceSeconds) : null,
    mode,
    why: orphan.why,
  };
}

function objectLine(
  { kind, namespace, name, ownerUid = '', workspace, removable, why }: OrphanObject,
  since: string,
  setting: SweepMode,
): Orphan {
  const mode = removable ? setting : 'report';
  return {
    kind,
    namespace,
    name,
    workspace: workspace === undefined ? '' : `${namespace}/${workspace}`,
    uid: ownerUid,
    hourlyPrice: null,
    priceSource: null,
    since,
    removedAt: mode === 'remove' ? after(since, orphanGraceSeconds) : null,
    mode,
    why,
  };
}
