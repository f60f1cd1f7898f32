/** What the routes suspend and resume do with a record: set the annotations that a user could set by hand, then nudge. */
import { Retryable } from '../errors/slipway-error.ts';
import { encodeReference } from '../events/encode-event.ts';
import { EventType, Queue } from '../events/event-types.ts';
import type { CustomResource, ObjectName } from '../kubernetes/cluster.ts';
import { expiredAt, expiryText } from '../lifecycle/expiry.ts';
import { readStoredStatus } from '../lifecycle/read-status.ts';
import { lifetimeOf } from '../lifecycle/take-snapshot.ts';
import { slipwayOf } from '../reconcile/observe-cluster.ts';
import type { Services } from '../reconcile/services.ts';
import { ControllerAnnotation, SlipwayAnnotation } from '../workspace/annotations.ts';
import type { Annotations } from '../workspace/annotations.ts';
import { equalMeaning } from '../workspace/canonical.ts';
import { CauseReason } from '../workspace/fault.ts';
import type { Fault } from '../workspace/fault.ts';
import { isRecord } from '../workspace/json-object.ts';
import type { LifetimeOptions } from '../workspace/lifetime-options.ts';
import { scheduleAt } from '../workspace/schedule.ts';
import type { SuspensionRequest } from './suspension-request.ts';

export type SuspensionResult =
  | { outcome: 'updated' | 'unchanged'; record: CustomResource }
  | { outcome: 'absent' }
  /** It is being deleted. */
  | { outcome: 'terminating'; record: CustomResource }
  | { outcome: 'invalid'; faults: Fault[] }
  /** This workspace cannot be suspended, or not be resumed. */
  | { outcome: 'refused'; message: string };

/** Writers of one record race at most with a few others; beyond that something is wrong. */
const attempts = 5;

/** Throws what the cluster's ports throw, when the record cannot be written now or at all. */
export async function requestSuspension(
  services: Services,
  clusterName: string,
  workspace: ObjectName,
  request: SuspensionRequest,
): Promise<SuspensionResult> {
  const { records } = (await services.cluster(clusterName)).connection;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const { value: record, serverTime } = await records.get(workspace);
    if (record === undefined) return { outcome: 'absent' };
    if (record.metadata.deletionTimestamp !== undefined) return { outcome: 'terminating', record };
    const refusal = refusalOf(record, request, serverTime);
    if (refusal !== undefined) return refusal;
    const before = record.metadata.annotations ?? {};
    const annotations = steered(before, request, { lifetime: lifetimeOf(record), now: serverTime });
    const unchanged = equalMeaning(annotations, before);
    const written = unchanged
      ? record
      : await unlessRaced(() =>
          records.replace({
            ...record,
            metadata: {
              ...record.metadata,
              annotations: { ...annotations, [ControllerAnnotation.steeredAt]: serverTime },
            },
          }),
        );
    if (written === undefined) continue;
    await nudge(services, clusterName, written);
    return { outcome: unchanged ? 'unchanged' : 'updated', record: written };
  }
  throw new Retryable('Conflict', {
    message: `workspace ${workspace.name} is being written by others`,
    remedy: 'Send the request again.',
  });
}

function refusalOf(
  record: CustomResource,
  { suspended, until }: SuspensionRequest,
  now: string,
): SuspensionResult | undefined {
  if (until !== null && until <= now) {
    const message = `${until} is past: it is ${now} in the cluster`;
    return { outcome: 'invalid', faults: [{ field: 'until', reason: CauseReason.Invalid, message }] };
  }
  if (suspended && isRecord(record['tuning'])) return { outcome: 'refused', message: tuningRefusal };
  if (suspended && readStoredStatus(slipwayOf(record))?.plan?.broughtNodes === true)
    return { outcome: 'refused', message: broughtRefusal };
  const lifetime = lifetimeOf(record);
  const expired = expiredAt({ createdAt: record.metadata.creationTimestamp, lifetime }, now);
  if (expired === null || (suspended && lifetime.onExpiry === 'suspend')) return undefined;
  const remedy = suspended
    ? 'it is about to be deleted'
    : 'give it a longer slipway.dev/ttl or a later slipway.dev/expires-at';
  return { outcome: 'refused', message: `${expiryText(expired)}; ${remedy}` };
}

const tuningRefusal =
  'a tuning workspace is not suspended: its Job would begin from the start; let it finish, or delete it';

const broughtRefusal =
  'its nodes were brought by its user, and Slipway does not take them away; take them away yourself, or delete the workspace';

/** Without `until` it counts up to the schedule's next turn, or for good where there is no schedule. */
function steered(
  before: Annotations,
  { suspended, mode, until }: SuspensionRequest,
  { lifetime, now }: { lifetime: LifetimeOptions; now: string },
): Record<string, string> {
  const {
    [SlipwayAnnotation.suspended]: wasSuspended,
    [SlipwayAnnotation.suspendedUntil]: wasUntil,
    ...others
  } = before;
  const { schedule } = lifetime;
  if (!suspended && schedule === null) return others;
  const limit = until ?? (schedule === null ? null : scheduleAt(schedule, now).at);
  return {
    ...others,
    [SlipwayAnnotation.suspended]: String(suspended),
    ...(limit === null ? {} : { [SlipwayAnnotation.suspendedUntil]: limit }),
    ...(mode === null ? {} : { [SlipwayAnnotation.suspendMode]: mode }),
  };
}

/** The occasion is this state of the record: to suspend again what was resumed is another nudge, though the intent is one of before. */
async function nudge(services: Services, cluster: string, { metadata }: CustomResource): Promise<void> {
  const { namespace, name, uid, resourceVersion } = metadata;
  const reference = { cluster, namespace, name, uid };
  await services.messages.send([
    encodeReference(Queue.workspaceCreated, EventType.workspaceCreated, reference, `v${resourceVersion}`),
  ]);
}

async function unlessRaced(write: () => Promise<CustomResource>): Promise<CustomResource | undefined> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof Retryable && error.code === 'Conflict') return undefined;
    throw error;
  }
}
