/**
 * KAITO's outward words for a workspace's state: conditions, `status.state`. Reasons and messages follow KAITO 0.12 (reference, k.1
 * and k.2); the agent pool plays the part of the node claim.
 */
import type { Phase } from './phase.ts';

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  /** ISO 8601; moves only when `status` flips. */
  lastTransitionTime: string;
  observedGeneration: number;
}

/** A verdict on one aspect, before it becomes a condition. */
export interface Verdict {
  ready: boolean;
  reason: string;
  message: string;
}

export interface Verdicts {
  /** Undefined where the user brings the nodes: no pool is asked for, and KAITO has no NodeClaimReady. */
  pool: Verdict | undefined;
  nodes: Verdict;
  /** On the workload: InferenceReady, or JobStarted when tuning. */
  work: Verdict;
  /** On the benchmark of a server; undefined while nothing is known of one. */
  benchmark?: Verdict | undefined;
  tuning: boolean;
  /** The tuning Job is complete. */
  complete: boolean;
  deleting: boolean;
  /** Set when the workspace has failed: reason and message of WorkspaceSucceeded. */
  failed?: { code: string; message: string; remedy?: string };
}

/** The condition that only workspaces with a benchmark have. */
export const benchmarkType = 'BenchmarkCompleted';

export const poolReady: Verdict = {
  ready: true,
  reason: 'NodeClaimsReady',
  message: 'Enough NodeClaims are ready',
};
export const nodesReady: Verdict = { ready: true, reason: 'NodesReady', message: 'Enough Nodes are ready' };
export const inferenceReady: Verdict = {
  ready: true,
  reason: 'WorkspaceInferenceStatusSuccess',
  message: 'Inference has been deployed successfully',
};
export const jobPending: Verdict = {
  ready: false,
  reason: 'WorkspaceTuningJobStatusPending',
  message: 'Tuning job has not started',
};
export const jobStarted: Verdict = {
  ready: true,
  reason: 'WorkspaceTuningJobStatusStarted',
  message: 'Tuning job has started',
};
export const inferencePending: Verdict = {
  ready: false,
  reason: 'WorkspaceInferenceStatusPending',
  message: 'Inference workload is not ready',
};

/** All conditions of a workspace. `before` supplies the transition times of what did not flip. */
export function toConditions(
  verdicts: Verdicts,
  before: readonly Condition[],
  generation: number,
  now: string,
): Condition[] {
  const { pool, benchmark } = verdicts;
  const resource = pool === undefined ? brought(verdicts.nodes) : pool.ready ? verdicts.nodes : pool;
  const resourceReady: Verdict = resource.ready
    ? { ready: true, reason: 'workspaceResourceStatusSuccess', message: 'workspace resource is ready' }
    : resource;
  const all: [string, Verdict][] = [
    ...(pool === undefined ? [] : [['NodeClaimReady', pool] satisfies [string, Verdict]]),
    ['NodesReady', verdicts.nodes],
    ['ResourceReady', resourceReady],
    [verdicts.tuning ? 'JobStarted' : 'InferenceReady', verdicts.work],
    ...(benchmark === undefined ? [] : [[benchmarkType, benchmark] satisfies [string, Verdict]]),
    ['WorkspaceSucceeded', succeeded(resourceReady, verdicts)],
  ];
  if (verdicts.deleting) {
    all.push([
      'WorkspaceDeleting',
      { ready: true, reason: 'workspaceDeleted', message: 'workspace is being deleted' },
    ]);
  }
  return all.map(([type, { ready, reason, message }]) => {
    const status = ready ? 'True' : 'False';
    const previous = before.find((condition) => condition.type === type);
    const lastTransitionTime = previous?.status === status ? previous.lastTransitionTime : wholeSeconds(now);
    return { type, status, reason, message, lastTransitionTime, observedGeneration: generation };
  });
}

/** KAITO does not say which of the brought nodes is not ready. */
function brought({ ready, reason, message }: Verdict): Verdict {
  if (ready) return { ready, reason, message };
  return { ready, reason: 'workspaceResourceStatusNotReady', message: 'node status condition not ready' };
}

/**
 * `status.state`: Pending until first Ready (or Running), then Ready or NotReady; Failed while it waits for its user. KAITO has no word for
 * suspended. A server whose benchmark has no result is NotReady although it answers; a Job is Running as soon as it has a pod.
 */
export function toState(
  phase: Phase,
  everReady: boolean,
  { tuning, work, benchmark }: Partial<Pick<Verdicts, 'tuning' | 'work' | 'benchmark'>> = {},
): string {
  if (phase === 'Ready' && benchmark?.ready === false) return 'NotReady';
  if (phase === 'Deploying' && tuning === true && work?.ready === true) return 'Running';
  if (phase === 'Ready' || phase === 'Running' || phase === 'Succeeded' || phase === 'Failed') return phase;
  return everReady || phase === 'Suspended' ? 'NotReady' : 'Pending';
}

function succeeded(resource: Verdict, verdicts: Verdicts): Verdict {
  if (verdicts.failed !== undefined) {
    const { code, message, remedy } = verdicts.failed;
    const advice = remedy === undefined ? '' : ` ${remedy}`;
    return { ready: false, reason: 'workspaceFailed', message: `${code}: ${message}${advice}` };
  }
  const { benchmark } = verdicts;
  const answers = resource.ready && verdicts.work.ready;
  if (answers && benchmark?.ready === false) {
    return { ready: false, reason: benchmark.reason, message: benchmark.message };
  }
  if (verdicts.tuning ? verdicts.complete : answers) {
    return { ready: true, reason: 'workspaceSucceeded', message: 'workspace succeeds' };
  }
  return { ready: false, reason: 'workspacePending', message: pendingMessage(verdicts) };
}

/** KAITO's words, k.1 and i.6 of the reference. */
function pendingMessage({ tuning, work }: Verdicts): string {
  if (!tuning) return 'workspace is waiting for inference workload readiness';
  return work.ready
    ? 'workspace has not completed yet, tuning job is running'
    : 'workspace is initializing, tuning job has not started';
}

/** metav1.Time has no fraction of a second. */
function wholeSeconds(time: string): string {
  return `${time.slice(0, 19)}Z`;
}
