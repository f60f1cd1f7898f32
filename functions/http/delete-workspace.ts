import { requestDeletion } from '../../shared/intake/deletion.ts';
import { pathName } from './query.ts';
import { clusterOf, notFound, route } from './route.ts';
import { statusResponse } from './status.ts';

route({
  name: 'deleteWorkspace',
  method: 'DELETE',
  route: 'workspaces/{namespace}/{name}',
  async handle(request, services) {
    const path = pathName(request);
    const result = await requestDeletion(services, clusterOf(request, services), path);
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
