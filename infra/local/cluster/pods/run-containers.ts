import type { StoredObject } from '../../kubernetes/contract.ts';
import type { ClusterContext } from '../cluster-context.ts';
import { recordEvent } from '../events.ts';
import type { PodFault } from '../faults.ts';
import { readPod } from '../objects/pod.ts';
import type { Container, ContainerStatus, Pod } from '../objects/pod.ts';
import { resources } from '../objects/resource-types.ts';
import { kubernetesTime, timeOf } from '../objects/times.ts';
import { earliest } from '../runtime/controller.ts';
import { planContainer } from './container-plan.ts';
import { stepContainer } from './container-step.ts';
import { podAddress, podConditions, podPhase, waitingStatus } from './pod-status.ts';

/** The pod label by which StatefulSets number their pods. */
export const podIndexLabel = 'apps.kubernetes.io/pod-index';

/** Runs a pod whose images are there: init containers one after another, then all others. Returns when to look again. */
export function runContainers(
  context: ClusterContext,
  stored: StoredObject,
  faults: PodFault[],
): number | undefined {
  const { clock, store, timings } = context;
  const now = clock.now();
  const pod = readPod(stored);
  const evictAt = evictionTime(pod, faults);
  if (evictAt !== undefined && now >= evictAt) {
    evict(context, stored);
    return undefined;
  }
  const sandboxAt = sandboxTime(pod, now);
  const init = runInit(pod, { sandboxAt, now, seconds: timings.pods.containerStart });
  const bootedAt = context.machines.get(pod.spec.nodeName ?? '')?.readyAt ?? 0;
  const podIndex = stored.metadata.labels?.[podIndexLabel];
  const steps = pod.spec.containers.map((container) => {
    const known =
      pod.status.containerStatuses.find(({ name }) => name === container.name) ??
      waitingStatus(container, 'ContainerCreating');
    if (init.doneAt === undefined) return { status: known, due: undefined };
    return stepContainer(known, {
      now,
      startAt: init.doneAt + timings.pods.containerStart * 1000,
      bootedAt,
      plan: planContainer(pod, container, { timings, faults, podIndex }),
      restartPolicy: pod.spec.restartPolicy,
      timings: timings.pods,
    });
  });
  const main = steps.map(({ status }, index) => withImage(status, pod.spec.containers[index]));
  const phase = podPhase(init.statuses, main, pod.spec.restartPolicy);
  const podIP = podAddress(stored);
  store.mutateStatus(resources.pods, stored.metadata, (draft) => {
    draft['status'] = {
      ...pod.status,
      phase,
      podIP,
      podIPs: [{ ip: podIP }],
      initContainerStatuses: init.statuses,
      containerStatuses: main,
      conditions: podConditions(pod, {
        initialized: init.doneAt !== undefined,
        sandbox: true,
        main,
        phase,
        now,
      }),
    };
  });
  reportRestarts(context, stored, { before: pod.status.containerStatuses, after: main });
  return earliest(evictAt, init.due, ...steps.map(({ due }) => due));
}

/** When the pod's sandbox was made: kept in its condition, so that a restart of the simulator goes on from there. */
function sandboxTime(pod: Pod, now: number): number {
  const condition = pod.status.conditions.find(
    ({ type, status }) => type === 'PodReadyToStartContainers' && status === 'True',
  );
  return timeOf(condition?.lastTransitionTime, now);
}

function runInit(
  pod: Pod,
  { sandboxAt, now, seconds }: { sandboxAt: number; now: number; seconds: number },
): { statuses: ContainerStatus[]; doneAt: number | undefined; due: number | undefined } {
  let at = sandboxAt;
  let due: number | undefined;
  const statuses = pod.spec.initContainers.map((container) => {
    const known = waitingStatus(container, 'PodInitializing');
    const [startedAt, finishedAt] = [at, at + seconds * 1000];
    at = finishedAt;
    if (now < startedAt) return known;
    if (now < finishedAt) {
      due = finishedAt;
      return withImage(
        { ...known, started: true, state: { running: { startedAt: kubernetesTime(startedAt) } } },
        container,
      );
    }
    const terminated = {
      exitCode: 0,
      reason: 'Completed',
      startedAt: kubernetesTime(startedAt),
      finishedAt: kubernetesTime(finishedAt),
    };
    return withImage({ ...known, ready: true, state: { terminated } }, container);
  });
  return { statuses, doneAt: now >= at ? at : undefined, due };
}

function withImage(status: ContainerStatus, container: Container | undefined): ContainerStatus {
  return { ...status, image: container?.image ?? '', imageID: `docker-pullable://${container?.image ?? ''}` };
}

function reportRestarts(
  context: ClusterContext,
  pod: StoredObject,
  { before, after }: { before: ContainerStatus[]; after: ContainerStatus[] },
): void {
  for (const status of after) {
    const old = before.find(({ name }) => name === status.name);
    if (status.restartCount <= (old?.restartCount ?? 0)) continue;
    recordEvent(context, pod, {
      type: 'Warning',
      reason: 'BackOff',
      message: `Back-off restarting failed container ${status.name} in pod ${pod.metadata.name}`,
      source: 'kubelet',
    });
  }
}

/** When a fault has the node run out of disk under this pod. */
function evictionTime(pod: Pod, faults: PodFault[]): number | undefined {
  const fault = faults.find(({ effect }) => effect === 'evicted');
  const startedAt = pod.status.containerStatuses[0]?.state.running?.startedAt;
  if (fault === undefined || startedAt === undefined) return undefined;
  return timeOf(startedAt, 0) + (fault.afterSeconds ?? 0) * 1000;
}

function evict(context: ClusterContext, pod: StoredObject): void {
  const message = 'The node was low on resource: ephemeral-storage.';
  const finishedAt = kubernetesTime(context.clock.now());
  const { status } = readPod(pod);
  context.store.mutateStatus(resources.pods, pod.metadata, (draft) => {
    draft['status'] = {
      ...status,
      phase: 'Failed',
      reason: 'Evicted',
      message,
      containerStatuses: status.containerStatuses.map((container) => ({
        ...container,
        ready: false,
        started: false,
        state: { terminated: { exitCode: 137, reason: 'Error', finishedAt } },
      })),
      conditions: status.conditions.map((condition) =>
        condition.type === 'Ready'
          ? { ...condition, status: 'False', lastTransitionTime: finishedAt }
          : condition,
      ),
    };
  });
  recordEvent(context, pod, { type: 'Warning', reason: 'Evicted', message, source: 'kubelet' });
}
