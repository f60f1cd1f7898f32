import { z } from 'zod';
import type { StoredObject } from '../../kubernetes/contract.ts';
import type { ClusterContext } from '../cluster-context.ts';
import { withConditions } from '../objects/conditions.ts';
import { parseKey } from '../objects/keys.ts';
import { conditionSchema, hasPodEnded, isPodReady, readPod } from '../objects/pod.ts';
import type { Condition } from '../objects/pod.ts';
import { resources } from '../objects/resource-types.ts';
import { kubernetesTime, timeOf } from '../objects/times.ts';
import type { Controller } from '../runtime/controller.ts';
import { ownAndControlled } from './affected.ts';
import { podFromTemplate, templateSchema } from './pod-template.ts';

const specSchema = z.looseObject({
  parallelism: z.number().default(1),
  completions: z.number().optional(),
  backoffLimit: z.number().default(6),
  activeDeadlineSeconds: z.number().optional(),
  ttlSecondsAfterFinished: z.number().optional(),
  suspend: z.boolean().default(false),
  template: templateSchema,
});
type JobSpec = z.infer<typeof specSchema>;

const statusSchema = z
  .looseObject({
    startTime: z.string().optional(),
    completionTime: z.string().optional(),
    conditions: z.array(conditionSchema).default([]),
  })
  .default({ conditions: [] });

/** Runs a Job's pods to completion, gives up after backoffLimit failures, removes finished Jobs after their time to live. */
export function jobController(context: ClusterContext): Controller {
  const { store, cache, clock } = context;
  return {
    name: 'job',
    affected: ownAndControlled(resources.jobs, 'Job'),
    reconcile: (key) => {
      const job = cache.get(resources.jobs, parseKey(key));
      if (job === undefined || job.metadata.deletionTimestamp !== undefined) return undefined;
      const spec = specSchema.parse(job['spec']);
      const status = statusSchema.parse(job['status']);
      const finished = status.conditions.find(
        ({ type, status: value }) => (type === 'Complete' || type === 'Failed') && value === 'True',
      );
      if (finished) {
        if (spec.ttlSecondsAfterFinished === undefined) return undefined;
        const at = timeOf(finished.lastTransitionTime, clock.now()) + spec.ttlSecondsAfterFinished * 1000;
        if (clock.now() < at) return at;
        store.remove(resources.jobs, job.metadata, { uid: job.metadata.uid });
        return undefined;
      }
      return advance(context, job, spec);
    },
  };
}

function advance(context: ClusterContext, job: StoredObject, spec: JobSpec): number | undefined {
  const { store, cache, clock } = context;
  const pods = cache.controlledBy(job.metadata.uid, 'Pod');
  const phases = pods.map((pod) => readPod(pod).status.phase);
  const succeeded = phases.filter((phase) => phase === 'Succeeded').length;
  const failed = phases.filter((phase) => phase === 'Failed').length;
  const restarts = pods.reduce(
    (sum, pod) =>
      sum + readPod(pod).status.containerStatuses.reduce((most, each) => most + each.restartCount, 0),
    0,
  );
  const active = pods.filter((pod) => !hasPodEnded(pod) && pod.metadata.deletionTimestamp === undefined);
  const { startTime = kubernetesTime(clock.now()) } = statusSchema.parse(job['status']);
  const deadline =
    spec.activeDeadlineSeconds === undefined
      ? undefined
      : timeOf(startTime, 0) + spec.activeDeadlineSeconds * 1000;
  const completions = spec.completions ?? 1;
  const counts = { startTime, succeeded, failed };

  if (failed + restarts > spec.backoffLimit) {
    end(context, job, {
      ...counts,
      active,
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    });
    return undefined;
  }
  if (deadline !== undefined && clock.now() >= deadline) {
    end(context, job, {
      ...counts,
      active,
      reason: 'DeadlineExceeded',
      message: 'Job was active longer than specified deadline',
    });
    return undefined;
  }
  if (succeeded >= completions) {
    end(context, job, {
      ...counts,
      active: [],
      reason: undefined,
      message: 'Reached expected number of succeeded pods',
    });
    return undefined;
  }
  const wanted = spec.suspend ? 0 : Math.min(spec.parallelism, completions - succeeded);
  for (let missing = wanted - active.length; missing > 0; missing--) {
    store.create(podFromTemplate(job, spec.template, { name: `${job.metadata.name}-` }));
  }
  const now = cache.controlledBy(job.metadata.uid, 'Pod').filter((pod) => !hasPodEnded(pod));
  writeStatus(context, job, {
    ...counts,
    active: now.length,
    ready: now.filter(isPodReady).length,
    conditions: [],
  });
  return deadline;
}

function end(
  context: ClusterContext,
  job: StoredObject,
  facts: {
    startTime: string;
    succeeded: number;
    failed: number;
    active: StoredObject[];
    reason: string | undefined;
    message: string;
  },
): void {
  const { reason, message, active, ...counts } = facts;
  for (const pod of active) context.store.remove(resources.pods, pod.metadata, { uid: pod.metadata.uid });
  const outcome = reason === undefined ? { reason: 'CompletionsReached', message } : { reason, message };
  const conditions: Condition[] = (
    reason === undefined ? ['SuccessCriteriaMet', 'Complete'] : ['FailureTarget', 'Failed']
  ).map((type) => ({
    type,
    status: 'True',
    ...outcome,
  }));
  writeStatus(context, job, { ...counts, active: 0, ready: 0, conditions });
}

function writeStatus(
  { store, clock }: ClusterContext,
  job: StoredObject,
  facts: {
    startTime: string;
    succeeded: number;
    failed: number;
    active: number;
    ready: number;
    conditions: Condition[];
  },
): void {
  const now = kubernetesTime(clock.now());
  const before = statusSchema.parse(job['status']).conditions;
  const complete = facts.conditions.some(({ type }) => type === 'Complete');
  store.mutateStatus(resources.jobs, job.metadata, (draft) => {
    draft['status'] = {
      startTime: facts.startTime,
      active: facts.active,
      ready: facts.ready,
      terminating: 0,
      succeeded: facts.succeeded,
      failed: facts.failed,
      uncountedTerminatedPods: {},
      ...(complete && { completionTime: now }),
      conditions: withConditions(before, facts.conditions, now),
    };
  });
}
