/** The effects of a workspace's turn. Each is idempotent and guarded by the record as it was seen. */
import type { RecordReference } from '../events/event-types.ts';
import { Retryable } from '../errors/slipway-error.ts';
import type { CustomResource } from '../kubernetes/cluster.ts';
import { PoolTag } from '../lifecycle/pool-tag.ts';
import type { StatusWrite } from '../lifecycle/decision.ts';
import type { WorkspaceSnapshot } from '../lifecycle/snapshot.ts';
import type { TrailEntry } from '../lifecycle/slipway-status.ts';
import { readStoredStatus } from '../lifecycle/read-status.ts';
import { readRecord, takeSnapshot } from '../lifecycle/take-snapshot.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { slipwayFinalizer } from '../workspace/workspace.ts';
import type { Services } from './services.ts';
import { isRecord } from '../workspace/json-object.ts';

/** A record as a turn saw it. */
export interface Seen extends RecordReference {
  resourceVersion: string;
}

/** The story that `/events` tells is capped: older lines go. */
const trailKept = 60;

/** The record, if it is still the one with this uid. */
export async function observe(
  services: Services,
  reference: RecordReference,
): Promise<WorkspaceSnapshot | null> {
  const record = await findRecord(services, reference);
  return record === undefined
    ? null
    : takeSnapshot(reference.cluster, record, services.admission(reference.cluster));
}

/** Our finalizer goes on before the first wish, so that no delete can outrun the nodes. */
export async function addFinalizer(services: Services, seen: Seen): Promise<boolean> {
  return changeRecord(services, seen, (record) => {
    const finalizers = record.metadata.finalizers ?? [];
    if (finalizers.includes(slipwayFinalizer)) return undefined;
    return { ...record, metadata: { ...record.metadata, finalizers: [...finalizers, slipwayFinalizer] } };
  });
}

/** Writes status and appends to the trail, if the record is still as it was seen. */
export async function writeStatus(services: Services, seen: Seen, write: StatusWrite): Promise<boolean> {
  const { connection } = await services.cluster(seen.cluster);
  await connection.system.checkOwnership(services.owner);
  const record = await findRecord(services, seen);
  if (record?.metadata.resourceVersion !== seen.resourceVersion) return false;
  const status = isRecord(record['status']) ? record['status'] : {};
  const slipway = isRecord(status['slipway']) ? status['slipway'] : {};
  const trail = [...(readStoredStatus(slipway)?.trail ?? []), ...write.trail].slice(-trailKept);
  const { slipway: own, conditions, state, workerNodes, targetNodeCount, performance } = write;
  const written = {
    ...status,
    conditions,
    state,
    workerNodes,
    targetNodeCount,
    ...(performance === undefined ? {} : { performance }),
    slipway: {
      ...(slipway['observed'] === undefined ? {} : { observed: slipway['observed'] }),
      ...own,
      trail,
    },
  };
  return unlessChanged(() => connection.records.replaceStatus({ ...record, status: written }));
}

/** Deletes what the workspace owns in the cluster; returns how many objects are still there. */
export async function removeWorkload(
  services: Services,
  { cluster, namespace, name, uid }: RecordReference,
): Promise<number> {
  const { connection } = await services.cluster(cluster);
  await connection.system.checkOwnership(services.owner);
  return connection.workloads.remove({ namespace, name }, uid);
}

/** Remembers the delete, then takes our finalizer off: the record may go. */
export async function finish(services: Services, seen: Seen): Promise<boolean> {
  const { connection } = await services.cluster(seen.cluster);
  const record = await findRecord(services, seen);
  if (record === undefined) return false;
  const { namespace, name, deletionTimestamp } = record.metadata;
  if (deletionTimestamp !== undefined) {
    await connection.system.rememberDelete({
      workspace: { namespace, name },
      requestedAt: deletionTimestamp,
    });
  }
  return changeRecord(services, seen, ({ metadata, ...rest }) => ({
    ...rest,
    apiVersion: record.apiVersion,
    kind: record.kind,
    metadata: {
      ...metadata,
      finalizers: (metadata.finalizers ?? []).filter((finalizer) => finalizer !== slipwayFinalizer),
    },
  }));
}

/**
 * Deletes the record of a workspace whose time is over, if it is still as it was seen: somebody may just have given it more. The delete is
 * remembered, so that a create of before does not bring it back.
 */
export async function expire(services: Services, seen: Seen): Promise<boolean> {
  const { connection } = await services.cluster(seen.cluster);
  await connection.system.checkOwnership(services.owner);
  const { value: record, serverTime } = await connection.records.get(seen);
  if (record?.metadata.resourceVersion !== seen.resourceVersion || record.metadata.uid !== seen.uid)
    return false;
  const { namespace, name, uid } = record.metadata;
  await connection.system.rememberDelete({ workspace: { namespace, name }, requestedAt: serverTime });
  return unlessChanged(() => connection.records.delete({ namespace, name }, uid));
}

/** Which of these pools, or others with this workspace's tag, Azure still lists. One LIST; only used when the record is gone. */
export async function findPools(
  services: Services,
  cluster: string,
  uid: string,
  names: string[],
): Promise<string[]> {
  const { provisioner } = await services.cluster(cluster);
  const pools = await provisioner.list();
  return pools
    .filter((pool) => names.includes(pool.name) || pool.tags[PoolTag.uid] === uid)
    .map(({ name }) => name);
}

/** The acceptable Workspace in a record as it was seen, or undefined when it changed meanwhile. */
export async function readSeen(services: Services, seen: Seen): Promise<Workspace | undefined> {
  const record = await findRecord(services, seen);
  if (record?.metadata.resourceVersion !== seen.resourceVersion) return undefined;
  return readRecord(record, services.admission(seen.cluster)).workspace;
}

async function findRecord(
  services: Services,
  reference: RecordReference,
): Promise<CustomResource | undefined> {
  const { connection } = await services.cluster(reference.cluster);
  const { value } = await connection.records.get(reference);
  return value?.metadata.uid === reference.uid ? value : undefined;
}

async function changeRecord(
  services: Services,
  seen: Seen,
  change: (record: CustomResource) => CustomResource | undefined,
): Promise<boolean> {
  const { connection } = await services.cluster(seen.cluster);
  await connection.system.checkOwnership(services.owner);
  const record = await findRecord(services, seen);
  if (record?.metadata.resourceVersion !== seen.resourceVersion) return false;
  const changed = change(record);
  return changed === undefined ? true : unlessChanged(() => connection.records.replace(changed));
}

/** A conflict is an answer: somebody was faster, the next turn looks again. */
async function unlessChanged(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof Retryable && error.code === 'Conflict') return false;
    throw error;
  }
}

/** The trail of a record, oldest first. */
export function trailOf(record: CustomResource): TrailEntry[] {
  const status = isRecord(record['status']) ? record['status'] : {};
  return readStoredStatus(status['slipway'])?.trail ?? [];
}
