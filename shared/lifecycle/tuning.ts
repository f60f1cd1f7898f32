import { releaseAll } from './allocation.ts';
import type { Verdict } from './conditions.ts';
import { jobPending, jobStarted } from './conditions.ts';
import type { Decision } from './decision.ts';
import { settle } from './decision.ts';
import { Phase } from './phase.ts';
import type { Planned } from './planned.ts';
import type { ObservedWorkload } from './slipway-status.ts';
import { after, deploySlackSeconds } from './timing.ts';
import { justApplied, seenSoon, workloadRevision } from './workload-outlook.ts';

const jobFailed: Verdict = {
  ready: false,
  reason: 'WorkspaceTuningJobStatusFailed',
  message: 'tuning job failed',
};

/** Nodes are ready: run the tuning Job to its end, then give the nodes back; they are not needed for the result. */
export function decideTuning(planned: Planned): Decision {
  const { snapshot, status, plan, now } = planned;
  const revision = workloadRevision(snapshot.workIntent, plan);
  const job = snapshot.observed?.workload ?? undefined;
  if (job === undefined) {
    return justApplied(status, revision, now)
      ? settle(snapshot, status, { phase: status.phase, why: '', work: jobPending, ...seenSoon }, now)
      : { act: 'apply-workload', plan, revision };
  }
  // A Job's template cannot change: the old one goes, as KAITO has it, and the next turn makes the new one.
  if (job.revision !== revision) return { act: 'clear-workload' };
  switch (job.outcome) {
    case 'complete':
      return succeed(planned);
    case 'failed':
      return fail(planned, job);
    case undefined:
      return job.readyReplicas > 0 || status.phase === Phase.Running
        ? run(planned)
        : awaitStart(planned, job);
  }
}

function succeed({ snapshot, status, now }: Planned): Decision {
  return settle(
    snapshot,
    status,
    {
      phase: Phase.Succeeded,
      why: 'the tuning job is complete; its nodes are given back',
      work: jobStarted,
      change: { allocations: releaseAll(status.allocations, now), failure: null },
    },
    now,
  );
}

function fail({ snapshot, status, now }: Planned, job: ObservedWorkload): Decision {
  const cause = job.problem === undefined ? '' : ` (${job.problem.reason}: ${job.problem.message})`;
  const { namespace, name } = snapshot.key;
  return settle(
    snapshot,
    status,
    {
      phase: Phase.Failed,
      why: `the tuning job failed${cause}; its nodes are given back`,
      failure: {
        code: 'TuningJobFailed',
        message: `tuning job failed${cause}`,
        remedy: `kubectl logs -n ${namespace} job/${name} shows why; set the annotation slipway.dev/retry to a new value to run it again.`,
      },
      work: jobFailed,
      change: { allocations: releaseAll(status.allocations, now) },
    },
    now,
  );
}

function run({ snapshot, status, now }: Planned): Decision {
  return settle(
    snapshot,
    status,
    {
      phase: Phase.Running,
      why: 'the tuning job has started',
      waitingFor: { what: 'the tuning job to complete' },
      work: jobStarted,
    },
    now,
  );
}

/** Whether it has started is asked as KAITO asks it, by a pod that is there (reference, i.6); whether it may take longer, by one that is ready. */
function awaitStart({ snapshot, status, plan, now }: Planned, job: ObservedWorkload): Decision {
  const work = job.started === true ? jobStarted : jobPending;
  if (status.phase === Phase.Failed && status.failure !== null) {
    const { failure } = status;
    return settle(snapshot, status, { phase: Phase.Failed, why: failure.message, failure, work }, now);
  }
  const began = status.phase === Phase.Deploying ? status.phaseSince : now;
  const deadline = after(began, plan.readinessTimeoutSeconds + deploySlackSeconds);
  const stuck = job.problem === undefined ? '' : ` (${job.problem.reason}: ${job.problem.message})`;
  if (now < deadline) {
    const waitingFor = { what: `the tuning job to start${stuck}`, deadline };
    return settle(
      snapshot,
      status,
      { phase: Phase.Deploying, why: 'the tuning job is starting', waitingFor, work },
      now,
    );
  }
  const message = `the tuning job did not start${stuck}`;
  return settle(
    snapshot,
    status,
    {
      phase: Phase.Failed,
      why: message,
      failure: {
        code: job.problem?.reason ?? 'TuningJobNotStarted',
        message,
        remedy: `kubectl describe pod -n ${snapshot.key.namespace} -l job-name=${snapshot.key.name} says what it waits for.`,
      },
      work,
    },
    now,
  );
}
