import type { StoredObject } from '../../kubernetes/contract.ts';
import type { ClusterContext } from '../cluster-context.ts';
import { recordEvent } from '../events.ts';
import { nodeHealth } from '../nodes/node-health.ts';
import { keyText, parseKey } from '../objects/keys.ts';
import { readNode } from '../objects/node.ts';
import { hasPodEnded, readPod } from '../objects/pod.ts';
import { resources } from '../objects/resource-types.ts';
import { kubernetesTime, timeOf } from '../objects/times.ts';
import { earliest } from '../runtime/controller.ts';
import type { Controller } from '../runtime/controller.ts';
import { addImages, missingImages, pullSeconds } from './images.ts';
import { faultsOf } from './faults-of.ts';
import { missingReference } from './missing-reference.ts';
import { waitingStatus } from './pod-status.ts';
import { runContainers } from './run-containers.ts';

/** The kubelets of all nodes: they pull images, start, probe and restart containers, and stop the pods that are deleted. */
export function kubelet(context: ClusterContext): Controller {
  const { cache } = context;
  return {
    name: 'kubelet',
    affected: ({ type, resource, object }) => {
      if (resource.plural === 'pods') return type === 'DELETED' ? [] : [keyText(object.metadata)];
      if (resource.plural === 'nodes')
        return cache.podsOn(object.metadata.name).map(({ metadata }) => keyText(metadata));
      return [];
    },
    reconcile: (key) => {
      const pod = cache.get(resources.pods, parseKey(key));
      const name = pod && readPod(pod).spec.nodeName;
      const node = name === undefined ? undefined : cache.get(resources.nodes, { name });
      if (pod === undefined || node === undefined) return undefined;
      const { works, next } = isWorking(context, node.metadata.name);
      if (!works) return next;
      return earliest(
        next,
        pod.metadata.deletionTimestamp === undefined ? run(context, pod, node) : stop(context, pod),
      );
    },
  };
}

/** Whether the node's kubelet does anything at all, and when that may change. */
function isWorking(context: ClusterContext, node: string): { works: boolean; next: number | undefined } {
  const machine = context.machines.get(node);
  if (machine === undefined) return { works: false, next: undefined };
  const faults = context.faults.node({ cluster: context.name, pool: machine.pool, node });
  const { working, next } = nodeHealth(machine, {
    now: context.clock.now(),
    faults,
    timings: context.timings,
  });
  return { works: working, next };
}

/** Ends a deleted pod: its processes stop some time after SIGTERM, at the latest when the grace period is over. */
function stop({ clock, store, timings }: ClusterContext, pod: StoredObject): number | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = pod.metadata;
  const killAt = timeOf(deletionTimestamp, clock.now());
  const stoppedAt = Math.min(
    killAt,
    killAt - deletionGracePeriodSeconds * 1000 + timings.pods.terminate * 1000,
  );
  if (clock.now() < stoppedAt) return stoppedAt;
  store.remove(resources.pods, pod.metadata, { uid: pod.metadata.uid, graceSeconds: 0 });
  return undefined;
}

function run(context: ClusterContext, stored: StoredObject, node: StoredObject): number | undefined {
  if (hasPodEnded(stored)) return undefined;
  const { clock, timings } = context;
  const now = clock.now();
  const pod = readPod(stored);
  const faults = faultsOf(context, stored);
  if (pod.status.startTime === undefined) {
    accept(context, stored, node);
    return now;
  }
  const missing = missingReference(context, stored);
  if (missing !== undefined) {
    if (waitFor(context, stored, missing.waiting, missing.message)) {
      recordEvent(context, stored, {
        type: 'Warning',
        reason: missing.reason,
        message: missing.message,
        source: 'kubelet',
      });
    }
    return now + timings.pods.pullBackOff * 1000;
  }
  const containers = [...pod.spec.initContainers, ...pod.spec.containers];
  const images = missingImages(
    node,
    containers.map(({ image }) => image),
  );
  const pulledAt =
    timeOf(pod.status.startTime, now) +
    images.reduce((sum, image) => sum + pullSeconds(image, timings), 0) * 1000;
  if (images.length > 0 && now < pulledAt) return pulledAt;
  if (faults.some(({ effect }) => effect === 'imagePullBackOff')) {
    const message = `Back-off pulling image "${containers[0]?.image ?? ''}"`;
    if (waitFor(context, stored, 'ImagePullBackOff', message)) {
      recordEvent(context, stored, {
        type: 'Warning',
        reason: 'Failed',
        message: `Failed to pull image: ${message}`,
        source: 'kubelet',
      });
    }
    return undefined;
  }
  if (images.length > 0) {
    addImages(context, node.metadata.name, images);
    recordEvent(context, stored, {
      type: 'Normal',
      reason: 'Pulled',
      message: `Successfully pulled ${images.join(', ')}`,
      source: 'kubelet',
    });
  }
  return runContainers(context, stored, faults);
}

/** The kubelet sees a pod bound to its node for the first time. */
function accept({ clock, store }: ClusterContext, pod: StoredObject, node: StoredObject): void {
  const hostIP = readNode(node).status.addresses.find(({ type }) => type === 'InternalIP')?.address ?? '';
  const { spec, status } = readPod(pod);
  store.mutateStatus(resources.pods, pod.metadata, (stored) => {
    stored['status'] = {
      ...status,
      phase: 'Pending',
      startTime: kubernetesTime(clock.now()),
      hostIP,
      hostIPs: [{ ip: hostIP }],
      initContainerStatuses: spec.initContainers.map((container) =>
        waitingStatus(container, 'PodInitializing'),
      ),
      containerStatuses: spec.containers.map((container) =>
        waitingStatus(container, spec.initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating'),
      ),
    };
  });
}

/** Shows why no container can start. Returns whether it said something new. */
function waitFor({ store }: ClusterContext, pod: StoredObject, reason: string, message: string): boolean {
  const { spec, status } = readPod(pod);
  if (status.containerStatuses.some(({ state }) => state.waiting?.reason === reason)) return false;
  store.mutateStatus(resources.pods, pod.metadata, (stored) => {
    stored['status'] = {
      ...status,
      containerStatuses: spec.containers.map((container) => waitingStatus(container, reason, message)),
    };
  });
  return true;
}
