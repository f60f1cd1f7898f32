import { Queue } from '../../shared/events/event-types.ts';
import type { RecordReference } from '../../shared/events/event-types.ts';
import { requestDeletion } from '../../shared/intake/deletion.ts';
import { ensureWorkspace } from '../ensure-running.ts';
import type { Receipt } from './receive.ts';
import { receive } from './receive.ts';

receive('workspaceDeleted', Queue.workspaceDeleted, async (request, receipt) => {
  if (request.kind === 'reference') {
    if (await isWanted(request.reference, receipt)) await remove(request.reference, receipt);
    else await ensureWorkspace(receipt.client, request.reference);
    return undefined;
  }
  if (request.kind !== 'delete')
    throw new TypeError(`unexpected ${request.kind} on ${Queue.workspaceDeleted}`);
  await remove({ ...request, cluster: request.cluster ?? receipt.services.defaultCluster }, receipt);
  return undefined;
});

/** Our own nudge follows the delete; a user's reference to a record that nobody deleted yet asks for it. */
async function isWanted(reference: RecordReference, { services }: Receipt): Promise<boolean> {
  const { connection } = await services.cluster(reference.cluster);
  const { value } = await connection.records.get(reference);
  return value?.metadata.uid === reference.uid && value.metadata.deletionTimestamp === undefined;
}

async function remove(
  { cluster, namespace, name }: { cluster: string; namespace: string; name: string },
  { services, message, log }: Receipt,
): Promise<void> {
  const result = await requestDeletion(services, cluster, { namespace, name }, message.requestedAt);
  log.info('delete accepted', { messageId: message.messageId, outcome: result.outcome, namespace, name });
}
