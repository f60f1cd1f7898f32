import type { WorkloadView } from './cluster.ts';
import { workloadRevisionAnnotation } from './labels.ts';
import type { ObjectMetadata } from './manifest.ts';
import { isOwnedByOneOf, workspaceUidOf } from './owner.ts';
import type { PodFacts } from './pod-problem.ts';
import { findPodProblem } from './pod-problem.ts';

/** What is read of a StatefulSet. */
export interface StatefulSetFacts {
  metadata?: ObjectMetadata;
  spec?: { replicas?: number };
  status?: {
    observedGeneration?: number;
    readyReplicas?: number;
    updatedReplicas?: number;
    currentRevision?: string;
    updateRevision?: string;
  };
}

/** What is read of a Job. */
export interface JobFacts {
  metadata?: ObjectMetadata;
  spec?: { parallelism?: number; completions?: number };
  status?: {
    active?: number;
    ready?: number;
    succeeded?: number;
    failed?: number;
    conditions?: { type: string; status: string }[];
  };
}

/** A StatefulSet of ours as the observer sees it; undefined when no Workspace owns it. */
export function fromStatefulSet(set: StatefulSetFacts, pods: readonly PodFacts[]): WorkloadView | undefined {
  const { metadata, spec, status } = set;
  const replicas = spec?.replicas ?? 1;
  const seen = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0);
  // A set without pods reports no updated ones, and needs none.
  const updated =
    (status?.updatedReplicas ?? 0) >= replicas && status?.currentRevision === status?.updateRevision;
  return toView(metadata, pods, {
    kind: 'StatefulSet',
    replicas,
    readyReplicas: status?.readyReplicas ?? 0,
    upToDate: seen && updated,
  });
}

/**
 * A Job of ours. One failed pod makes the outcome `failed` even while the Job would retry, as KAITO has it. Source: KAITO, tuning
 * completion and status.
 */
export function fromJob(job: JobFacts, pods: readonly PodFacts[]): WorkloadView | undefined {
  const { metadata, spec, status } = job;
  const has = (type: string): boolean =>
    status?.conditions?.some((one) => one.type === type && one.status === 'True') === true;
  const failed = (status?.failed ?? 0) > 0 || has('Failed');
  const complete = (status?.succeeded ?? 0) >= (spec?.completions ?? 1) || has('Complete');
  return toView(metadata, pods, {
    kind: 'Job',
    replicas: spec?.parallelism ?? 1,
    readyReplicas: status?.ready ?? 0,
    upToDate: true,
    ...((status?.active ?? 0) > 0 || (status?.ready ?? 0) > 0 ? { started: true } : {}),
    ...(failed ? { outcome: 'failed' } : complete ? { outcome: 'complete' } : {}),
  });
}

type Facts = Pick<WorkloadView, 'kind' | 'replicas' | 'readyReplicas' | 'upToDate' | 'started' | 'outcome'>;

function toView(
  metadata: ObjectMetadata | undefined,
  pods: readonly PodFacts[],
  facts: Facts,
): WorkloadView | undefined {
  const ownerUid = workspaceUidOf(metadata);
  if (metadata?.uid === undefined || ownerUid === undefined) return undefined;
  const own = new Set([metadata.uid]);
  const problem = findPodProblem(pods.filter((pod) => isOwnedByOneOf(pod.metadata, own)));
  return {
    ownerUid,
    name: metadata.name ?? '',
    namespace: metadata.namespace ?? '',
    uid: metadata.uid,
    deleting: metadata.deletionTimestamp !== undefined,
    revision: metadata.annotations?.[workloadRevisionAnnotation] ?? '',
    ...facts,
    ...(problem === undefined ? {} : { problem }),
  };
}
