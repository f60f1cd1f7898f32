import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { faultRulesSchema } from './fault-rules.ts';
import { readJson } from './read-json.ts';
import type { AzureState } from './azure-state.ts';

/** What the simulator tells about itself under `/simulator/` on ARM's port, for tools and tests. */
export interface SimulatorRoutes {
  state: AzureState;
  counts(): unknown;
  /** The nodes of each cluster. */
  nodes(): unknown;
  idle(): boolean;
}

/**
 * `GET|PUT|DELETE /simulator/faults`, `GET /simulator/counts`, `GET /simulator/state`. No authentication: loopback only.
 * Returns false for any other path.
 */
export async function handleSimulatorRoute(
  routes: SimulatorRoutes,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const path = (request.url ?? '').split('?')[0];
  if (path?.startsWith('/simulator/') !== true) return false;
  const key = `${request.method ?? 'GET'} ${path}`;
  switch (key) {
    case 'GET /simulator/faults':
      return answer(response, 200, routes.state.faults.rules());
    case 'PUT /simulator/faults':
      return answer(response, ...(await putFaults(routes.state, request)));
    case 'DELETE /simulator/faults':
      routes.state.faults.clear();
      return answer(response, 200, routes.state.faults.rules());
    case 'GET /simulator/counts':
      return answer(response, 200, routes.counts());
    case 'GET /simulator/state':
      return answer(response, 200, {
        idle: routes.idle(),
        clusters: routes.state.clusters.values(),
        pools: routes.state.pools.values(),
        operations: routes.state.operations.values(),
        nodes: routes.nodes(),
      });
    default:
      return answer(response, 404, { error: { code: 'NotFound', message: `The simulator has no ${key}.` } });
  }
}

async function putFaults(state: AzureState, request: IncomingMessage): Promise<[number, unknown]> {
  const body = await readJson(request);
  const rules = faultRulesSchema.safeParse(body.value);
  if (!body.valid || !rules.success) {
    const message = rules.success ? 'The body is not JSON.' : z.prettifyError(rules.error);
    return [400, { error: { code: 'InvalidFaults', message } }];
  }
  state.faults.set(rules.data);
  return [200, state.faults.rules()];
}

function answer(response: ServerResponse, status: number, body: unknown): true {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
  return true;
}
