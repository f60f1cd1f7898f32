import type { ContainerState, ContainerStatus } from '../objects/pod.ts';
import { kubernetesTime, timeOf } from '../objects/times.ts';
import type { Timings } from '../timings.ts';
import type { ContainerPlan } from './container-plan.ts';

export interface ContainerStep {
  status: ContainerStatus;
  /** When it will change next by itself. */
  due: number | undefined;
}

export interface StepContext {
  now: number;
  /** When the pod's containers may start. */
  startAt: number;
  /** When the machine last came up; whatever ran before was cut off. */
  bootedAt: number;
  plan: ContainerPlan;
  restartPolicy: string;
  timings: Timings['pods'];
}

/** The state a container is in at `now`, given the one it was last seen in. Applies every transition that fell due. */
export function stepContainer(status: ContainerStatus, context: StepContext): ContainerStep {
  const { running, terminated } = status.state;
  if (running) return stepRunning(status, timeOf(running.startedAt, context.now), context);
  if (terminated) return { status, due: undefined };
  const startAt = status.restartCount === 0 ? context.startAt : restartTime(status, context);
  if (context.now < startAt) return { status, due: startAt };
  const state: ContainerState = { running: { startedAt: kubernetesTime(startAt) } };
  return stepRunning({ ...status, state, started: false, ready: false }, startAt, context);
}

function stepRunning(status: ContainerStatus, startedAt: number, context: StepContext): ContainerStep {
  const { now, plan, bootedAt } = context;
  // Node times are kept in milliseconds, container times in whole seconds.
  if (startedAt + 1000 <= bootedAt) {
    return finish(status, { exitCode: 255, reason: 'Unknown', startedAt, finishedAt: bootedAt }, context);
  }
  const endAt = plan.end === undefined ? Infinity : startedAt + plan.end.afterSeconds * 1000;
  if (plan.end && now >= endAt) {
    const { exitCode, reason } = plan.end;
    return finish(status, { exitCode, reason, startedAt, finishedAt: endAt }, context);
  }
  const startedBy = startedAt + plan.startedAfter * 1000;
  const readyBy = startedAt + plan.readyAfter * 1000;
  const due = [startedBy, readyBy, endAt].filter((time) => time > now && time !== Infinity);
  return {
    status: { ...status, started: now >= startedBy, ready: now >= readyBy },
    due: due.length === 0 ? undefined : Math.min(...due),
  };
}

function finish(
  status: ContainerStatus,
  end: { exitCode: number; reason: string; startedAt: number; finishedAt: number },
  context: StepContext,
): ContainerStep {
  const terminated = {
    exitCode: end.exitCode,
    reason: end.reason,
    startedAt: kubernetesTime(end.startedAt),
    finishedAt: kubernetesTime(end.finishedAt),
  };
  const restarts =
    context.restartPolicy === 'Always' || (context.restartPolicy === 'OnFailure' && end.exitCode !== 0);
  if (!restarts)
    return { status: { ...status, state: { terminated }, ready: false, started: false }, due: undefined };
  const restartCount = status.restartCount + 1;
  const waiting: ContainerStatus = {
    ...status,
    restartCount,
    ready: false,
    started: false,
    lastState: { terminated },
    state: {
      waiting: { reason: 'CrashLoopBackOff', message: `back-off restarting failed container ${status.name}` },
    },
  };
  const restartAt = restartTime(waiting, context);
  if (context.now < restartAt) return { status: waiting, due: restartAt };
  return stepContainer(waiting, context);
}

/** After the end of the last run, with a back-off that doubles; a machine's own restart is not the container's fault. */
function restartTime({ lastState, restartCount }: ContainerStatus, { now, timings }: StepContext): number {
  const finishedAt = timeOf(lastState.terminated?.finishedAt, now);
  if (lastState.terminated?.exitCode === 255) return finishedAt;
  return (
    finishedAt +
    Math.min(timings.crashBackOffLimit, timings.crashBackOffBase * 2 ** (restartCount - 1)) * 1000
  );
}
