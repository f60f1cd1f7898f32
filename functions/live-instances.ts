import type { DurableClient, DurableOrchestrationStatus } from 'durable-functions';
import { OrchestrationRuntimeStatus } from 'durable-functions';

/** Every orchestration that is there to take a nudge, in one query. */
export async function liveInstances(client: DurableClient): Promise<DurableOrchestrationStatus[]> {
  return client.getStatusBy({
    runtimeStatus: [
      OrchestrationRuntimeStatus.Pending,
      OrchestrationRuntimeStatus.Running,
      OrchestrationRuntimeStatus.ContinuedAsNew,
      OrchestrationRuntimeStatus.Suspended,
    ],
  });
}
