import type { InvocationContext, Timer } from '@azure/functions';
import { app } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { getClient, input } from 'durable-functions';
import { SlipwayError } from '../../shared/errors/slipway-error.ts';
import { clusterInstanceId, workspaceInstanceId } from '../../shared/lifecycle/workspace-key.ts';
import type { SweptRecord } from '../../shared/reconcile/sweep.ts';
import { sweepRecords } from '../../shared/reconcile/sweep.ts';
import { services } from '../composition.ts';
import { ensureCluster, ensureWorkspace } from '../ensure-running.ts';
import { liveInstances } from '../live-instances.ts';
import { logFor } from '../log.ts';

/**
 * Compares every record with its orchestration and starts what is missing, failed, terminated or overdue. Records and tags hold
 * everything, so a lost task hub costs one sweep.
 */
app.timer('sweep', {
  schedule: '0 */2 * * * *',
  extraInputs: [input.durableClient()],
  handler: async (_timer: Timer, context: InvocationContext) => {
    const client = getClient(context);
    const log = logFor(context);
    const live = new Set((await liveInstances(client)).map(({ instanceId }) => instanceId));
    for (const cluster of services().clusterNames) {
      if (!live.has(clusterInstanceId(cluster))) {
        log.warn('cluster orchestration was not running', { cluster });
        await ensureCluster(client, cluster);
      }
      try {
        await sweepCluster(client, await sweepRecords(services(), cluster), live, (swept, why) =>
          log.warn('workspace orchestration taken up again', { ...swept.reference, why }),
        );
      } catch (error) {
        // One cluster out of reach must not keep the others from being swept; its own orchestration reports it.
        if (!(error instanceof SlipwayError)) throw error;
        log.warn('cluster could not be swept', { cluster, code: error.code, error: error.message });
      }
    }
  },
});

async function sweepCluster(
  client: DurableClient,
  records: SweptRecord[],
  live: ReadonlySet<string>,
  report: (swept: SweptRecord, why: string) => void,
): Promise<void> {
  for (const swept of records) {
    const missing = !live.has(workspaceInstanceId(swept.reference, swept.reference.uid));
    if (!missing && !swept.overdue) continue;
    report(swept, missing ? 'missing' : 'overdue');
    await ensureWorkspace(client, swept.reference, swept.pools);
  }
}
