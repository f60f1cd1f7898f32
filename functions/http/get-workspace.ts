import { parseWatchQuery, watchWorkspace } from './watch-workspace.ts';
import { clusterOf, notFound, pathName, route } from './route.ts';
import { statusResponse } from './status.ts';

route({
  name: 'getWorkspace',
  method: 'GET',
  route: 'workspaces/{namespace}/{name}',
  async handle(request, services) {
    const { connection } = await services.cluster(clusterOf(request, services));
    const path = pathName(request);
    if (request.query.get('watch') === 'true') {
      const query = parseWatchQuery(request);
      if (typeof query === 'string')
        return statusResponse({ code: 400, reason: 'BadRequest', message: query });
      return watchWorkspace(connection.records, path, query);
    }
    const { value } = await connection.records.get(path);
    return value === undefined ? notFound(path.namespace, path.name) : { jsonBody: value };
  },
});
