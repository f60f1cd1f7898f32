import type { ClusterUnderTest } from './cluster-under-test.ts';
import { eventsContract } from './events.contract.ts';
import { ownershipContract } from './ownership.contract.ts';
import { recordsContract } from './records.contract.ts';
import { refusalsContract } from './refusals.contract.ts';
import { workloadsContract } from './workloads.contract.ts';

/** What every ClusterConnection promises (see the port). */
export function clusterConnectionContract(name: string, start: () => Promise<ClusterUnderTest>): void {
  recordsContract(name, start);
  workloadsContract(name, start);
  ownershipContract(name, start);
  refusalsContract(name, start);
  eventsContract(name, start);
}
