import type { InvocationContext, Timer } from '@azure/functions';
import { app } from '@azure/functions';
import { getClient, input } from 'durable-functions';
import { services } from '../composition.ts';
import { ensureCluster } from '../ensure-running.ts';

/** At start-up and then every hour: each configured cluster has its orchestration. Misconfigured settings fail here, loudly. */
app.timer('startClusters', {
  schedule: '0 0 * * * *',
  runOnStartup: true,
  extraInputs: [input.durableClient()],
  handler: async (_timer: Timer, context: InvocationContext) => {
    const client = getClient(context);
    for (const cluster of services().clusterNames) await ensureCluster(client, cluster);
  },
});
