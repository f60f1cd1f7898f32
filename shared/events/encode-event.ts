import { CloudEvent } from 'cloudevents';
import { formatKey, sessionId } from '../lifecycle/workspace-key.ts';
import type { EventType, RecordReference } from './event-types.ts';
import { Queue } from './event-types.ts';

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
  const messageId = `evt-${queue}-${reference.uid}-${occasion}`.slice(0, 128);
  const event = new CloudEvent({
    id: messageId,
    type,
    source: `/slipway/clusters/${reference.cluster}`,
    subject: formatKey(reference),
    datacontenttype: 'application/json',
    data: { ...reference },
  });
  return {
    queue,
    body: JSON.stringify(event),
    messageId,
    ...(sessionQueues.has(queue) ? { sessionId: sessionId(reference) } : {}),
    contentType: 'application/cloudevents+json',
    applicationProperties: {},
  };
}
