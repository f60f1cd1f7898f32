import type { DurableHttpRequest, DurableHttpResponse } from '../../functions/contract.ts';
import type { HttpParts } from './call.ts';
import { listEntities, readEntity, signalEntity } from './entities.ts';
import { getStatus, operate, purge } from './instances.ts';
import { startOrchestration } from './orchestrators.ts';
import { purgeMany, queryInstances } from './query.ts';
import { HttpRefusal, jsonResponse } from './response.ts';

/** Serves one request of the Durable API; refusals and faults are answers too. */
export async function serve(parts: HttpParts, request: DurableHttpRequest): Promise<DurableHttpResponse> {
  try {
    return await route(parts, request, segments(request.path));
  } catch (error) {
    if (error instanceof HttpRefusal) return jsonResponse(error.status, { message: error.message });
    const fault = error instanceof Error ? error : new Error(String(error));
    parts.log(
      'error',
      `Durable API fault in ${request.method} ${request.path}: ${fault.stack ?? fault.message}`,
    );
    return jsonResponse(500, { message: fault.message });
  }
}

/** Path segments, decoded; a trailing slash (`instances/`) means nothing. */
function segments(path: string): string[] {
  try {
    return path
      .split('/')
      .filter((segment) => segment !== '')
      .map(decodeURIComponent);
  } catch {
    throw new HttpRefusal(400, `The path '${path}' is not URL-encoded.`);
  }
}

async function route(
  parts: HttpParts,
  request: DurableHttpRequest,
  path: readonly string[],
): Promise<DurableHttpResponse> {
  const [collection, first, second, third] = path;
  const method = request.method.toUpperCase();
  switch (`${method} ${collection?.toLowerCase() ?? ''}`) {
    case 'POST orchestrators':
      if (first === undefined || path.length > 3) break;
      return startOrchestration(parts, request, { name: first, id: second });
    case 'GET instances':
      if (path.length > 2) break;
      return first === undefined ? queryInstances(parts, request) : getStatus(parts, request, first);
    case 'DELETE instances':
      if (path.length > 2) break;
      return first === undefined ? purgeMany(parts, request) : purge(parts, first);
    case 'POST instances':
      if (first === undefined || second === undefined || path.length > 4) break;
      return operate(parts, request, { id: first, operation: second.toLowerCase(), argument: third });
    case 'GET entities':
      if (path.length > 3) break;
      if (first === undefined || second === undefined) return listEntities(parts, request, first);
      return readEntity(parts, { name: first, key: second });
    case 'POST entities':
      if (first === undefined || second === undefined || path.length > 3) break;
      return signalEntity(parts, request, { name: first, key: second });
  }
  throw new HttpRefusal(404, `There is no Durable endpoint ${method} ${request.path}.`);
}
