import { needsBenchmark } from './benchmark-condition.ts';
import { answering } from './benchmarked.ts';
import type { Verdict } from './conditions.ts';
import { inferencePending } from './conditions.ts';
import type { Decision } from './decision.ts';
import { settle } from './decision.ts';
import { Phase } from './phase.ts';
import type { Planned } from './planned.ts';
import { after, degradedDeadlineSeconds, deploySlackSeconds } from './timing.ts';
import type { WorkloadOutlook } from './workload-outlook.ts';
import { justApplied, seenSoon, workloadOutlook, workloadRevision } from './workload-outlook.ts';

/** Nodes are ready: bring the workload up, keep it up, and say what is wrong when it does not come. */
export function decideWorkload(planned: Planned): Decision {
  const { snapshot, status, plan, now } = planned;
  const revision = workloadRevision(snapshot.workIntent, plan);
  const outlook = workloadOutlook(revision, snapshot.observed);
  switch (outlook.state) {
    case 'absent':
    case 'outdated':
      return justApplied(status, revision, now)
        ? settle(snapshot, status, { phase: status.phase, why: '', ...seenSoon }, now)
        : { act: 'apply-workload', plan, revision };
    case 'ready':
      return needsBenchmark(snapshot, status, plan)
        ? { act: 'read-benchmark', plan }
        : settle(snapshot, status, answering, now);
    case 'starting':
      return waitForWorkload(planned, outlook);
  }
}

function waitForWorkload(planned: Planned, outlook: WorkloadOutlook & { state: 'starting' }): Decision {
  const { snapshot, status, plan, now } = planned;
  const { problem } = outlook;
  const inference: Verdict =
    problem === undefined
      ? inferencePending
      : { ready: false, reason: problem.reason, message: problem.message };
  const served = status.phase === Phase.Ready || status.phase === Phase.Degraded;
  const phase = served ? Phase.Degraded : Phase.Deploying;
  const began = status.phase === phase ? status.phaseSince : now;
  const loading = plan.readinessTimeoutSeconds + deploySlackSeconds;
  const patience = served ? Math.max(degradedDeadlineSeconds, loading) : loading;
  const deadline = after(began, patience);
  const stuck = problem === undefined ? '' : ` (${problem.reason}: ${problem.message})`;
  if (status.phase === Phase.Failed || now >= deadline) {
    const failure = status.phase === Phase.Failed && status.failure !== null ? status.failure : undefined;
    return settle(
      snapshot,
      status,
      {
        phase: Phase.Failed,
        why: `waited ${Math.round(patience / 60)} minutes for ${outlook.what}${stuck}`,
        failure: failure ?? {
          code: problem?.reason ?? 'WorkloadNotReady',
          message: `waited ${Math.round(patience / 60)} minutes for ${outlook.what}${stuck}`,
          remedy: remedyFor(problem?.reason, snapshot.key.namespace, snapshot.key.name),
        },
        work: inference,
      },
      now,
    );
  }
  return settle(
    snapshot,
    status,
    {
      phase,
      why: `waiting for ${outlook.what}`,
      waitingFor: { what: `${outlook.what}${stuck}`, deadline },
      work: inference,
    },
    now,
  );
}

function remedyFor(reason: string | undefined, namespace: string, name: string): string {
  const logs = `kubectl logs -n ${namespace} ${name}-0`;
  switch (reason) {
    case 'ContainerOOMKilled':
      return 'The model needs more memory than the node has: lower max-model-len in the inference config, or use a larger instance type.';
    case 'ImagePullError':
      return 'The cluster cannot pull the image: check the registry, its network rules and the pull secrets.';
    case 'Unschedulable':
      return `kubectl describe pod -n ${namespace} ${name}-0 says which node constraint is not met.`;
    case 'ContainerCrashLoopBackOff':
      return `${logs} shows why the server stops; a gated model needs inference.preset.presetOptions.modelAccessSecret.`;
    default:
      return `${logs} shows what the server is doing; a change of the spec or of the annotation slipway.dev/retry tries again.`;
  }
}
