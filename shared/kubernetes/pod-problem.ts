import { StringDecoder } from 'node:string_decoder';
import type { PodProblem } from './cluster.ts';
import type { ObjectMetadata } from './manifest.ts';

interface Ended {
  reason?: string;
  message?: string;
  exitCode: number;
}

interface ContainerState {
  waiting?: { reason?: string; message?: string };
  terminated?: Ended;
}

/** What is read of a container status. */
export interface ContainerFacts {
  name: string;
  ready: boolean;
  state?: ContainerState;
  lastState?: ContainerState;
}

/** What is read of a Pod. */
export interface PodFacts {
  metadata?: ObjectMetadata;
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    initContainerStatuses?: ContainerFacts[];
    containerStatuses?: ContainerFacts[];
  };
}

/** Waiting reasons by class, in KAITO's order of checks; an out-of-memory kill comes before them all. */
const waitingReasons: readonly [PodProblem['reason'], ReadonlySet<string>][] = [
  [
    'ImagePullError',
    new Set([
      'ImagePullBackOff',
      'ErrImagePull',
      'InvalidImageName',
      'ErrImageNeverPull',
      'ImageInspectError',
      'RegistryUnavailable',
    ]),
  ],
  [
    'ContainerStartError',
    new Set([
      'CreateContainerConfigError',
      'CreateContainerError',
      'PreCreateHookError',
      'PreStartHookError',
      'RunContainerError',
      'PostStartHookError',
    ]),
  ],
  ['ContainerCrashLoopBackOff', new Set(['CrashLoopBackOff'])],
];

/** Longest message, bytes of UTF-8, as KAITO cuts it. */
const maxMessageBytes = 256;

/**
 * What keeps the pods of one workload from running, or undefined. First match wins: containers of every pod (init containers
 * included), then evictions, then scheduling. Source: KAITO's inference failure classes. Pods on their way out tell nothing.
 */
export function findPodProblem(pods: readonly PodFacts[]): PodProblem | undefined {
  const living = pods
    .filter(
      ({ metadata, status }) => metadata?.deletionTimestamp === undefined && status?.phase !== 'Succeeded',
    )
    .toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
  for (const check of [containerProblem, evictionProblem, schedulingProblem]) {
    for (const pod of living) {
      const found = check(pod);
      if (found !== undefined) {
        return { reason: found.reason, message: cut(found.message), pod: nameOf(pod) };
      }
    }
  }
  return undefined;
}

type Finding = Pick<PodProblem, 'reason' | 'message'>;

function containerProblem({ status }: PodFacts): Finding | undefined {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const container of containers) {
    const found = memoryProblem(container) ?? waitingProblem(container);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Killed for memory now or last time, unless it has recovered since. */
function memoryProblem({ name, ready, state, lastState }: ContainerFacts): Finding | undefined {
  const killed = [state?.terminated, lastState?.terminated].find((ended) => ended?.reason === 'OOMKilled');
  if (killed === undefined || ready) return undefined;
  return {
    reason: 'ContainerOOMKilled',
    message: killed.message ?? `container ${name} ran out of memory (exit code ${killed.exitCode})`,
  };
}

function waitingProblem({ name, state, lastState }: ContainerFacts): Finding | undefined {
  const waiting = state?.waiting;
  const reason = waiting?.reason;
  if (reason === undefined) return undefined;
  const known = waitingReasons.find(([, reasons]) => reasons.has(reason));
  if (known === undefined) return undefined;
  const ended = lastState?.terminated;
  const exit = ended === undefined ? '' : `; last exit code ${ended.exitCode}`;
  return { reason: known[0], message: `${waiting?.message ?? `container ${name}: ${reason}`}${exit}` };
}

function evictionProblem({ status }: PodFacts): Finding | undefined {
  if (status?.reason !== 'Evicted') return undefined;
  const message = status.message ?? 'the pod was evicted';
  const text = message.toLowerCase();
  if (text.includes('ephemeral-storage') || text.includes('disk'))
    return { reason: 'NodeDiskPressure', message };
  return { reason: text.includes('memory') ? 'NodeMemoryPressure' : 'PodEvicted', message };
}

function schedulingProblem({ status }: PodFacts): Finding | undefined {
  const condition = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (condition?.status !== 'False' || condition.reason !== 'Unschedulable') return undefined;
  return { reason: 'Unschedulable', message: condition.message ?? 'no node fits the pod' };
}

function nameOf({ metadata }: PodFacts): string {
  return metadata?.name ?? '';
}

/** Cuts to whole characters within the byte limit: a decoder holds back an unfinished one. */
function cut(message: string): string {
  return new StringDecoder('utf8').write(Buffer.from(message).subarray(0, maxMessageBytes));
}
