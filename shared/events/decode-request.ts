import { CloudEvent } from 'cloudevents';
import { CauseReason } from '../workspace/fault.ts';
import type { Fault } from '../workspace/fault.ts';
import { parseDocument } from '../workspace/parse.ts';
import type { RecordReference, Request } from './event-types.ts';
import { Queue } from './event-types.ts';

export type DecodedRequest = { ok: true; request: Request } | { ok: false; faults: Fault[] };

/**
 * Reads the body of a message on one of the request or fact queues: a CloudEvent 1.0 in structured JSON, or on `workspace-created`
 * a bare Workspace (JSON or YAML). `body` is what the Functions worker hands over: parsed JSON, or text where that failed.
 * `cluster` is the message's own application property, for bodies that cannot name one.
 */
export function decodeRequest(queue: Queue, body: unknown, cluster?: string): DecodedRequest {
  const parsed =
    typeof body === 'string' ? parseDocument(body) : parseDocument(jsonText(body), 'application/json');
  if (!parsed.ok) return parsed;
  const { value } = parsed;
  if (!isRecord(value)) return fault('', CauseReason.TypeInvalid, 'the message body must be an object');
  if ('specversion' in value) return decodeCloudEvent(queue, value, cluster);
  return decodeData(queue, value, cluster, '');
}

/** The worker has parsed the text already; the limits of size and depth are checked on text. */
function jsonText(body: unknown): string {
  return body === undefined ? '' : JSON.stringify(body);
}

function decodeCloudEvent(
  queue: Queue,
  value: Record<string, unknown>,
  cluster: string | undefined,
): DecodedRequest {
  const invalid = cloudEventFault(value);
  if (invalid !== undefined) return { ok: false, faults: [invalid] };
  const type = typeof value['type'] === 'string' ? value['type'] : '';
  if (type.startsWith('Microsoft.Resources.')) return decodeEventGrid(value);
  const named = typeof value['cluster'] === 'string' ? value['cluster'] : cluster;
  const data = value['data'];
  if (typeof data === 'string') {
    const parsed = parseDocument(data);
    if (!parsed.ok)
      return { ok: false, faults: parsed.faults.map((found) => ({ ...found, field: `data${found.field}` })) };
    if (isRecord(parsed.value)) return decodeData(queue, parsed.value, named, 'data.');
  }
  if (!isRecord(data))
    return fault('data', CauseReason.Required, 'a CloudEvent on this queue needs an object in data');
  return decodeData(queue, data, named, 'data.');
}

function decodeData(
  queue: Queue,
  data: Record<string, unknown>,
  cluster: string | undefined,
  prefix: string,
): DecodedRequest {
  if (queue === Queue.workspaceCreated && !isReference(data)) {
    return { ok: true, request: { kind: 'document', document: data, cluster } };
  }
  if (isReference(data)) return { ok: true, request: { kind: 'reference', reference: toReference(data) } };
  if (queue === Queue.workspaceDeleted) return decodeDelete(data, cluster, prefix);
  const missing = ['cluster', 'namespace', 'name', 'uid'].filter((field) => typeof data[field] !== 'string');
  return {
    ok: false,
    faults: missing.map((field) => ({
      field: `${prefix}${field}`,
      reason: CauseReason.Required,
      message: `${field} is required`,
      remedy: 'A fact names its record by cluster, namespace, name and uid.',
    })),
  };
}

/** `{namespace, name}`, or a Workspace document, of which only the metadata counts. */
function decodeDelete(
  data: Record<string, unknown>,
  cluster: string | undefined,
  prefix: string,
): DecodedRequest {
  const metadata = isRecord(data['metadata']) ? data['metadata'] : data;
  const path = isRecord(data['metadata']) ? `${prefix}metadata.` : prefix;
  const name = metadata['name'];
  const namespace = metadata['namespace'] ?? 'default';
  const faults: Fault[] = [];
  if (typeof name !== 'string' || name === '') {
    faults.push({
      field: `${path}name`,
      reason: CauseReason.Required,
      message: 'name of the workspace to delete is required',
    });
  }
  if (typeof namespace !== 'string') {
    faults.push({
      field: `${path}namespace`,
      reason: CauseReason.TypeInvalid,
      message: 'namespace must be a string',
    });
  }
  if (typeof name !== 'string' || typeof namespace !== 'string' || faults.length > 0)
    return { ok: false, faults };
  const named = typeof data['cluster'] === 'string' ? data['cluster'] : cluster;
  return { ok: true, request: { kind: 'delete', namespace, name, cluster: named } };
}

/** Event Grid names the changed resource in `subject`. */
function decodeEventGrid(value: Record<string, unknown>): DecodedRequest {
  const subject = value['subject'];
  if (typeof subject === 'string' && subject.startsWith('/subscriptions/')) {
    return { ok: true, request: { kind: 'azure-resource', resourceId: subject } };
  }
  return fault(
    'subject',
    CauseReason.Invalid,
    'an Azure resource event must name the resource id in subject',
  );
}

function cloudEventFault(value: Record<string, unknown>): Fault | undefined {
  if (value['specversion'] !== '1.0') {
    return {
      field: 'specversion',
      reason: CauseReason.NotSupported,
      message: 'only CloudEvents 1.0 is supported',
    };
  }
  try {
    new CloudEvent(value, true);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message.replace(/\s+/g, ' ').slice(0, 500) : String(error);
    return { field: '', reason: CauseReason.Invalid, message: `not a valid CloudEvent: ${message}` };
  }
}

function isReference(data: Record<string, unknown>): boolean {
  return ['cluster', 'namespace', 'name', 'uid'].every((field) => typeof data[field] === 'string');
}

function toReference(data: Record<string, unknown>): RecordReference {
  const text = (field: string): string => String(data[field]);
  return { cluster: text('cluster'), namespace: text('namespace'), name: text('name'), uid: text('uid') };
}

function fault(field: string, reason: Fault['reason'], message: string): DecodedRequest {
  return { ok: false, faults: [{ field, reason, message }] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
