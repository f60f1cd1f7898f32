/** What both doors do with a Workspace: validate, write the record, nudge. Intent is written before any event is sent. */
import { Retryable, Terminal } from '../errors/slipway-error.ts';
import { encodeReference } from '../events/encode-event.ts';
import { EventType, Queue } from '../events/event-types.ts';
import type { CustomResource, NewCustomResource, Timed } from '../kubernetes/cluster.ts';
import { readRecord } from '../lifecycle/take-snapshot.ts';
import { toCustomResource } from '../manifests/custom-resource.ts';
import type { ClusterServices, Services } from '../reconcile/services.ts';
import type { AdmissionContext } from '../workspace/admission-context.ts';
import { ControllerAnnotation } from '../workspace/annotations.ts';
import type { Fault } from '../workspace/fault.ts';
import { intentHash } from '../workspace/intent.ts';
import { validateCreate, validateUpdate } from '../workspace/validate.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { group, storageVersion } from '../workspace/workspace.ts';

export interface Submission {
  /** Parsed, not yet validated. */
  document: unknown;
  cluster: string;
  /** `create` refuses another spec under the same name, `apply` updates. */
  mode: 'create' | 'apply';
  /** Which record the caller means to change, as read earlier; any other is left alone. */
  expected?: ExpectedRecord;
  /** When it was first asked for (ISO 8601); absent for a caller who waits for the answer and so asks now. */
  requestedAt?: string;
}

export interface ExpectedRecord {
  uid?: string;
  resourceVersion?: string;
}

export type SubmissionResult =
  | { outcome: 'created' | 'unchanged' | 'updated'; record: CustomResource; warnings: string[] }
  | { outcome: 'invalid'; faults: Fault[] }
  /** Another spec is recorded under this name. */
  | { outcome: 'conflict'; record: CustomResource }
  /** The workspace of this name is being deleted; ask again when it is gone. */
  | { outcome: 'terminating'; record: CustomResource }
  /** The record is not, or no longer, the one the caller expected. */
  | { outcome: 'stale'; message: string }
  /** A newer request, or a delete, was accepted meanwhile. */
  | { outcome: 'superseded'; message: string };

/** Writers of one record race at most with a few others; beyond that something is wrong. */
const attempts = 5;

/** Throws what the cluster's ports throw, when the record cannot be written now or at all. */
export async function submit(services: Services, submission: Submission): Promise<SubmissionResult> {
  const admission = services.admission(submission.cluster);
  const validated = validateCreate(submission.document, admission);
  if (!validated.ok) return { outcome: 'invalid', faults: validated.faults };
  const cluster = await services.cluster(submission.cluster);
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const accepted = { workspace: validated.value, warnings: validated.warnings, admission };
    const result = await attemptSubmit(cluster, submission, accepted);
    if (result === 'raced') continue;
    if ('record' in result && result.outcome !== 'conflict' && result.outcome !== 'terminating') {
      await announce(services, { cluster: submission.cluster, admission }, result.record);
    }
    return result;
  }
  throw new Retryable('Conflict', {
    message: `workspace ${validated.value.metadata.name} is being written by others`,
    remedy: 'Send the request again.',
  });
}

/** A document that may be recorded. */
interface Accepted {
  workspace: Workspace;
  warnings: string[];
  /** What the rules knew of the cluster. */
  admission: Partial<AdmissionContext>;
}

async function attemptSubmit(
  cluster: ClusterServices,
  submission: Submission,
  { workspace, warnings, admission }: Accepted,
): Promise<SubmissionResult | 'raced'> {
  const { namespace, name } = workspace.metadata;
  const found = await cluster.connection.records.get({ namespace, name });
  const record = found.value;
  const acceptedAt = submission.requestedAt ?? found.serverTime;
  const { expected } = submission;
  if (record === undefined) {
    if (expected !== undefined) return { outcome: 'stale', message: 'there is no such workspace any more' };
    return create({ cluster, submission, workspace, warnings, acceptedAt });
  }
  if (record.metadata.deletionTimestamp !== undefined) return { outcome: 'terminating', record };
  if (expected?.uid !== undefined && expected.uid !== record.metadata.uid)
    return { outcome: 'stale', message: `its uid is now ${record.metadata.uid}` };
  const recorded = readRecord(record, admission);
  if (recorded.intent === intentHash(workspace)) return { outcome: 'unchanged', record, warnings };
  if (submission.mode === 'create') return { outcome: 'conflict', record };
  const { resourceVersion } = record.metadata;
  // After the look at the intent: the same request again must get the same answer, though its own write raised the version.
  if (expected?.resourceVersion !== undefined && expected.resourceVersion !== resourceVersion)
    return { outcome: 'stale', message: `its resourceVersion is now ${resourceVersion}` };
  const newer = lastChangedAt(record);
  if (
    submission.requestedAt !== undefined &&
    newer !== undefined &&
    Date.parse(submission.requestedAt) < Date.parse(newer)
  ) {
    return {
      outcome: 'superseded',
      message: `a request of ${newer} was accepted after this one of ${submission.requestedAt}`,
    };
  }
  if (recorded.workspace !== undefined) {
    const update = validateUpdate(recorded.workspace, submission.document, admission);
    if (!update.ok) return { outcome: 'invalid', faults: update.faults };
  }
  const next = successor(record, workspace, acceptedAt);
  const written = await unlessRaced(async () => cluster.connection.records.replace(next));
  return written === 'raced' ? 'raced' : { outcome: 'updated', record: written, warnings };
}

/** When a person last changed it through one of our doors. */
function lastChangedAt({ metadata }: CustomResource): string | undefined {
  const { [ControllerAnnotation.acceptedAt]: accepted, [ControllerAnnotation.steeredAt]: steered } =
    metadata.annotations ?? {};
  if (accepted === undefined || steered === undefined) return accepted ?? steered;
  return Date.parse(accepted) < Date.parse(steered) ? steered : accepted;
}

async function create(order: {
  cluster: ClusterServices;
  submission: Submission;
  workspace: Workspace;
  warnings: string[];
  acceptedAt: string;
}): Promise<SubmissionResult | 'raced'> {
  const { cluster, submission, workspace, warnings, acceptedAt } = order;
  const { namespace, name } = workspace.metadata;
  if (submission.requestedAt !== undefined) {
    const tombstone = await cluster.connection.system.findTombstone({ namespace, name });
    if (tombstone !== undefined && Date.parse(submission.requestedAt) <= Date.parse(tombstone.requestedAt)) {
      return {
        outcome: 'superseded',
        message: `a delete of ${tombstone.requestedAt} came after this request of ${submission.requestedAt}`,
      };
    }
  }
  const object = newRecord(workspace, acceptedAt);
  const written = await unlessRaced(async (): Promise<Timed<CustomResource>> =>
    cluster.connection.records.create(object),
  );
  return written === 'raced' ? 'raced' : { outcome: 'created', record: written.value, warnings };
}

/** The nudge that starts or wakes the workspace's orchestration; the same intent has the same message id. */
async function announce(
  services: Services,
  { cluster, admission }: { cluster: string; admission: Partial<AdmissionContext> },
  record: CustomResource,
): Promise<void> {
  const { namespace, name, uid } = record.metadata;
  const { intent } = readRecord(record, admission);
  await services.messages.send([
    encodeReference(
      Queue.workspaceCreated,
      EventType.workspaceCreated,
      { cluster, namespace, name, uid },
      intent.slice(0, 16),
    ),
  ]);
}

function newRecord(workspace: Workspace, acceptedAt: string): NewCustomResource {
  const { metadata, ...rest } = toCustomResource(workspace);
  return {
    ...rest,
    apiVersion: `${group}/${storageVersion}`,
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace,
      labels: metadata.labels ?? {},
      annotations: { ...metadata.annotations, [ControllerAnnotation.acceptedAt]: acceptedAt },
    },
  };
}

/** The record with the new intent; what the server and we ourselves keep in metadata stays. */
function successor(record: CustomResource, workspace: Workspace, acceptedAt: string): CustomResource {
  const fresh = newRecord(workspace, acceptedAt);
  return {
    ...fresh,
    ...(record['status'] === undefined ? {} : { status: record['status'] }),
    metadata: {
      ...record.metadata,
      labels: { ...record.metadata.labels, ...fresh.metadata.labels },
      annotations: fresh.metadata.annotations ?? {},
    },
  };
}

/** Somebody else wrote between our read and our write: read again. */
async function unlessRaced<T>(write: () => Promise<T>): Promise<T | 'raced'> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof Retryable && error.code === 'Conflict') return 'raced';
    if (error instanceof Terminal && error.code === 'AlreadyExists') return 'raced';
    throw error;
  }
}
