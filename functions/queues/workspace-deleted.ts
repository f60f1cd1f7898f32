import { Queue } from '../../shared/events/event-types.ts';
import { requestDeletion } from '../../shared/intake/deletion.ts';
import { ensureWorkspace } from '../ensure-running.ts';
import { receive } from './receive.ts';

receive('workspaceDeleted', Queue.workspaceDeleted, async (request, { services, client, message, log }) => {
  if (request.kind === 'reference') {
    await ensureWorkspace(client, request.reference);
    return undefined;
  }
  if (request.kind !== 'delete')
    throw new TypeError(`unexpected ${request.kind} on ${Queue.workspaceDeleted}`);
  const { namespace, name } = request;
  const cluster = request.cluster ?? services.defaultCluster;
  const result = await requestDeletion(services, cluster, { namespace, name }, message.requestedAt);
  log.info('delete accepted', { messageId: message.messageId, outcome: result.outcome, namespace, name });
  return undefined;
});
