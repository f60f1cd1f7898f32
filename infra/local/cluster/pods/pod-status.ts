import { createHash } from 'node:crypto';
import type { StoredObject } from '../../kubernetes/contract.ts';
import { withConditions } from '../objects/conditions.ts';
import type { Condition, Container, ContainerState, ContainerStatus, Pod } from '../objects/pod.ts';
import { kubernetesTime } from '../objects/times.ts';

/** The status a container has before it ever ran. */
export function waitingStatus({ name, image }: Container, reason: string, message?: string): ContainerStatus {
  const state: ContainerState = { waiting: { reason, ...(message !== undefined && { message }) } };
  return { name, image, imageID: '', ready: false, started: false, restartCount: 0, state, lastState: {} };
}

/** The pod's address: follows from its uid, so it needs no allocation table and survives restarts. */
export function podAddress(pod: StoredObject): string {
  const digest = createHash('sha256').update(pod.metadata.uid).digest();
  return `10.244.${digest.readUInt8(0)}.${1 + (digest.readUInt8(1) % 254)}`;
}

/** Phase by the states of init and main containers. */
export function podPhase(init: ContainerStatus[], main: ContainerStatus[], restartPolicy: string): string {
  const failedInit = init.some(
    ({ state }) => state.terminated !== undefined && state.terminated.exitCode !== 0,
  );
  if (failedInit && restartPolicy === 'Never') return 'Failed';
  const ended = main.filter(({ state }) => state.terminated !== undefined);
  if (main.length > 0 && ended.length === main.length) {
    return ended.every(({ state }) => state.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
  }
  const hasRun = main.some(
    ({ state, lastState }) => state.running ?? state.terminated ?? lastState.terminated,
  );
  return hasRun ? 'Running' : 'Pending';
}

/** Initialized, ContainersReady and Ready as the kubelet writes them. */
export function podConditions(
  pod: Pod,
  facts: { initialized: boolean; sandbox: boolean; main: ContainerStatus[]; phase: string; now: number },
): Condition[] {
  const { initialized, sandbox, main, phase, now } = facts;
  const ready = initialized && main.length > 0 && main.every((status) => status.ready);
  const completed = phase === 'Succeeded';
  const unready = main.filter((status) => !status.ready).map(({ name }) => name);
  const why = completed
    ? { reason: 'PodCompleted' }
    : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
  const readiness = ready ? { status: 'True' } : { status: 'False', ...why };
  return withConditions(
    pod.status.conditions,
    [
      { type: 'PodReadyToStartContainers', status: sandbox ? 'True' : 'False' },
      initialized
        ? { type: 'Initialized', status: 'True' }
        : { type: 'Initialized', status: 'False', reason: 'ContainersNotInitialized' },
      { type: 'ContainersReady', ...readiness },
      { type: 'Ready', ...readiness },
    ],
    kubernetesTime(now),
  );
}
