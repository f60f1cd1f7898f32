/** What this API can still do while a cluster does not answer: tell what was last known, and take deletes. */
import type { HttpResponseInit } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { Retryable } from '../../shared/errors/slipway-error.ts';
import { encodeDelete } from '../../shared/events/encode-event.ts';
import { formatKey } from '../../shared/lifecycle/workspace-key.ts';
import type { WorkspaceKey } from '../../shared/lifecycle/workspace-key.ts';
import type { Services } from '../../shared/reconcile/services.ts';
import { group, kind, storageVersion } from '../../shared/workspace/workspace.ts';
import { liveInstances } from '../live-instances.ts';

/** On a Workspace that was not read from its cluster: since when it has not been. */
export const staleAnnotation = 'slipway.dev/stale-since';

export function isOutOfReach(error: unknown): boolean {
  return error instanceof Retryable && error.code === 'ClusterUnreachable';
}

/**
 * The workspace as its orchestration last saw it, marked stale. Throws `Retryable('ClusterUnreachable')` when no orchestration
 * knows it: whether it exists cannot be told.
 */
export async function lastKnownWorkspace(
  client: DurableClient,
  key: WorkspaceKey,
): Promise<HttpResponseInit> {
  const wanted = formatKey(key);
  for (const { customStatus } of await liveInstances(client)) {
    const known = textFields(customStatus);
    if (known['workspace'] === wanted) return staleResponse(key, known);
  }
  throw new Retryable('ClusterUnreachable', {
    message: `cluster ${key.cluster} does not answer, and nothing is known here of workspace ${key.namespace}/${key.name}`,
    remedy: 'Ask again when the cluster answers.',
  });
}

/** The delete waits in its queue until the cluster answers. */
export async function queueDelete(
  services: Services,
  key: WorkspaceKey,
  requestId: string,
): Promise<HttpResponseInit> {
  await services.messages.send([encodeDelete(key, requestId)]);
  return {
    status: 202,
    headers: { Warning: staleWarning },
    jsonBody: {
      apiVersion: 'v1',
      kind: 'Status',
      metadata: {},
      status: 'Success',
      message: `cluster ${key.cluster} does not answer; workspace ${key.namespace}/${key.name} is deleted as soon as it does`,
    },
  };
}

/** RFC 7234, 5.5.1. */
const staleWarning = '110 - "Response is Stale"';

function staleResponse(key: WorkspaceKey, known: Readonly<Record<string, string>>): HttpResponseInit {
  const { uid = '', resourceVersion = '', seenAt = '', instanceType = '', state = '', phase = '' } = known;
  const { waitingFor = '', failure = '', trouble = '' } = known;
  return {
    headers: { Warning: staleWarning },
    jsonBody: {
      apiVersion: `${group}/${storageVersion}`,
      kind,
      metadata: {
        name: key.name,
        namespace: key.namespace,
        uid,
        resourceVersion,
        annotations: { [staleAnnotation]: seenAt },
      },
      resource: { instanceType },
      status: { state, slipway: { phase, trouble, lastWaitingFor: waitingFor, lastFailure: failure } },
    },
  };
}

function textFields(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
