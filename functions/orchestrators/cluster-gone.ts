import { checkPower } from '../contracts/cluster-activities.ts';
import type { WorkspaceRun } from '../contracts/workspace-activities.ts';
import type { Run, Steps } from './run.ts';

/** Output of an orchestration whose cluster was deleted, or replaced by another of the same name. */
export const clusterGone = 'ClusterGone';

/**
 * Failed turns in a row between two questions to ARM: the first after some three minutes of back-off, then every half hour. A
 * workspace of a cluster that answers never asks.
 */
const failuresBetweenQuestions = 6;

/** Whether a turn that failed did so because ARM does not know the cluster any more. */
export function* isClusterGone(run: Run<WorkspaceRun>): Steps<boolean> {
  const { failures, reference } = run.input();
  if ((failures + 1) % failuresBetweenQuestions !== 0) return false;
  const power = yield* run.call(checkPower, { cluster: reference.cluster });
  return power.ok && power.value.condition === 'gone';
}
