import { route } from './route.ts';
import { steer } from './suspension.ts';

route({
  name: 'suspendWorkspace',
  method: 'POST',
  route: 'workspaces/{namespace}/{name}/suspend',
  handle: (request, services) => steer(request, services, true),
});
