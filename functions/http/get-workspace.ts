import { parseWatchQuery, watchWorkspace } from './watch-workspace.ts';
import { pathName, queryFlag } from './query.ts';
import { clusterOf, notFound, route } from './route.ts';

route({
  name: 'getWorkspace',
  method: 'GET',
  route: 'workspaces/{namespace}/{name}',
  async handle(request, services) {
    const path = pathName(request);
    const watch = queryFlag(request, 'watch') ? parseWatchQuery(request) : undefined;
    const { connection } = await services.cluster(clusterOf(request, services));
    if (watch !== undefined) return watchWorkspace(connection.records, path, watch);
    const { value } = await connection.records.get(path);
    return value === undefined ? notFound(path.namespace, path.name) : { jsonBody: value };
  },
});
