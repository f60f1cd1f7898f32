import { requestDeletion } from '../../shared/intake/deletion.ts';
import { isOutOfReach, queueDelete } from './out-of-reach.ts';
import { pathName } from './query.ts';
import { clusterOf, notFound, route } from './route.ts';
import { statusResponse } from './status.ts';

route({
  name: 'deleteWorkspace',
  method: 'DELETE',
  route: 'workspaces/{namespace}/{name}',
  async handle(request, services, context) {
    const path = pathName(request);
    const cluster = clusterOf(request, services);
    const result = await requestDeletion(services, cluster, path).catch((error: unknown) => {
      if (isOutOfReach(error)) return undefined;
      throw error;
    });
    if (result === undefined) return queueDelete(services, { cluster, ...path }, context.invocationId);
    switch (result.outcome) {
      case 'deleting':
        return { status: 202, jsonBody: result.record };
      case 'absent':
        return notFound(path.namespace, path.name);
      case 'superseded':
        return statusResponse({ code: 409, reason: 'Conflict', message: result.message });
    }
  },
});
