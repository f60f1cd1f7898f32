import type { HttpRequest } from '@azure/functions';
import type { CustomResource, WorkspaceRecords } from '../../shared/kubernetes/cluster.ts';
import { clusterOf, route } from './route.ts';
import { statusResponse } from './status.ts';

const usualLimit = 100;
const largestLimit = 500;

route({
  name: 'listWorkspaces',
  method: 'GET',
  route: 'workspaces',
  async handle(request, services) {
    const limit = parseLimit(request);
    if (limit === undefined) {
      return statusResponse({
        code: 400,
        reason: 'BadRequest',
        message: `limit must be a whole number from 1 to ${largestLimit}`,
      });
    }
    const { connection } = await services.cluster(clusterOf(request, services));
    const page = await listPage(connection.records, request, limit);
    return {
      jsonBody: {
        apiVersion: 'kaito.sh/v1beta1',
        kind: 'WorkspaceList',
        metadata: {
          resourceVersion: page.resourceVersion,
          ...(page.next === '' ? {} : { continue: page.next }),
        },
        items: page.items,
      },
    };
  },
});

/** One page of the API server's, filtered: it cannot select by state itself, so a page may hold fewer than `limit`. */
async function listPage(
  records: WorkspaceRecords,
  request: HttpRequest,
  limit: number,
): Promise<{ items: CustomResource[]; next: string; resourceVersion: string }> {
  const namespace = request.query.get('namespace') ?? '';
  const state = request.query.get('state') ?? '';
  const token = request.query.get('continue') ?? '';
  const { value } = await records.list({
    limit,
    ...(namespace === '' ? {} : { namespace }),
    ...(token === '' ? {} : { continueToken: token }),
  });
  return {
    items: state === '' ? value.items : value.items.filter((item) => stateOf(item) === state),
    next: value.continueToken ?? '',
    resourceVersion: value.resourceVersion,
  };
}

function parseLimit(request: HttpRequest): number | undefined {
  const text = request.query.get('limit');
  const limit = text === null ? usualLimit : Number(text);
  return Number.isInteger(limit) && limit >= 1 && limit <= largestLimit ? limit : undefined;
}

/** A record nobody has looked at yet is Pending. */
function stateOf(item: CustomResource): string {
  const status = item['status'];
  const state = typeof status === 'object' && status !== null && 'state' in status ? status.state : undefined;
  return typeof state === 'string' ? state : 'Pending';
}
