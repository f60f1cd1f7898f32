import type { StoredObject } from '../../kubernetes/contract.ts';
import type { ClusterContext } from '../cluster-context.ts';
import { recordEvent } from '../events.ts';
import { withConditions } from '../objects/conditions.ts';
import { nodeReadiness } from '../objects/node.ts';
import { hasPodEnded, parsePod, readPod } from '../objects/pod.ts';
import type { Condition } from '../objects/pod.ts';
import { resources } from '../objects/resource-types.ts';
import { kubernetesTime } from '../objects/times.ts';
import type { Controller } from '../runtime/controller.ts';
import { isRepelled, podRequests, unfitReason } from './fit.ts';
import type { Amounts } from './fit.ts';

const everything = 'pending';

/** Places pending pods on nodes: one pass over all of them whenever a pod or a node changes. */
export function scheduler(context: ClusterContext): Controller {
  const { cache } = context;
  return {
    name: 'scheduler',
    affected: ({ type, resource, object }) => {
      if (resource.plural === 'nodes' || resource.plural === 'persistentvolumeclaims') return [everything];
      if (resource.plural !== 'pods') return [];
      const waits = isPending(object);
      const frees = type === 'DELETED' || hasPodEnded(object);
      return waits || frees ? [everything] : [];
    },
    reconcile: () => {
      const pending = cache.list(resources.pods).filter(isPending);
      if (pending.length === 0) return undefined;
      const nodes = cache
        .list(resources.nodes)
        .map((node) => ({ node, used: usedOn(context, node.metadata.name) }));
      for (const pod of pending) place(context, pod, nodes);
      return undefined;
    },
  };
}

function isPending(pod: StoredObject): boolean {
  const { spec, status } = readPod(pod);
  const gates = spec['schedulingGates'];
  const gated = Array.isArray(gates) && gates.length > 0;
  return (
    spec.nodeName === undefined &&
    status.phase === 'Pending' &&
    pod.metadata.deletionTimestamp === undefined &&
    !gated
  );
}

function usedOn({ cache }: ClusterContext, node: string): Amounts {
  const used: Amounts = new Map();
  for (const pod of cache.podsOn(node)) {
    if (hasPodEnded(pod)) continue;
    add(used, podRequests(readPod(pod)));
  }
  return used;
}

function add(used: Amounts, more: Amounts): void {
  for (const [name, amount] of more) used.set(name, (used.get(name) ?? 0) + amount);
}

function place(
  context: ClusterContext,
  pod: StoredObject,
  nodes: { node: StoredObject; used: Amounts }[],
): void {
  const { store, cache } = context;
  const reasons = new Map<string, number>();
  const unbound = unboundClaim(context, pod);
  const fitting = nodes.filter(({ node, used }) => {
    const reason =
      unbound ??
      (nodeReadiness(node) === 'True' ? undefined : 'node(s) were not ready') ??
      unfitReason(pod, node, used) ??
      (isRepelled(pod, cache.podsOn(node.metadata.name))
        ? "node(s) didn't match pod anti-affinity rules"
        : undefined);
    if (reason !== undefined) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    return reason === undefined;
  });
  const best = fitting.toSorted((left, right) => podsOf(left.used) - podsOf(right.used))[0];
  if (best === undefined) {
    const list = [...reasons.keys()].sort().map((reason) => `${reasons.get(reason) ?? 0} ${reason}`);
    refuse(context, pod, `0/${nodes.length} nodes are available: ${list.join(', ')}.`);
    return;
  }
  add(best.used, podRequests(readPod(pod)));
  const name = best.node.metadata.name;
  store.mutate(resources.pods, pod.metadata, (stored) => {
    stored['spec'] = { ...specOf(stored), nodeName: name };
  });
  writeCondition(context, pod, { type: 'PodScheduled', status: 'True' });
  const message = `Successfully assigned ${pod.metadata.namespace ?? ''}/${pod.metadata.name} to ${name}`;
  recordEvent(context, pod, { type: 'Normal', reason: 'Scheduled', message, source: 'default-scheduler' });
}

function specOf(pod: StoredObject): object {
  const spec = pod['spec'];
  return typeof spec === 'object' && spec !== null ? spec : {};
}

function podsOf(used: Amounts): number {
  return used.get('pods') ?? 0;
}

/** Why the pod's volumes keep it waiting: a claim that does not exist. */
function unboundClaim({ cache }: ClusterContext, pod: StoredObject): string | undefined {
  const namespace = pod.metadata.namespace ?? '';
  for (const { persistentVolumeClaim } of readPod(pod).spec.volumes) {
    if (persistentVolumeClaim === undefined) continue;
    const name = persistentVolumeClaim.claimName;
    if (cache.get(resources.persistentVolumeClaims, { namespace, name }) === undefined)
      return `persistentvolumeclaim "${name}" not found`;
  }
  return undefined;
}

function refuse(context: ClusterContext, pod: StoredObject, message: string): void {
  const known = readPod(pod).status.conditions.find(({ type }) => type === 'PodScheduled');
  if (known?.status === 'False' && withoutCounts(known.message ?? '') === withoutCounts(message)) return;
  writeCondition(context, pod, { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message });
  recordEvent(context, pod, {
    type: 'Warning',
    reason: 'FailedScheduling',
    message,
    source: 'default-scheduler',
  });
}

/** That one more node does not fit either is no news: hundreds of waiting pods would all be rewritten for it. */
function withoutCounts(message: string): string {
  return message.replaceAll(/\d+/g, '#');
}

function writeCondition({ clock, store }: ClusterContext, pod: StoredObject, condition: Condition): void {
  const now = kubernetesTime(clock.now());
  store.mutateStatus(resources.pods, pod.metadata, (stored) => {
    const { status } = parsePod(stored);
    stored['status'] = { ...status, conditions: withConditions(status.conditions, [condition], now) };
  });
}
