/**
 * The ports to one AKS cluster's Kubernetes API. Adapters sit beside this file; `functions/composition.ts` wires them.
 *
 * Error contract of every method (see `shared/errors`):
 * - `Retryable('ClusterUnreachable')`: connection failed, timed out, or the server answered 5xx or 401 (after one fresh token);
 * - `Retryable('TooManyRequests')`: 429, with its Retry-After;
 * - `Retryable('Conflict')`: the object changed since it was read, or the uid is another object's;
 * - `Retryable('ClusterNotPrepared')`: the Workspace CRD (or our namespace) is not installed yet;
 * - `Retryable('NamespaceTerminating')`;
 * - `Terminal('NamespaceNotFound')`, `Terminal('AlreadyExists')`, `Terminal('Forbidden')`, `Terminal('Invalid')` (422, with causes in the message),
 *   `Terminal('Expired')` (410: a stale continue token or watch version).
 * Absence of the named object is a value (`undefined`, `false`), never an error.
 */
import type { Refusal } from '../planning/refusal.ts';
import type { Manifest } from './manifest.ts';

/** A custom resource as the API returns it: raw JSON, timestamps as ISO text. */
export interface CustomResource {
  apiVersion: string;
  kind: string;
  metadata: CustomResourceMetadata;
  [field: string]: unknown;
}

export interface CustomResourceMetadata {
  name: string;
  namespace: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  [field: string]: unknown;
}

/** What a door writes: no uid or resourceVersion yet. */
export interface NewCustomResource {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    finalizers?: string[];
  };
  [field: string]: unknown;
}

export interface ObjectName {
  namespace: string;
  name: string;
}

/** A read, with the API server's own clock at that moment (the `Date` header): request times are told on one clock. */
export interface Timed<T> {
  value: T;
  /** ISO 8601, UTC. */
  serverTime: string;
}

export interface WorkspaceQuery {
  namespace?: string;
  /** Only the object of this name. */
  name?: string;
  limit?: number;
  continueToken?: string;
}

export interface WorkspacePage {
  items: CustomResource[];
  continueToken?: string;
  resourceVersion: string;
}

/** One event of a watch; `ERROR` carries a Kubernetes Status. */
export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: Record<string, unknown>;
}

/** The Workspace custom resources: our records. */
export interface WorkspaceRecords {
  get(name: ObjectName): Promise<Timed<CustomResource | undefined>>;
  list(query: WorkspaceQuery): Promise<Timed<WorkspacePage>>;
  create(object: NewCustomResource): Promise<Timed<CustomResource>>;
  /** PUT of the main endpoint, guarded by the uid and resourceVersion inside. */
  replace(object: CustomResource): Promise<CustomResource>;
  /** PUT of the status subresource, guarded the same way. */
  replaceStatus(object: CustomResource): Promise<CustomResource>;
  /**
   * Merge patch of `status.slipway.observed` only, by field manager `slipway-cluster`, guarded by uid but not by
   * resourceVersion. Undefined when the record (with this uid) is gone.
   */
  patchObserved(
    name: ObjectName,
    uid: string,
    observed: Record<string, unknown>,
  ): Promise<CustomResource | undefined>;
  /** Asks for deletion; false when there is no such object (with this uid, when given). */
  delete(name: ObjectName, uid?: string): Promise<boolean>;
  /** Streams changes of one record; ends after `timeoutSeconds`, when the server closes, or when `signal` aborts. Survives the client's own inactivity time-out. */
  watch(
    name: ObjectName,
    options: { resourceVersion?: string; timeoutSeconds: number; signal: AbortSignal },
  ): AsyncIterable<WatchEvent>;
}

/** What the observer reads of the cluster beside the records. */
export interface NodeView {
  name: string;
  labels: Record<string, string>;
  ready: boolean;
  deleting: boolean;
  /** Allocatable `nvidia.com/gpu`, 0 when the device plugin has not registered any. */
  gpus: number;
  /** Why it is not ready, from the Ready condition. */
  reason?: string;
  taints?: NodeTaint[];
  /** Which resources run short, such as `DiskPressure`; absent when none does. */
  pressure?: string[];
  /** Why it offers no GPU, where somebody has asked. */
  gpuProblem?: GpuProblem;
}

export interface NodeTaint {
  key: string;
  value?: string;
  effect: string;
}

/** The step that is missing between a machine with GPUs and pods that may use them. */
export interface GpuProblem {
  reason: 'DevicePluginAbsent' | 'DevicePluginNotScheduled' | 'DevicePluginFailing' | 'DriverMissing';
  message: string;
}

/** A container problem worth telling, classified as KAITO's inference failure classes. */
export interface PodProblem {
  reason:
    | 'ContainerOOMKilled'
    | 'ImagePullError'
    | 'ContainerStartError'
    | 'ContainerCrashLoopBackOff'
    | 'NodeDiskPressure'
    | 'NodeMemoryPressure'
    | 'PodEvicted'
    | 'Unschedulable';
  /** At most 256 bytes. */
  message: string;
  pod: string;
}

/** The workload of one workspace, read from its StatefulSet or Job and their pods. */
export interface WorkloadView {
  /** uid of the owning Workspace (owner reference). */
  ownerUid: string;
  name: string;
  namespace: string;
  kind: 'StatefulSet' | 'Job';
  uid: string;
  deleting: boolean;
  /** Annotation `slipway.dev/workload-revision`, empty when absent. */
  revision: string;
  replicas: number;
  readyReplicas: number;
  /** The controller has seen the newest spec and every pod runs it. */
  upToDate: boolean;
  /** Jobs only: a pod is there, ready or not. */
  started?: true;
  /** Jobs only. */
  outcome?: 'complete' | 'failed';
  problem?: PodProblem;
}

/** Which log, and how much of it. */
export interface ContainerLog {
  pod: ObjectName;
  container: string;
  lines: number;
  bytes: number;
}

/** Everything Slipway makes in the cluster for workspaces. Objects are found by our labels and the owner's uid. */
export interface Workloads {
  /** Server-side apply, field manager `slipway`, forced; in the order given. Services are created once and left as they are (as KAITO does). */
  apply(objects: Manifest[]): Promise<void>;
  /** Deletes (background) what this workspace owns, with uid preconditions. Returns how many objects, pods included, are still there. */
  remove(workspace: ObjectName, ownerUid: string): Promise<number>;
  /** All StatefulSets and Jobs of ours with their pods' problems; a constant number of LIST calls. */
  list(): Promise<WorkloadView[]>;
  /** Value of one ConfigMap key; undefined when the map or the key is absent. */
  readConfig(map: ObjectName, key: string): Promise<string | undefined>;
  /** The same of a Secret, decoded. Only ever one that the user names; the value goes nowhere but to its purpose. */
  readSecret(secret: ObjectName, key: string): Promise<string | undefined>;
  /**
   * The end of a container's log: its last `lines`, of which at most `bytes` are read. Undefined when there is no such pod. The kubelet
   * has the log: while that does not answer the error is `Retryable('ClusterUnreachable')`; `Terminal('Invalid')` when the container has none yet.
   */
  readLog(log: ContainerLog): Promise<string | undefined>;
  storageClassExists(name: string): Promise<boolean>;
  nodes(): Promise<NodeView[]>;
  /** Why each of these Ready nodes offers no GPU, by name. Two LISTs as a rule. */
  gpuProblems(nodes: readonly NodeView[]): Promise<Map<string, GpuProblem>>;
}

/** Who owns the cluster. */
export interface OwnershipView {
  holder: string;
  epoch: number;
}

/** A delete that was asked for, remembered after its record is gone. */
export interface Tombstone {
  workspace: ObjectName;
  /** ISO 8601: when the delete was asked for. */
  requestedAt: string;
}

/** The cluster itself: identity, ownership, what must be installed, tombstones. Our own objects live in namespace `slipway-system`. */
export interface ClusterSystem {
  /** uid of the kube-system namespace: the cluster's identity. */
  identity(): Promise<string>;
  /** Installs (server-side apply) our namespace and the Workspace CRD, and says whether the CRD is Established. */
  install(): Promise<{ established: boolean }>;
  /** `existing` when somebody else's NVIDIA device plugin (or GPU operator's) DaemonSet is there; otherwise applies ours. */
  ensureDevicePlugin(manifest: Manifest): Promise<'existing' | 'ours'>;
  /**
   * Takes or renews the Lease `slipway-system/slipway` for `holder`; `now` and renewal are virtual ISO times from the orchestration.
   * An expired lease of another holder is taken over with epoch + 1. Throws `Terminal('ClusterOwnedByAnother')` naming the holder.
   */
  holdOwnership(holder: string, now: string): Promise<OwnershipView>;
  /** Reads the Lease once; throws `Terminal('ClusterOwnedByAnother')` when `holder` does not hold it. */
  checkOwnership(holder: string): Promise<OwnershipView>;
  /** Keeps the later of what is there and `requestedAt`. */
  rememberDelete(tombstone: Tombstone): Promise<void>;
  findTombstone(workspace: ObjectName): Promise<Tombstone | undefined>;
  /** Drops tombstones older than `before` (ISO 8601). */
  forgetTombstones(before: string): Promise<number>;
}

/**
 * What Azure refused lately, shared by all workspaces of the cluster and all instances of the app. A hint: it may be lost, and costs
 * then one more refusal. `now` is the ISO 8601 time of the orchestration that asks. Two GETs at most for each call, and a write.
 */
export interface Refusals {
  /** Those that still stand. */
  list(now: string): Promise<Refusal[]>;
  /** Adds or renews. Throws `Retryable('Conflict')` when others wrote at the same moment again and again. */
  remember(refusals: readonly Refusal[], now: string): Promise<void>;
  /** Drops these: somebody knows of a change. */
  forget(refusals: readonly Refusal[], now: string): Promise<void>;
}

/** Something that happened to a Workspace, as `kubectl describe` shows it. */
export interface WorkspaceEvent {
  workspace: ObjectName;
  uid: string;
  type: 'Normal' | 'Warning';
  /** One word in CamelCase. */
  reason: string;
  message: string;
  /** ISO 8601. */
  time: string;
}

/** Events of the cluster's namespaces. They last an hour, by the API server's own rule. */
export interface ClusterEvents {
  /** One call; three when the same was told before: then its count grows. */
  record(event: WorkspaceEvent): Promise<void>;
}

/** An object of ours in a user's namespace, labelled as managed by Slipway. */
export interface OwnedObject {
  kind: 'StatefulSet' | 'Job' | 'Service' | 'ConfigMap';
  namespace: string;
  name: string;
  uid: string;
  deleting: boolean;
  /** uid of the owning Workspace, by owner reference. */
  ownerUid?: string;
  /** Name of the Workspace, by label. */
  workspace?: string;
}

/** What Slipway has in users' namespaces, for the orphan sweep. */
export interface Belongings {
  /** A LIST for each kind. */
  list(): Promise<OwnedObject[]>;
  /** Asks for deletion of exactly this object; false when it is not there, or not ours any more. */
  remove(object: OwnedObject): Promise<boolean>;
  /** What {@link note} was told last. */
  recall(): Promise<Record<string, string>>;
  /** Remembers since when each orphan has been seen. */
  note(since: Readonly<Record<string, string>>): Promise<void>;
}

export interface ClusterConnection {
  readonly name: string;
  readonly records: WorkspaceRecords;
  readonly workloads: Workloads;
  readonly system: ClusterSystem;
  readonly refusals: Refusals;
  readonly belongings: Belongings;
  readonly events: ClusterEvents;
}
