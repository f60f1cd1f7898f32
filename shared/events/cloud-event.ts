import { CloudEvent } from 'cloudevents';
import { CauseReason, shown } from '../workspace/fault.ts';
import type { Fault } from '../workspace/fault.ts';
import { isRecord } from '../workspace/json-object.ts';
import { EventType, Queue } from './event-types.ts';

/** A well-formed event; `resourceId` when Azure (Event Grid) tells about one of its resources. */
export type ReadCloudEvent = { ok: true; resourceId: string | undefined } | { ok: false; faults: Fault[] };

/** Our own type of event on each queue. */
const ownType: ReadonlyMap<Queue, string> = new Map([
  [Queue.workspaceCreated, EventType.workspaceCreated],
  [Queue.workspaceDeleted, EventType.workspaceDeleted],
  [Queue.nodeProvisioned, EventType.nodeProvisioned],
  [Queue.workloadReady, EventType.workloadReady],
]);
const ownPrefix = 'dev.slipway.';
const azurePrefix = 'Microsoft.Resources.';
/** Where Azure's own events may come. */
const factQueues: ReadonlySet<Queue> = new Set([Queue.nodeProvisioned, Queue.workloadReady]);

/** Whether it means to be a CloudEvent, well-formed or not. No Workspace has these fields. */
export function isCloudEvent(value: Record<string, unknown>): boolean {
  return 'specversion' in value || ('data' in value && ('type' in value || 'source' in value));
}

/** Whether it is in Event Grid's own schema, one event or a list of them: its subscription asks for the wrong form. */
export function isEventGridSchema(value: unknown): boolean {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return isRecord(first) && 'eventType' in first && 'eventTime' in first && !('specversion' in first);
}

/** Checks the attributes (CloudEvents 1.0, "Context Attributes") and that an event of this type belongs on this queue. */
export function readCloudEvent(queue: Queue, value: Record<string, unknown>): ReadCloudEvent {
  const faults = [...versionFaults(value['specversion']), ...['id', 'source', 'type'].flatMap(absent(value))];
  if (faults.length > 0) return { ok: false, faults };
  const invalid = refusedBySdk(value);
  if (invalid !== undefined) return { ok: false, faults: [invalid] };
  const type = String(value['type']);
  if (type.startsWith(azurePrefix) && factQueues.has(queue)) return readResource(value['subject']);
  if (type.startsWith(azurePrefix) || (type.startsWith(ownPrefix) && type !== ownType.get(queue))) {
    const message = `events of type ${shown(type)} do not belong on the queue ${queue}`;
    const remedy = `send ${ownType.get(queue) ?? 'nothing'} there`;
    return { ok: false, faults: [{ field: 'type', reason: CauseReason.NotSupported, message, remedy }] };
  }
  return { ok: true, resourceId: undefined };
}

function versionFaults(given: unknown): Fault[] {
  if (given === '1.0') return [];
  const remedy = 'write "specversion": "1.0"';
  return given === undefined
    ? [{ field: 'specversion', reason: CauseReason.Required, message: 'specversion is required', remedy }]
    : [
        {
          field: 'specversion',
          reason: CauseReason.NotSupported,
          message: `CloudEvents ${shown(given)} is not supported`,
          remedy,
        },
      ];
}

function absent(value: Record<string, unknown>): (attribute: string) => Fault[] {
  return (attribute) => {
    const given = value[attribute];
    if (typeof given === 'string' && given !== '') return [];
    if (given === undefined || given === '')
      return [{ field: attribute, reason: CauseReason.Required, message: `${attribute} is required` }];
    const message = `must be text, not ${shown(given)}`;
    return [{ field: attribute, reason: CauseReason.TypeInvalid, message, remedy: 'put it in quotes' }];
  };
}

/** What is left to the SDK: the form of `time`, names of extension attributes, and the types of the optional ones. */
function refusedBySdk(value: Record<string, unknown>): Fault | undefined {
  try {
    new CloudEvent(value, true);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message.replace(/\s+/g, ' ').slice(0, 500) : String(error);
    const field =
      ['time', 'subject', 'dataschema', 'datacontenttype'].find((name) => message.includes(name)) ?? '';
    return { field, reason: CauseReason.Invalid, message: `not a valid CloudEvent: ${message}` };
  }
}

/** Event Grid names the changed resource in `subject`. */
function readResource(subject: unknown): ReadCloudEvent {
  if (typeof subject === 'string' && /^\/subscriptions\/./i.test(subject))
    return { ok: true, resourceId: subject };
  const message = 'an Azure resource event must name the resource id in subject';
  return { ok: false, faults: [{ field: 'subject', reason: CauseReason.Invalid, message }] };
}
