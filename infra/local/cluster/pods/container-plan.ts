import type { PodFault } from '../faults.ts';
import { modelLoadSeconds, readModelCommand } from '../model/model-command.ts';
import type { Container, Pod, Probe } from '../objects/pod.ts';
import type { Timings } from '../timings.ts';

/** What a container will do, in seconds from its start; Infinity stands for never. */
export interface ContainerPlan {
  /** The startup probe passes (0 without one). */
  startedAfter: number;
  /** The readiness probe passes. */
  readyAfter: number;
  /** It ends by itself, or is killed. */
  end: { afterSeconds: number; exitCode: number; reason: string } | undefined;
}

const benchmarkCommand = /benchmark_entrypoint/;

/** The course of one container, from its command, probes and faults. */
export function planContainer(
  pod: Pod,
  container: Container,
  context: { timings: Timings; faults: PodFault[]; podIndex: string | undefined },
): ContainerPlan {
  const { timings, podIndex } = context;
  const faults = context.faults.filter(
    ({ match }) => match.container === undefined || match.container === container.name,
  );
  const factor = faults.reduce(
    (product, fault) => product * (fault.effect === 'slow' ? (fault.factor ?? 1) : 1),
    1,
  );
  const command = readModelCommand(container, podIndex);
  const never = faults.some(({ effect }) => effect === 'neverReady');
  const serving = never
    ? Infinity
    : command === undefined
      ? 0
      : modelLoadSeconds(command, timings.model) * factor;
  const benchmark = hasBenchmark(container, podIndex) ? timings.model.benchmark * factor : 0;
  const startedAfter =
    container.startupProbe === undefined
      ? 0
      : Math.max(container.startupProbe.initialDelaySeconds, serving + benchmark);
  const readyAfter =
    container.readinessProbe === undefined
      ? startedAfter
      : Math.max(container.readinessProbe.initialDelaySeconds, startedAfter, serving);
  return { startedAfter, readyAfter, end: endOf(pod, container, { faults, timings, startedAfter, factor }) };
}

/** Whether the startup probe runs the throughput benchmark in this pod (only the leader does, in a multi-node deployment). */
export function hasBenchmark({ startupProbe }: Container, podIndex: string | undefined): boolean {
  const text = startupProbe?.exec?.command.join(' ') ?? '';
  if (!benchmarkCommand.test(text)) return false;
  return !text.includes('POD_INDEX') || podIndex === undefined || podIndex === '0';
}

function endOf(
  pod: Pod,
  { startupProbe }: Container,
  context: { faults: PodFault[]; timings: Timings; startedAfter: number; factor: number },
): ContainerPlan['end'] {
  const { faults, timings, startedAfter, factor } = context;
  const crash = faults.find(
    ({ effect }) => effect === 'crashLoop' || effect === 'oomKilled' || effect === 'fails',
  );
  if (crash) {
    const oom = crash.effect === 'oomKilled';
    const afterSeconds =
      crash.afterSeconds ?? (crash.effect === 'fails' ? timings.pods.jobRun : timings.pods.crashAfter);
    return { afterSeconds, exitCode: oom ? 137 : (crash.exitCode ?? 1), reason: oom ? 'OOMKilled' : 'Error' };
  }
  // A startup probe that does not pass within its budget has the kubelet kill the container.
  const budget = startupProbe && probeBudget(startupProbe);
  if (budget !== undefined && startedAfter > budget)
    return { afterSeconds: budget, exitCode: 137, reason: 'Error' };
  if (pod.spec.restartPolicy === 'Always') return undefined;
  return { afterSeconds: timings.pods.jobRun * factor, exitCode: 0, reason: 'Completed' };
}

/** An exec probe that is still running has not failed, so a benchmark may outlast one period. */
function probeBudget({ initialDelaySeconds, periodSeconds, failureThreshold }: Probe): number {
  return initialDelaySeconds + periodSeconds * failureThreshold;
}
