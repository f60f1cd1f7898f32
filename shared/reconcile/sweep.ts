import type { RecordReference } from '../events/event-types.ts';
import { readStoredStatus } from '../lifecycle/read-status.ts';
import { listRecords, slipwayOf } from './observe-cluster.ts';
import type { Services } from './services.ts';

/** A record, as the sweep judges it. */
export interface SweptRecord {
  reference: RecordReference;
  /** Its orchestration promised a turn that has not come. */
  overdue: boolean;
  pools: string[];
}

/** All records of a cluster, and whether each has had its turn by the cluster's own clock. */
export async function sweepRecords(services: Services, cluster: string): Promise<SweptRecord[]> {
  const { records, serverTime } = await listRecords(await services.cluster(cluster));
  return records.map((record) => {
    const { namespace, name, uid } = record.metadata;
    const status = readStoredStatus(slipwayOf(record));
    return {
      reference: { cluster, namespace, name, uid },
      overdue: status === null || Date.parse(status.nextTurnBy) < Date.parse(serverTime),
      pools: status?.allocations.map(({ pool }) => pool) ?? [],
    };
  });
}
