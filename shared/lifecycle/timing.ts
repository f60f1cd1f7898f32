/** Every wait and deadline of a workspace's life, in seconds of orchestration time. */
import { Phase } from './phase.ts';

/**
 * From a pool that Azure has accepted to nodes with GPUs. A GPU pool takes 3-10 minutes, up to 20 before Azure reports an allocation failure; nodes and
 * the device plugin follow within minutes (measured ranges of AKS).
 */
export const provisioningDeadlineSeconds = 40 * 60;

/**
 * From the wish to a pool that Azure has accepted. Long, for nothing is wrong meanwhile: where a cluster takes one pool operation at a
 * time, a hundred workspaces at once queue for eight hours.
 */
export const acceptanceDeadlineSeconds = 24 * 3600;

/** Beyond the model's own readiness time: image pull and scheduling. */
export const deploySlackSeconds = 15 * 60;

/** How long a served model may be unready before we say what is wrong; kubelet restarts fix most within this. */
export const degradedDeadlineSeconds = 60 * 60;

/** A benchmark without a result runs again only when its pod starts again, which wakes the workspace; this is for lost events. */
export const benchmarkRetrySeconds = 300;

/** A log that cannot be read now: the kubelet that has it, or the way to it, is mostly back soon. */
export const unreadLogRetrySeconds = 30;

/** How often a turn looks again although no event came. Events make it faster, lost ones cost at most this. */
export function recheckSeconds(phase: Phase): number {
  switch (phase) {
    case Phase.Pending:
      return 30;
    case Phase.Provisioning:
    case Phase.Deploying:
    case Phase.Running:
    case Phase.Degraded:
      return 120;
    case Phase.Deleting:
      return 60;
    case Phase.Ready:
      return 600;
    case Phase.Succeeded:
    case Phase.Failed:
    case Phase.Suspended:
      return 900;
  }
}

/**
 * The cluster is looked at this often while somebody waits. AKS shares one bucket of 60 LIST calls, refilled at 1/s, among all clusters
 * of a subscription: five busy ones take a third of the refill.
 */
export const busyTickSeconds = 15;

/** While nodes are held but nobody waits: Ready workspaces must still heal. */
export const calmTickSeconds = 300;

/** While nothing is held: only new records, which doors announce anyway. */
export const idleTickSeconds = 900;

/** A pool with our tags and no record is removed after this; it covers a record that is being written right now. */
export const orphanGraceSeconds = 600;

/** The CRD, the Lease and the device plugin are looked at again this often. */
export const prepareEverySeconds = 600;

/** Adds seconds to an ISO time. */
export function after(now: string, seconds: number): string {
  return new Date(Date.parse(now) + seconds * 1000).toISOString();
}

/** The later of two ISO times of the same form. */
export function later(one: string, other: string): string {
  return one < other ? other : one;
}

/** Seconds from `from` to `to`, negative when `to` is earlier. */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}
