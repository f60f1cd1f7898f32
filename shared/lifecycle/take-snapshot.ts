import { createHash } from 'node:crypto';
import type { CustomResource } from '../kubernetes/cluster.ts';
import type { AdmissionContext } from '../workspace/admission-context.ts';
import { canonicalJson } from '../workspace/canonical.ts';
import type { Fault } from '../workspace/fault.ts';
import { intentHash } from '../workspace/intent.ts';
import { isIntent } from '../workspace/meaning.ts';
import { noFindings } from '../workspace/fault.ts';
import type { LifetimeOptions } from '../workspace/lifetime-options.ts';
import { readLifetimeOptions, withoutLifetime } from '../workspace/lifetime-options.ts';
import { readWorkspace } from '../workspace/validate.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { slipwayFinalizer } from '../workspace/workspace.ts';
import { readConditions, readObserved, readStoredStatus } from './read-status.ts';
import type { WorkspaceSnapshot } from './snapshot.ts';
import type { StoredSlipwayStatus } from './slipway-status.ts';
import { isText } from './stored-fields.ts';
import { isRecord } from '../workspace/json-object.ts';

/** A stored record, read: what the user wants, or why it cannot be acted on. */
export interface ReadRecord {
  /** Undefined when the record is not acceptable. */
  workspace: Workspace | undefined;
  /** Why not; such records come by `kubectl apply`, past our doors. */
  faults: Fault[];
  /** Hash of what the user wants, acceptable or not. */
  intent: string;
  /** The same without the options of lifetime. */
  workIntent: string;
}

/** Faults that travel in a snapshot; the rest would only swell the history. */
const faultsKept = 5;

/** @param admission what the rules must know of the record's cluster */
export function readRecord(object: CustomResource, admission: Partial<AdmissionContext> = {}): ReadRecord {
  const read = readWorkspace(object, admission);
  if (read.ok) {
    const workspace = read.value;
    return { workspace, faults: [], intent: intentHash(workspace), workIntent: workIntentHash(workspace) };
  }
  const intent = rawIntent(object);
  return { workspace: undefined, faults: read.faults.slice(0, faultsKept), intent, workIntent: intent };
}

function workIntentHash(workspace: Workspace): string {
  const annotations = withoutLifetime(workspace.metadata.annotations);
  return intentHash({ ...workspace, metadata: { ...workspace.metadata, annotations } });
}

/** The limits on a record's life; they hold for one that is not acceptable, too. */
export function lifetimeOf({ metadata }: CustomResource): LifetimeOptions {
  return readLifetimeOptions(metadata.annotations ?? {}, noFindings());
}

/** The compact view of a record that decisions are made on. */
export function takeSnapshot(
  cluster: string,
  object: CustomResource,
  admission: Partial<AdmissionContext> = {},
): WorkspaceSnapshot {
  const { workspace, faults, intent, workIntent } = readRecord(object, admission);
  const status = isRecord(object['status']) ? object['status'] : {};
  const { metadata } = object;
  return {
    key: { cluster, namespace: metadata.namespace, name: metadata.name },
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    generation: metadata.generation ?? 0,
    createdAt: metadata.creationTimestamp,
    intent,
    workIntent,
    lifetime: lifetimeOf(object),
    instanceType: workspace?.resource.instanceType ?? '',
    tuning: workspace === undefined ? isRecord(object['tuning']) : workspace.tuning !== undefined,
    ...(admission.provisioning === 'byo' ? { broughtNodes: true } : {}),
    deleting: metadata.deletionTimestamp !== undefined,
    hasFinalizer: metadata.finalizers?.includes(slipwayFinalizer) ?? false,
    faults,
    conditions: readConditions(status['conditions']),
    state: typeof status['state'] === 'string' ? status['state'] : '',
    workerNodes: Array.isArray(status['workerNodes']) ? status['workerNodes'].filter(isText) : [],
    targetNodeCount: typeof status['targetNodeCount'] === 'number' ? status['targetNodeCount'] : 0,
    slipway: withoutTrail(readStoredStatus(status['slipway'])),
    observed: readObserved(isRecord(status['slipway']) ? status['slipway']['observed'] : undefined),
  };
}

/** The trail grows and nobody decides by it: it stays out of the history. */
function withoutTrail(stored: StoredSlipwayStatus | null): WorkspaceSnapshot['slipway'] {
  if (stored === null) return null;
  const { trail, observed, ...status } = stored;
  return status;
}

function rawIntent(object: CustomResource): string {
  const { status, metadata, ...wanted } = object;
  const annotations = Object.entries(metadata.annotations ?? {}).filter(([key]) => isIntent(key));
  const text = canonicalJson({
    ...wanted,
    annotations: Object.fromEntries(annotations),
    deleting: metadata.deletionTimestamp !== undefined,
  });
  return createHash('sha256').update(text).digest('hex');
}
