import type { InvocationContext, Timer } from '@azure/functions';
import { app } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { getClient, input } from 'durable-functions';
import { Terminal } from '../../shared/errors/slipway-error.ts';
import { clusterInstanceId } from '../../shared/lifecycle/workspace-key.ts';
import { services } from '../composition.ts';
import { ensureCluster } from '../ensure-running.ts';
import { liveInstances } from '../live-instances.ts';

/** At start-up and then every hour: each configured cluster has its orchestration. Misconfigured settings fail here, loudly. */
app.timer('startClusters', {
  schedule: '0 0 * * * *',
  runOnStartup: true,
  extraInputs: [input.durableClient()],
  handler: async (_timer: Timer, context: InvocationContext) => {
    const client = getClient(context);
    const { clusterNames } = services();
    for (const cluster of clusterNames) await ensureCluster(client, cluster);
    await refuseForgotten(client, clusterNames);
  },
});

/** A cluster taken out of the settings while workspaces hold nodes in it would bill unseen. */
async function refuseForgotten(client: DurableClient, configured: readonly string[]): Promise<void> {
  const known = new Set(configured.map(clusterInstanceId));
  const forgotten = (await liveInstances(client)).filter(
    ({ instanceId, customStatus }) =>
      instanceId.startsWith(clusterInstanceId('')) && !known.has(instanceId) && holdsWorkspaces(customStatus),
  );
  if (forgotten.length === 0) return;
  const names = forgotten.map(({ instanceId }) => instanceId.slice(clusterInstanceId('').length)).join(', ');
  throw new Terminal('ClusterRemoved', {
    message: `SLIPWAY_CLUSTERS no longer names ${names}, where workspaces still hold GPU nodes`,
    remedy: 'Put the cluster back, delete its workspaces, and remove it when they are gone.',
  });
}

/** The custom status that the cluster orchestration shows: how many workspaces hold nodes. */
function holdsWorkspaces(customStatus: unknown): boolean {
  return (
    typeof customStatus === 'object' &&
    customStatus !== null &&
    'workspaces' in customStatus &&
    typeof customStatus.workspaces === 'number' &&
    customStatus.workspaces > 0
  );
}
