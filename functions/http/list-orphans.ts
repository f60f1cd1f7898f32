import { getClient } from 'durable-functions';
import { orphanGraceSeconds } from '../../shared/lifecycle/timing.ts';
import { listOrphans } from '../../shared/reconcile/sweep-orphans.ts';
import { poolsSince } from '../pools-since.ts';
import { clusterOf, route } from './route.ts';

route({
  name: 'listOrphans',
  method: 'GET',
  route: 'orphans',
  durable: true,
  async handle(request, services, context) {
    const cluster = clusterOf(request, services);
    // Before anything else is asked: an unknown cluster has no orchestration either.
    await services.cluster(cluster);
    const items = await listOrphans(services, cluster, await poolsSince(getClient(context), cluster));
    return {
      jsonBody: { cluster, mode: services.orphanSweep, graceSeconds: orphanGraceSeconds, items },
    };
  },
});
