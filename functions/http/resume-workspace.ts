import { route } from './route.ts';
import { steer } from './suspension.ts';

route({
  name: 'resumeWorkspace',
  method: 'POST',
  route: 'workspaces/{namespace}/{name}/resume',
  handle: (request, services) => steer(request, services, false),
});
