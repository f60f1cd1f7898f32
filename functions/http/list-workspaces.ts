import type { HttpRequest } from '@azure/functions';
import { SlipwayError, Terminal } from '../../shared/errors/slipway-error.ts';
import type { CustomResource, WorkspacePage, WorkspaceRecords } from '../../shared/kubernetes/cluster.ts';
import { queryNamespace, queryNumber, queryText, queryWord } from './query.ts';
import { clusterOf, route } from './route.ts';

const usualLimit = 100;
const largestLimit = 500;
/** KAITO's words for `status.state`. */
const states = ['Pending', 'Ready', 'NotReady', 'Running', 'Succeeded', 'Failed'];

interface ListQuery {
  limit: number;
  namespace: string | undefined;
  state: string | undefined;
  continueToken: string | undefined;
}

route({
  name: 'listWorkspaces',
  method: 'GET',
  route: 'workspaces',
  async handle(request, services) {
    const query = parseListQuery(request);
    const { connection } = await services.cluster(clusterOf(request, services));
    const page = await listPage(connection.records, query);
    return {
      jsonBody: {
        apiVersion: 'kaito.sh/v1beta1',
        kind: 'WorkspaceList',
        metadata: {
          resourceVersion: page.resourceVersion,
          ...(page.continueToken === undefined ? {} : { continue: page.continueToken }),
        },
        // The API server cannot select by state itself, so a page may hold fewer than `limit`.
        items:
          query.state === undefined ? page.items : page.items.filter((item) => stateOf(item) === query.state),
      },
    };
  },
});

function parseListQuery(request: HttpRequest): ListQuery {
  return {
    limit: queryNumber(request, 'limit', { usual: usualLimit, largest: largestLimit }),
    namespace: queryNamespace(request),
    state: queryWord(request, 'state', states),
    continueToken: queryText(request, 'continue'),
  };
}

async function listPage(
  records: WorkspaceRecords,
  { limit, namespace, continueToken }: ListQuery,
): Promise<WorkspacePage> {
  try {
    const { value } = await records.list({
      limit,
      ...(namespace === undefined ? {} : { namespace }),
      ...(continueToken === undefined ? {} : { continueToken }),
    });
    return value;
  } catch (error) {
    // Of all that is sent, only the token is the caller's own text.
    if (continueToken === undefined || !(error instanceof SlipwayError) || error.code !== 'Invalid')
      throw error;
    throw new Terminal('BadRequest', {
      message: 'continue must be metadata.continue of an earlier page',
      cause: error,
    });
  }
}

/** A record nobody has looked at yet is Pending. */
function stateOf(item: CustomResource): string {
  const status = item['status'];
  const state = typeof status === 'object' && status !== null && 'state' in status ? status.state : undefined;
  return typeof state === 'string' && state !== '' ? state : 'Pending';
}
