import { encodeReference } from '../events/encode-event.ts';
import { EventType, Queue } from '../events/event-types.ts';
import type { CustomResource, ObjectName } from '../kubernetes/cluster.ts';
import type { Services } from '../reconcile/services.ts';
import { ControllerAnnotation } from '../workspace/annotations.ts';

export type DeletionResult =
  | { outcome: 'deleting'; record: CustomResource }
  | { outcome: 'absent' }
  /** The workspace was made after this delete was asked for. */
  | { outcome: 'superseded'; message: string };

/**
 * Asks for a workspace to be deleted. The delete is remembered in the cluster first, also when there is no such workspace: a create
 * that was asked for earlier and comes later must not bring it back.
 */
export async function requestDeletion(
  services: Services,
  clusterName: string,
  workspace: ObjectName,
  requestedAt?: string,
): Promise<DeletionResult> {
  const { connection } = await services.cluster(clusterName);
  const { value: record, serverTime } = await connection.records.get(workspace);
  const made =
    record?.metadata.annotations?.[ControllerAnnotation.acceptedAt] ?? record?.metadata.creationTimestamp;
  // Compared as times: Kubernetes writes whole seconds without a fraction, which text would sort behind any fraction of them.
  if (requestedAt !== undefined && made !== undefined && Date.parse(requestedAt) < Date.parse(made)) {
    return {
      outcome: 'superseded',
      message: `the workspace was made at ${made}, after this request of ${requestedAt}`,
    };
  }
  await connection.system.rememberDelete({ workspace, requestedAt: requestedAt ?? serverTime });
  if (record === undefined) return { outcome: 'absent' };
  const { namespace, name, uid } = record.metadata;
  const asked = await connection.records.delete({ namespace, name }, uid);
  if (!asked) return { outcome: 'absent' };
  const reference = { cluster: clusterName, namespace, name, uid };
  await services.messages.send([
    encodeReference(Queue.workspaceDeleted, EventType.workspaceDeleted, reference, 'delete'),
  ]);
  // The record as it is now, terminating: a repeated delete gets the same answer. Without a finalizer it went at once.
  const { value: terminating } = await connection.records.get(workspace);
  return { outcome: 'deleting', record: terminating?.metadata.uid === uid ? terminating : record };
}
