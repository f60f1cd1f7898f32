import { z } from 'zod';
import type { StoreChange, StoredObject } from '../../kubernetes/contract.ts';
import type { ClusterContext } from '../cluster-context.ts';
import { nodeNameOf } from '../karpenter/node-claim.ts';
import { withConditions } from '../objects/conditions.ts';
import { controllerOf } from '../objects/keys.ts';
import { nodeReadiness, parseNode, readNode } from '../objects/node.ts';
import { isPodReady, readPod } from '../objects/pod.ts';
import type { Condition } from '../objects/pod.ts';
import { resources } from '../objects/resource-types.ts';
import { kubernetesTime, timeOf } from '../objects/times.ts';
import type { Taint } from '../objects/taints.ts';
import { earliest } from '../runtime/controller.ts';
import type { Controller } from '../runtime/controller.ts';
import type { Machine } from './machine.ts';
import { nodeHealth } from './node-health.ts';
import type { NodeHealth } from './node-health.ts';
import { nodeInfo, nodeObject, nodeResources } from './node-object.ts';

/** Images by which the NVIDIA device plugin is known, stand-alone or as part of the GPU operator. */
const devicePluginImage = /nvidia.*device-plugin|k8s-device-plugin/i;

/** Registers machines as Nodes, keeps their readiness, GPUs and taints, and removes the Nodes of machines that are gone. */
export function nodeController(context: ClusterContext): Controller {
  const { clock, store, cache, machines, timings } = context;

  function reconcile(name: string): number | undefined {
    const machine = machines.get(name);
    const node = cache.get(resources.nodes, { name });
    if (machine === undefined) {
      if (node) store.remove(resources.nodes, { name });
      return undefined;
    }
    const faults = context.faults.node({ cluster: context.name, pool: machine.pool, node: name });
    if (node === undefined) {
      if (machine.joined || faults.some(({ effect }) => effect === 'neverJoins')) return undefined;
      if (clock.now() < machine.joinAt) return machine.joinAt;
      store.create(nodeObject(machine, context.name));
      machines.markJoined(name);
    }
    const health = nodeHealth(machine, { now: clock.now(), faults, timings });
    if (health.lost) {
      machines.markLost(name);
      return undefined;
    }
    const found = faults.some(({ effect }) => effect === 'noGpu') ? { ...machine, gpus: 0 } : machine;
    const plugin = devicePluginDue(context, found);
    writeStatus(context, found, { health, pluginReady: plugin !== undefined && plugin <= clock.now() });
    writeTaints(context, machine);
    if (machine.leavingSince !== undefined) drain(context, name);
    return earliest(health.next, plugin !== undefined && plugin > clock.now() ? plugin : undefined);
  }

  return {
    name: 'node',
    affected: ({ resource, object }: StoreChange) => {
      if (resource.plural === 'nodes') return [object.metadata.name];
      if (resource.plural === 'nodeclaims') return [nodeNameOf(object.metadata.name)];
      if (resource.plural !== 'pods') return [];
      const { nodeName } = readPod(object).spec;
      return nodeName !== undefined && isDevicePlugin(object) ? [nodeName] : [];
    },
    reconcile,
  };
}

function isDevicePlugin(pod: StoredObject): boolean {
  return readPod(pod).spec.containers.some(({ image }) => devicePluginImage.test(image));
}

/** When the machine's GPUs are (or were) registered: a while after the plugin's pod on it became Ready. */
function devicePluginDue({ cache, timings }: ClusterContext, machine: Machine): number | undefined {
  if (machine.gpus === 0) return undefined;
  const ready = cache
    .podsOn(machine.name)
    .filter((pod) => isDevicePlugin(pod) && controllerOf(pod)?.kind === 'DaemonSet' && isPodReady(pod));
  const times = ready.map((pod) => {
    const condition = readPod(pod).status.conditions.find(({ type }) => type === 'Ready');
    return timeOf(condition?.lastTransitionTime, 0) + timings.nodes.devicePlugin * 1000;
  });
  return earliest(...times);
}

const imagesSchema = z.looseObject({ images: z.array(z.unknown()).optional() }).catch({});

function writeStatus(
  context: ClusterContext,
  machine: Machine,
  facts: { health: NodeHealth; pluginReady: boolean },
): void {
  const now = kubernetesTime(context.clock.now());
  const { health, pluginReady } = facts;
  context.store.mutateStatus(resources.nodes, { name: machine.name }, (node) => {
    const { images } = imagesSchema.parse(node['status']);
    const { conditions } = parseNode(node).status;
    node['status'] = {
      ...nodeInfo(machine),
      ...nodeResources(machine, pluginReady),
      ...(images && { images }),
      conditions: withConditions(conditions, nodeConditions(health), now),
    };
  });
}

function nodeConditions({ ready }: NodeHealth): Condition[] {
  const silent = ready === 'Unknown';
  const pressure = ['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => ({
    type,
    status: silent ? 'Unknown' : 'False',
    reason: silent ? 'NodeStatusUnknown' : `KubeletHasNo${type}`,
    message: silent ? 'Kubelet stopped posting node status.' : 'kubelet is healthy',
  }));
  const readyCondition = {
    True: { reason: 'KubeletReady', message: 'kubelet is posting ready status' },
    False: { reason: 'KubeletNotReady', message: 'container runtime network not ready: NetworkReady=false' },
    Unknown: { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' },
  }[ready];
  return [...pressure, { type: 'Ready', status: ready, ...readyCondition }];
}

const lifecycleTaints = [
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
  'node.kubernetes.io/unschedulable',
];

/** The taints the node lifecycle controller keeps, beside the pool's own; the time of a taint starts evictions. */
function writeTaints({ clock, store, cache }: ClusterContext, machine: Machine): void {
  const node = cache.get(resources.nodes, { name: machine.name });
  if (node === undefined) return;
  const readiness = nodeReadiness(node);
  const leaving = machine.leavingSince !== undefined;
  const wanted: Taint[] = [];
  const condition = { False: 'node.kubernetes.io/not-ready', Unknown: 'node.kubernetes.io/unreachable' }[
    readiness
  ];
  if (condition !== undefined) {
    wanted.push(
      { key: condition, value: '', effect: 'NoSchedule' },
      { key: condition, value: '', effect: 'NoExecute' },
    );
  }
  if (leaving || readNode(node).spec.unschedulable) {
    wanted.push({ key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' });
  }
  const current = readNode(node).spec.taints;
  const now = kubernetesTime(clock.now());
  const taints = [
    ...current.filter(({ key }) => !lifecycleTaints.includes(key)),
    ...wanted.map((taint) => {
      const before = current.find(({ key, effect }) => key === taint.key && effect === taint.effect);
      return { key: taint.key, effect: taint.effect, timeAdded: before?.timeAdded ?? now };
    }),
  ].map(({ value, ...taint }: { key: string; effect: string; value?: string; timeAdded?: string }) => ({
    ...taint,
    ...(value && { value }),
  }));
  store.mutate(resources.nodes, { name: machine.name }, (stored) => {
    const spec = z.looseObject({}).parse(stored['spec'] ?? {});
    stored['spec'] = { ...spec, taints, ...(leaving && { unschedulable: true }) };
  });
}

/** AKS cordons and drains a node before it deletes the machine; pods of DaemonSets stay until the end. */
function drain({ store, cache }: ClusterContext, name: string): void {
  for (const pod of cache.podsOn(name)) {
    if (pod.metadata.deletionTimestamp !== undefined || controllerOf(pod)?.kind === 'DaemonSet') continue;
    store.remove(resources.pods, pod.metadata, { uid: pod.metadata.uid });
  }
}
