/** Starts what does not run and wakes what does. Both are safe to repeat and to race. */
import type { DurableClient, DurableOrchestrationStatus } from 'durable-functions';
import type { RecordReference } from '../shared/events/event-types.ts';
import { currentLogicVersion } from '../shared/lifecycle/decide.ts';
import { newClusterMemory } from '../shared/lifecycle/pool-operations.ts';
import { clusterInstanceId, workspaceInstanceId } from '../shared/lifecycle/workspace-key.ts';
import type { ClusterRun } from './contracts/cluster-activities.ts';
import { nudge, Orchestrator } from './contracts/names.ts';
import type { WorkspaceRun } from './contracts/workspace-activities.ts';

export async function ensureWorkspace(
  client: DurableClient,
  reference: RecordReference,
  pools: string[] = [],
): Promise<void> {
  const { cluster, namespace, name, uid } = reference;
  const input: WorkspaceRun = {
    reference: { cluster, namespace, name, uid },
    logicVersion: currentLogicVersion,
    pools,
    lastKnown: null,
    failures: 0,
  };
  await ensure(client, Orchestrator.workspace, workspaceInstanceId(reference, uid), input);
}

export async function ensureCluster(client: DurableClient, cluster: string): Promise<void> {
  const input: ClusterRun = {
    cluster,
    logicVersion: currentLogicVersion,
    memory: newClusterMemory,
    failures: 0,
  };
  await ensure(client, Orchestrator.cluster, clusterInstanceId(cluster), input);
}

/** Is it there to take a nudge? Suspended by an operator counts: it is theirs to resume. */
export function isLive(status: DurableOrchestrationStatus | undefined): boolean {
  const live: string[] = ['Pending', 'Running', 'ContinuedAsNew', 'Suspended'];
  return status !== undefined && live.includes(status.runtimeStatus);
}

async function ensure(
  client: DurableClient,
  orchestrator: string,
  instanceId: string,
  input: object,
): Promise<void> {
  if (isLive(await statusOf(client, instanceId))) {
    await client.raiseEvent(instanceId, nudge, { at: instanceId });
    return;
  }
  try {
    await client.startNew(orchestrator, { instanceId, input });
  } catch (error) {
    // Somebody else started it between our look and our start.
    if (!isLive(await statusOf(client, instanceId))) throw error;
  }
}

/** The client throws for an instance it does not know; that is an answer. */
export async function statusOf(
  client: DurableClient,
  instanceId: string,
): Promise<DurableOrchestrationStatus | undefined> {
  try {
    return await client.getStatus(instanceId, { showInput: false });
  } catch (error) {
    if (error instanceof Error && /404|not found|no instance/i.test(error.message)) return undefined;
    throw error;
  }
}
