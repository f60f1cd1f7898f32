import type { Request } from '../../shared/events/event-types.ts';
import { parentClusterOf } from '../../shared/azure/resource-id.ts';
import { ensureCluster, ensureWorkspace } from '../ensure-running.ts';
import type { Receipt, Refused } from './receive.ts';

/** A fact is a nudge: the workspace looks again, or, when Azure itself reports, the cluster does. */
export async function passOn(request: Request, { services, client }: Receipt): Promise<Refused | undefined> {
  if (request.kind === 'reference') {
    await ensureWorkspace(client, request.reference);
    return undefined;
  }
  if (request.kind !== 'azure-resource') throw new TypeError(`unexpected ${request.kind} among facts`);
  const owner = parentClusterOf(request.resourceId);
  for (const name of services.clusterNames) {
    const { resourceId } = await services.cluster(name);
    if (owner !== undefined && resourceId.toLowerCase() === owner.toLowerCase()) {
      await ensureCluster(client, name);
      return undefined;
    }
  }
  return {
    reason: 'UnknownCluster',
    refused: [
      {
        field: 'subject',
        reason: 'FieldValueNotFound',
        message: `${request.resourceId} belongs to no configured cluster`,
        remedy: 'Subscribe Event Grid to the configured clusters only, or add this one to SLIPWAY_CLUSTERS.',
      },
    ],
  };
}
