import type { Request } from '../../shared/events/event-types.ts';
import { readClusterResource } from '../../shared/azure/resource-id.ts';
import { ensureCluster, ensureWorkspace } from '../ensure-running.ts';
import type { Receipt, Refused } from './receive.ts';

/** A fact is a nudge: the workspace looks again, or, when Azure itself reports, the cluster does. */
export async function passOn(request: Request, receipt: Receipt): Promise<Refused | undefined> {
  switch (request.kind) {
    case 'reference':
      await ensureWorkspace(receipt.client, request.reference);
      return undefined;
    case 'azure-resource':
      return lookAt(request.resourceId, receipt);
    default:
      throw new TypeError(`unexpected ${request.kind} among facts`);
  }
}

/**
 * Azure tells about a whole resource group, so most of what it tells is of no interest here. A pool that changed, and a cluster that was
 * stopped, started or deleted, are looked at at once.
 */
async function lookAt(resourceId: string, { services, client, log }: Receipt): Promise<Refused | undefined> {
  const resource = readClusterResource(resourceId);
  if (resource === undefined) {
    log.info('event passed over', { resource: resourceId, why: 'it is no cluster and no agent pool' });
    return undefined;
  }
  for (const name of services.clusterNames) {
    const configured = await services.cluster(name);
    if (configured.resourceId.toLowerCase() === resource.cluster.toLowerCase()) {
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
        message: `${resourceId} belongs to no configured cluster`,
        remedy: 'Subscribe Event Grid to the configured clusters only, or add this one to SLIPWAY_CLUSTERS.',
      },
    ],
  };
}
