import { submit } from '../../shared/intake/submission.ts';
import { readBody } from './read-body.ts';
import { clusterOf, route } from './route.ts';
import { submissionResponse } from './submit.ts';

route({
  name: 'createWorkspace',
  method: 'POST',
  route: 'workspaces',
  async handle(request, services) {
    const cluster = clusterOf(request, services);
    const body = await readBody(request);
    if (!body.ok) return body.response;
    return submissionResponse(
      request,
      cluster,
      await submit(services, { document: body.document, cluster, mode: 'create' }),
    );
  },
});
