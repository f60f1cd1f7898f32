/** Why a Ready node offers no GPU: which step between the driver and the kubelet is missing, by what the API server shows. */
import type { GpuProblem, NodeTaint } from './cluster.ts';
import type { DaemonSetFacts } from './device-plugin.ts';
import type { PodFacts } from './pod-problem.ts';
import { findPodProblem } from './pod-problem.ts';

/** What is read of a node. */
export interface GpuNode {
  name: string;
  labels: Readonly<Record<string, string>>;
  taints?: readonly NodeTaint[];
}

/** A device plugin's DaemonSet with its pods. */
export interface PluginFacts {
  set: DaemonSetFacts;
  pods: readonly (PodFacts & { spec?: { nodeName?: string } })[];
}

/** Taints that the DaemonSet controller has its pods tolerate. Source: Kubernetes, "Taints and tolerations" of DaemonSets. */
const toleratedByAll = /^node\.kubernetes\.io\//;

export function findGpuProblem(node: GpuNode, plugins: readonly PluginFacts[]): GpuProblem {
  const [first] = plugins;
  if (first === undefined) {
    return {
      reason: 'DevicePluginAbsent',
      message: 'the cluster has no DaemonSet of the NVIDIA device plugin',
    };
  }
  const here = plugins.flatMap(({ set, pods }) =>
    pods.filter(({ spec }) => spec?.nodeName === node.name).map((pod) => ({ set, pod })),
  );
  const [found] = here;
  if (found === undefined) return notScheduled(node, first.set);
  const failing = here.find(({ pod }) => !isReady(pod)) ?? found;
  return isReady(failing.pod) ? noDriver(node, failing.set) : notRunning(node, failing);
}

function notScheduled(node: GpuNode, set: DaemonSetFacts): GpuProblem {
  const why = [...untoleratedTaints(node, set), ...unmetLabels(node, set)];
  const because = why.length === 0 ? '' : `: ${why.join('; ')}`;
  return {
    reason: 'DevicePluginNotScheduled',
    message: `DaemonSet ${nameOf(set)} has no pod on node ${node.name}${because}`,
  };
}

function notRunning(node: GpuNode, { set, pod }: { set: DaemonSetFacts; pod: PodFacts }): GpuProblem {
  const problem = findPodProblem([pod]);
  const how =
    problem === undefined ? `is ${pod.status?.phase ?? 'Pending'}` : `${problem.reason}: ${problem.message}`;
  return {
    reason: 'DevicePluginFailing',
    message: `pod ${pod.metadata?.name ?? ''} of DaemonSet ${nameOf(set)} on node ${node.name} ${how}`,
  };
}

/** AKS and GPU feature discovery label nodes on which they see a GPU. */
const seenByOthers = ['kubernetes.azure.com/accelerator', 'accelerator', 'nvidia.com/gpu.present'];

function noDriver(node: GpuNode, set: DaemonSetFacts): GpuProblem {
  const labelled = seenByOthers.some((label) => (node.labels[label] ?? 'false') !== 'false');
  const hardware = labelled ? '' : ', and no label says that it has one';
  return {
    reason: 'DriverMissing',
    message: `DaemonSet ${nameOf(set)} runs on node ${node.name} and finds no GPU: the NVIDIA driver is not installed or not loaded${hardware}`,
  };
}

function isReady({ status }: PodFacts): boolean {
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;
}

function untoleratedTaints({ taints = [] }: GpuNode, { spec }: DaemonSetFacts): string[] {
  const tolerations = spec?.template.spec?.tolerations ?? [];
  return taints
    .filter(({ key, effect }) => effect !== 'PreferNoSchedule' && !toleratedByAll.test(key))
    .filter((taint) => !tolerations.some((toleration) => tolerates(toleration, taint)))
    .map(({ key, value = '', effect }) => `it does not tolerate the taint ${key}=${value}:${effect}`);
}

/** Source: Kubernetes, `Toleration`: an empty effect or key stands for all, `Exists` for every value. */
function tolerates(
  { key = '', operator = 'Equal', value = '', effect = '' }: Partial<NodeTaint> & { operator?: string },
  taint: NodeTaint,
): boolean {
  if (effect !== '' && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  return operator === 'Exists' || (key !== '' && value === (taint.value ?? ''));
}

function unmetLabels({ labels }: GpuNode, { spec }: DaemonSetFacts): string[] {
  const pod = spec?.template.spec;
  const selected = Object.entries(pod?.nodeSelector ?? {}).filter(([key, value]) => labels[key] !== value);
  const terms =
    pod?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const met = terms.some(({ matchExpressions = [] }) =>
    matchExpressions.every((expression) => isMet(expression, labels)),
  );
  const wanted = terms.map(({ matchExpressions = [] }) => matchExpressions.map(describe).join(' and '));
  return [
    ...selected.map(([key, value]) => `the node lacks the label ${key}=${value}`),
    ...(terms.length === 0 || met ? [] : [`the node has none of the labels ${wanted.join(', ')}`]),
  ];
}

interface Expression {
  key: string;
  operator: string;
  values?: string[];
}

/** Operators that device plugins do not use count as met: what is not understood is not blamed. */
function isMet(
  { key, operator, values = [] }: Expression,
  labels: Readonly<Record<string, string>>,
): boolean {
  const label = labels[key];
  if (operator === 'In') return label !== undefined && values.includes(label);
  return operator === 'Exists' ? label !== undefined : true;
}

function describe({ key, values = [] }: Expression): string {
  return values.length === 0 ? key : `${key}=${values.join('|')}`;
}

function nameOf({ metadata }: DaemonSetFacts): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
}
