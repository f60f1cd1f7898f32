import { createHash } from 'node:crypto';
import type { Plan } from '../planning/plan.ts';
import { canonicalJson } from '../workspace/canonical.ts';
import type { Observed, SlipwayStatus } from './slipway-status.ts';
import { after } from './timing.ts';

/** How far the workload is. */
export type WorkloadOutlook =
  | { state: 'absent' }
  | { state: 'outdated' }
  | { state: 'ready' }
  | { state: 'starting'; what: string; problem?: { reason: string; message: string } };

/** Raise when manifests of the same spec and plan come out differently, so that live workloads are rolled. */
const manifestVersion = 1;

/** Equal for equal intent and plan; written on the workload so that a turn sees whether what runs is what is wanted. */
export function workloadRevision(intent: string, plan: Plan): string {
  const text = canonicalJson([manifestVersion, intent, plan]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Judges the workload by what the cluster orchestration saw. */
export function workloadOutlook(revision: string, observed: Observed | null): WorkloadOutlook {
  const workload = observed?.workload;
  if (workload === null || workload === undefined) return { state: 'absent' };
  if (workload.revision !== revision) return { state: 'outdated' };
  if (workload.upToDate && workload.replicas > 0 && workload.readyReplicas >= workload.replicas)
    return { state: 'ready' };
  return {
    state: 'starting',
    what: `the model to load: ${workload.readyReplicas} of ${workload.replicas} pods ready`,
    ...(workload.problem === undefined ? {} : { problem: workload.problem }),
  };
}

/** The wait between applying a workload and the cluster orchestration's next look at it. */
export const seenSoon = { waitingFor: { what: 'the workload to be seen' }, sleepSeconds: 30 } as const;

/** The cluster has not looked since we applied; applying again at once would be harmless but noisy. */
export function justApplied(status: SlipwayStatus, revision: string, now: string): boolean {
  if (status.appliedWorkload !== revision || status.waitingFor?.what !== seenSoon.waitingFor.what)
    return false;
  return now < after(status.waitingFor.since, 60);
}
