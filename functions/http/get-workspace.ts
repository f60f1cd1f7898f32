import { getClient } from 'durable-functions';
import { withCostSoFar } from './cost-so-far.ts';
import { isOutOfReach, lastKnownWorkspace } from './out-of-reach.ts';
import { parseWatchQuery, watchWorkspace } from './watch-workspace.ts';
import { pathName, queryFlag } from './query.ts';
import { clusterOf, notFound, route } from './route.ts';

route({
  name: 'getWorkspace',
  method: 'GET',
  route: 'workspaces/{namespace}/{name}',
  durable: true,
  async handle(request, services, context) {
    const path = pathName(request);
    const watch = queryFlag(request, 'watch') ? parseWatchQuery(request) : undefined;
    const cluster = clusterOf(request, services);
    const { connection } = await services.cluster(cluster);
    if (watch !== undefined) return watchWorkspace(connection.records, path, watch);
    const found = await connection.records.get(path).catch((error: unknown) => {
      if (isOutOfReach(error)) return undefined;
      throw error;
    });
    if (found === undefined) return lastKnownWorkspace(getClient(context), { cluster, ...path });
    const { value, serverTime } = found;
    return value === undefined
      ? notFound(path.namespace, path.name)
      : { jsonBody: withCostSoFar(value, serverTime) };
  },
});
