import { trailOf } from '../../shared/reconcile/workspace-turn.ts';
import { pathName } from './query.ts';
import { clusterOf, notFound, route } from './route.ts';

route({
  name: 'workspaceEvents',
  method: 'GET',
  route: 'workspaces/{namespace}/{name}/events',
  async handle(request, services) {
    const path = pathName(request);
    const { connection } = await services.cluster(clusterOf(request, services));
    const { value } = await connection.records.get(path);
    return value === undefined
      ? notFound(path.namespace, path.name)
      : { jsonBody: { items: trailOf(value) } };
  },
});
