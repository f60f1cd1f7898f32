import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { readSuspension } from '../../shared/intake/suspension-request.ts';
import { requestSuspension } from '../../shared/intake/suspension.ts';
import type { Services } from '../../shared/reconcile/services.ts';
import { pathName } from './query.ts';
import { readOptionalBody } from './read-body.ts';
import { clusterOf, notFound } from './route.ts';
import { invalidResponse, statusResponse } from './status.ts';
import { acceptedResponse, terminatingResponse } from './submit.ts';

/** Answers a suspend or a resume. */
export async function steer(
  request: HttpRequest,
  services: Services,
  suspended: boolean,
): Promise<HttpResponseInit> {
  const path = pathName(request);
  const cluster = clusterOf(request, services);
  const body = await readOptionalBody(request);
  if (!body.ok) return body.response;
  const read = readSuspension(suspended, body.document ?? {});
  if (!read.ok) return invalidResponse(read.faults, path.name);
  const result = await requestSuspension(services, cluster, path, read.request);
  switch (result.outcome) {
    case 'updated':
    case 'unchanged':
      return acceptedResponse(request, cluster, { record: result.record, warnings: [] });
    case 'absent':
      return notFound(path.namespace, path.name);
    case 'terminating':
      return terminatingResponse(path.name);
    case 'invalid':
      return invalidResponse(result.faults, path.name);
    case 'refused':
      return statusResponse({
        code: 409,
        reason: 'Conflict',
        message: `workspaces.kaito.sh "${path.name}": ${result.message}`,
        name: path.name,
      });
  }
}
