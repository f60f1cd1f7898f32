/** Where a workspace stands. Outward words (conditions, `status.state`) are derived from it, see `conditions.ts`. */
export const Phase = {
  /** Seen, nothing decided yet. */
  Pending: 'Pending',
  /** Waiting for GPU nodes. */
  Provisioning: 'Provisioning',
  /** Nodes are there; the workload is starting. */
  Deploying: 'Deploying',
  /** Tuning: the Job has started. */
  Running: 'Running',
  /** Tuning: the Job is complete, its nodes are given back. */
  Succeeded: 'Succeeded',
  /** The model answers. */
  Ready: 'Ready',
  /** It answered before and does not now; it is being healed. */
  Degraded: 'Degraded',
  /** Waits for a spec change, a retry or a delete; says why and what to do. */
  Failed: 'Failed',
  /** No nodes for now, by its user's wish; the workload is kept. */
  Suspended: 'Suspended',
  Deleting: 'Deleting',
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** Phases in which somebody waits for the cluster to change soon. */
export function isInTransition(phase: Phase): boolean {
  switch (phase) {
    case Phase.Pending:
    case Phase.Provisioning:
    case Phase.Deploying:
    case Phase.Running:
    case Phase.Degraded:
    case Phase.Deleting:
      return true;
    case Phase.Ready:
    case Phase.Succeeded:
    case Phase.Failed:
    case Phase.Suspended:
      return false;
  }
}
