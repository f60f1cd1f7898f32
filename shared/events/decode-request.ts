import { CauseReason } from '../workspace/fault.ts';
import type { Fault } from '../workspace/fault.ts';
import { parseDocument } from '../workspace/parse.ts';
import { isCloudEvent, isEventGridSchema, readCloudEvent } from './cloud-event.ts';
import type { Request } from './event-types.ts';
import { Queue } from './event-types.ts';
import { faultUnder } from './fault-under.ts';
import { clusterFault, isReference, readDelete, readReference } from './read-reference.ts';
import { isRecord } from '../workspace/json-object.ts';

export type DecodedRequest = { ok: true; request: Request } | { ok: false; faults: Fault[] };

/**
 * Reads the body of a message on one of the request or fact queues: a CloudEvent 1.0 in structured JSON, or what would be its data:
 * on `workspace-created` a bare Workspace (JSON or YAML). `cluster` is the message's own application property, for bodies that cannot
 * name one.
 */
export function decodeRequest(queue: Queue, body: string, cluster?: string): DecodedRequest {
  const parsed = parseDocument(body);
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  if (isEventGridSchema(value)) return { ok: false, faults: [eventGridSchema] };
  if (!isRecord(value)) return fault('', CauseReason.TypeInvalid, 'the message body must be an object');
  if (isCloudEvent(value)) return decodeCloudEvent(queue, value, cluster);
  return decodeData(queue, value, { cluster, path: '' });
}

const eventGridSchema: Fault = {
  field: 'eventType',
  reason: CauseReason.NotSupported,
  message: "the event is in Event Grid's own schema, not a CloudEvent",
  remedy: 'Set the delivery schema of the event subscription to CloudEventSchemaV1_0.',
};

function decodeCloudEvent(
  queue: Queue,
  value: Record<string, unknown>,
  cluster: string | undefined,
): DecodedRequest {
  const event = readCloudEvent(queue, value);
  if (!event.ok) return event;
  if (event.resourceId !== undefined)
    return { ok: true, request: { kind: 'azure-resource', resourceId: event.resourceId } };
  const wrong = clusterFault(value);
  if (wrong !== undefined) return { ok: false, faults: [wrong] };
  const named = typeof value['cluster'] === 'string' ? value['cluster'] : cluster;
  const data = dataOf(value['data']);
  return data.ok ? decodeData(queue, data.value, { cluster: named, path: 'data.' }) : data;
}

type Data = { ok: true; value: Record<string, unknown> } | { ok: false; faults: Fault[] };

/** The event's data: an object, or the text of one. */
function dataOf(data: unknown): Data {
  const parsed = typeof data === 'string' ? parseDocument(data) : ({ ok: true, value: data } as const);
  if (!parsed.ok) return { ok: false, faults: parsed.faults.map((found) => faultUnder('data.', found)) };
  if (isRecord(parsed.value)) return { ok: true, value: parsed.value };
  const message = 'a CloudEvent on this queue needs an object in data';
  const reason = data === undefined ? CauseReason.Required : CauseReason.TypeInvalid;
  return { ok: false, faults: [{ field: 'data', reason, message }] };
}

function decodeData(
  queue: Queue,
  data: Record<string, unknown>,
  { cluster, path }: { cluster: string | undefined; path: string },
): DecodedRequest {
  const decoded = decode(queue, data, cluster, path);
  return decoded.ok ? decoded : { ok: false, faults: decoded.faults.map((found) => faultUnder(path, found)) };
}

function decode(
  queue: Queue,
  data: Record<string, unknown>,
  cluster: string | undefined,
  path: string,
): DecodedRequest {
  switch (queue) {
    case Queue.workspaceCreated:
      return isReference(data)
        ? readReference(data)
        : { ok: true, request: { kind: 'document', document: data, cluster, path } };
    case Queue.workspaceDeleted:
      return isReference(data) ? readReference(data) : readDelete(data, cluster);
    case Queue.nodeProvisioned:
    case Queue.workloadReady:
      return readReference(data);
    case Queue.workspaceRejected:
      return fault('', CauseReason.NotSupported, 'nothing is read from this queue');
  }
}

function fault(field: string, reason: Fault['reason'], message: string): DecodedRequest {
  return { ok: false, faults: [{ field, reason, message }] };
}
