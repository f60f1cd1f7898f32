import type { StoredObject } from '../../kubernetes/contract.ts';
import type { ClusterContext } from '../cluster-context.ts';
import { benchmarkLines } from '../model/benchmark.ts';
import { modelLoadSeconds, readModelCommand } from '../model/model-command.ts';
import type { ModelCommand } from '../model/model-command.ts';
import { readPod } from '../objects/pod.ts';
import type { Container, ContainerStatus } from '../objects/pod.ts';
import { parseQuantity } from '../objects/quantity.ts';
import { kubernetesTime, timeOf } from '../objects/times.ts';
import { hasBenchmark } from './container-plan.ts';
import { faultsOf } from './faults-of.ts';
import { podIndexLabel } from './run-containers.ts';

/** A container's log, or why there is none. Lines follow from the container's state: the same state, the same log. */
export function containerLog(
  context: ClusterContext,
  pod: StoredObject,
  { container, previous }: { container: string | undefined; previous: boolean },
): { lines: string[] } | { refusal: string } {
  const { spec, status } = readPod(pod);
  const all = [...spec.containers, ...spec.initContainers];
  const name = container ?? spec.containers[0]?.name ?? '';
  const chosen = all.find((each) => each.name === name);
  const { name: podName } = pod.metadata;
  if (chosen === undefined) return { refusal: `container ${name} is not valid for pod ${podName}` };
  const current = [...status.containerStatuses, ...status.initContainerStatuses].find(
    (each) => each.name === name,
  );
  const state = previous ? current?.lastState : current?.state;
  if (current === undefined || state === undefined || (state.running ?? state.terminated) === undefined) {
    if (!previous && current?.lastState.terminated)
      return {
        lines: linesOf(context, pod, { container: chosen, status: current, state: current.lastState }),
      };
    if (previous) return { refusal: `previous terminated container "${name}" in pod "${podName}" not found` };
    const reason = state?.waiting?.reason ?? 'ContainerCreating';
    return { refusal: `container "${name}" in pod "${podName}" is waiting to start: ${reason}` };
  }
  return { lines: linesOf(context, pod, { container: chosen, status: current, state }) };
}

function linesOf(
  context: ClusterContext,
  pod: StoredObject,
  {
    container,
    status,
    state,
  }: { container: Container; status: ContainerStatus; state: ContainerStatus['state'] },
): string[] {
  const podIndex = pod.metadata.labels?.[podIndexLabel];
  const startedAt = timeOf(state.running?.startedAt ?? state.terminated?.startedAt, context.clock.now());
  const command = readModelCommand(container, podIndex);
  const lines =
    command === undefined
      ? [`${kubernetesTime(startedAt)} started ${container.image}`]
      : modelLines(context, pod, { container, command, status, startedAt, podIndex });
  const { terminated } = state;
  if (terminated === undefined) return lines;
  return [
    ...lines,
    `${terminated.finishedAt ?? ''} exited with code ${terminated.exitCode} (${terminated.reason ?? 'Error'})`,
  ];
}

function modelLines(
  context: ClusterContext,
  pod: StoredObject,
  facts: {
    container: Container;
    command: ModelCommand;
    status: ContainerStatus;
    startedAt: number;
    podIndex: string | undefined;
  },
): string[] {
  const { clock, timings } = context;
  const { container, command, status, startedAt, podIndex } = facts;
  const lines = [
    `${kubernetesTime(startedAt)} INFO Slipway stand-in for ${command.engine}: model=${command.model} served as ${command.servedName}`,
  ];
  if (command.worker) return [...lines, `${kubernetesTime(startedAt)} INFO Ray worker joined`];
  const loadedAt = startedAt + modelLoadSeconds(command, timings.model) * 1000;
  if (clock.now() < loadedAt && !status.ready)
    return [...lines, `${kubernetesTime(startedAt)} INFO Loading weights`];
  lines.push(
    `${kubernetesTime(loadedAt)} INFO Application startup complete. Listening on port ${command.port}`,
  );
  if (!hasBenchmark(container, podIndex) || status.started !== true) return lines;
  const effects = faultsOf(context, pod).map(({ effect }) => effect);
  if (effects.includes('benchmarkUnlogged')) return lines;
  const failed = effects.includes('benchmarkFailed');
  const at = kubernetesTime(loadedAt + timings.model.benchmark * 1000);
  const gpus = parseQuantity(container.resources.limits['nvidia.com/gpu'] ?? 0);
  return [...lines, ...benchmarkLines(command, { at, gpus, timings: timings.model, failed })];
}
