import { CloudEvent } from 'cloudevents';
import { formatKey, sessionId } from '../lifecycle/workspace-key.ts';
import type { WorkspaceKey } from '../lifecycle/workspace-key.ts';
import type { RecordReference } from './event-types.ts';
import { EventType, Queue } from './event-types.ts';

/** A message ready to be sent: body as JSON text, ids decided. */
export interface OutgoingMessage {
  queue: Queue;
  body: string;
  messageId: string;
  /** Only on the queues that have sessions. */
  sessionId?: string;
  contentType: string;
  applicationProperties: Record<string, string | number>;
}

/** Which queues have sessions; the others refuse a receiver that asks for one. */
export const sessionQueues: ReadonlySet<string> = new Set([Queue.workspaceCreated, Queue.workspaceDeleted]);

/**
 * An event about one record. `occasion` tells two events about the same record apart (an intent hash, a resourceVersion): the same
 * occasion always yields the same message id, so that duplicate detection drops repeats.
 */
export function encodeReference(
  queue: Queue,
  type: EventType,
  reference: RecordReference,
  occasion: string,
): OutgoingMessage {
  return encode({
    queue,
    type,
    key: reference,
    data: { ...reference },
    id: `evt-${queue}-${reference.uid}-${occasion}`,
  });
}

/** A delete by name, to be carried out when its cluster answers. `requestId` tells two requests apart. */
export function encodeDelete(key: WorkspaceKey, requestId: string): OutgoingMessage {
  const queue = Queue.workspaceDeleted;
  return encode({
    queue,
    type: EventType.workspaceDeleted,
    key,
    data: { ...key },
    id: `evt-${queue}-${requestId}`,
  });
}

function encode(event: {
  queue: Queue;
  type: EventType;
  key: WorkspaceKey;
  data: object;
  id: string;
}): OutgoingMessage {
  const { queue, type, key, data } = event;
  // Service Bus takes message ids of at most 128 characters.
  const id = event.id.slice(0, 128);
  const cloudEvent = new CloudEvent({
    id,
    type,
    source: `/slipway/clusters/${key.cluster}`,
    subject: formatKey(key),
    datacontenttype: 'application/json',
    data,
  });
  return {
    queue,
    body: JSON.stringify(cloudEvent),
    messageId: id,
    ...(sessionQueues.has(queue) ? { sessionId: sessionId(key) } : {}),
    contentType: 'application/cloudevents+json',
    applicationProperties: {},
  };
}
