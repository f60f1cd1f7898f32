import type { StoredObject } from '../../kubernetes/contract.ts';
import { readNode } from '../objects/node.ts';
import type { NodeSelectorRequirement, Pod } from '../objects/pod.ts';
import { readPod } from '../objects/pod.ts';
import { parseQuantity } from '../objects/quantity.ts';
import { untolerated } from '../objects/taints.ts';

/** Amounts by resource name, in base units. */
export type Amounts = Map<string, number>;

/** What a pod asks of its node: the sum of its containers, or the largest init container, and one pod slot. */
export function podRequests({ spec }: Pod): Amounts {
  const total: Amounts = new Map([['pods', 1]]);
  for (const { resources } of spec.containers) {
    for (const [name, quantity] of Object.entries({ ...resources.limits, ...resources.requests })) {
      total.set(name, (total.get(name) ?? 0) + parseQuantity(quantity));
    }
  }
  for (const { resources } of spec.initContainers) {
    for (const [name, quantity] of Object.entries({ ...resources.limits, ...resources.requests })) {
      total.set(name, Math.max(total.get(name) ?? 0, parseQuantity(quantity)));
    }
  }
  return total;
}

/** Why `pod` cannot run on `node` with `used` already taken there; undefined when it can. Wording as the scheduler's. */
export function unfitReason(podObject: StoredObject, node: StoredObject, used: Amounts): string | undefined {
  const pod = readPod(podObject);
  const { spec, status } = readNode(node);
  const taint = untolerated(spec.taints, pod.spec.tolerations, ['NoSchedule', 'NoExecute']);
  if (taint !== undefined) return `node(s) had untolerated taint {${taint.key}: ${taint.value}}`;
  if (!selects(pod, node)) return "node(s) didn't match Pod's node affinity/selector";
  for (const [name, wanted] of podRequests(pod)) {
    const allocatable = status.allocatable[name];
    const free = (allocatable === undefined ? 0 : parseQuantity(allocatable)) - (used.get(name) ?? 0);
    // Asking for none of something fits even where it is overcommitted.
    if (wanted > 0 && wanted > free) return name === 'pods' ? 'Too many pods' : `Insufficient ${name}`;
  }
  return undefined;
}

/** nodeSelector and required node affinity. */
export function selects(pod: Pod, node: StoredObject): boolean {
  const labels = node.metadata.labels ?? {};
  if (!Object.entries(pod.spec.nodeSelector).every(([key, value]) => labels[key] === value)) return false;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required === undefined) return true;
  const fields = { 'metadata.name': node.metadata.name };
  return required.nodeSelectorTerms.some(
    ({ matchExpressions, matchFields }) =>
      matchExpressions.length + matchFields.length > 0 &&
      matchExpressions.every((requirement) => meets(labels, requirement)) &&
      matchFields.every((requirement) => meets(fields, requirement)),
  );
}

function meets(labels: Record<string, string>, { key, operator, values }: NodeSelectorRequirement): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return value !== undefined && Number(value) > Number(values[0]);
    case 'Lt':
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** Required pod anti-affinity by hostname: no pod that its selector matches may run on the same node. */
export function isRepelled(pod: StoredObject, running: StoredObject[]): boolean {
  const terms =
    readPod(pod).spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms
    .filter(({ topologyKey }) => topologyKey === 'kubernetes.io/hostname')
    .some(({ labelSelector }) => {
      const wanted = Object.entries(labelSelector?.matchLabels ?? {});
      return running.some(
        ({ metadata }) =>
          metadata.namespace === pod.metadata.namespace &&
          wanted.every(([key, value]) => metadata.labels?.[key] === value),
      );
    });
}
