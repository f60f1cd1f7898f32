import type { StoredObject } from '../../kubernetes/contract.ts';
import type { ClusterContext } from '../cluster-context.ts';
import { recordEvent } from '../events.ts';
import { withConditions } from '../objects/conditions.ts';
import { keyText, parseKey } from '../objects/keys.ts';
import { nodeReadiness, readNode } from '../objects/node.ts';
import { isPodReady, parsePod, readPod } from '../objects/pod.ts';
import { resources } from '../objects/resource-types.ts';
import { tolerates } from '../objects/taints.ts';
import { kubernetesTime, timeOf } from '../objects/times.ts';
import { earliest } from '../runtime/controller.ts';
import type { Controller } from '../runtime/controller.ts';

/**
 * What happens to pods when their node fails: they turn not ready with it, are evicted when a NoExecute taint outlasts
 * their toleration, and are removed for good once the node object is gone (pod garbage collection).
 */
export function podEvictionController(context: ClusterContext): Controller {
  const { clock, store, cache } = context;
  return {
    name: 'pod-eviction',
    affected: ({ resource, object }) => {
      if (resource.plural === 'pods') return [keyText(object.metadata)];
      return resource.plural === 'nodes'
        ? cache.podsOn(object.metadata.name).map(({ metadata }) => keyText(metadata))
        : [];
    },
    reconcile: (key) => {
      const pod = cache.get(resources.pods, parseKey(key));
      const nodeName = pod && readPod(pod).spec.nodeName;
      if (pod === undefined || nodeName === undefined) return undefined;
      const node = cache.get(resources.nodes, { name: nodeName });
      if (node === undefined) {
        store.remove(resources.pods, pod.metadata, { uid: pod.metadata.uid, graceSeconds: 0 });
        return undefined;
      }
      if (nodeReadiness(node) !== 'True' && isPodReady(pod)) markNotReady(context, pod);
      if (pod.metadata.deletionTimestamp !== undefined) return undefined;
      const at = evictionTime(pod, node);
      if (at === undefined || at > clock.now()) return at;
      recordEvent(context, pod, {
        type: 'Normal',
        reason: 'TaintManagerEviction',
        message: `Marking for deletion Pod ${key}`,
        source: 'taint-eviction-controller',
      });
      store.remove(resources.pods, pod.metadata, { uid: pod.metadata.uid });
      return undefined;
    },
  };
}

/** When a NoExecute taint drives the pod out: at once, after its shortest toleration, or never. */
function evictionTime(pod: StoredObject, node: StoredObject): number | undefined {
  const { tolerations } = readPod(pod).spec;
  const times = readNode(node)
    .spec.taints.filter(({ effect }) => effect === 'NoExecute')
    .map((taint) => {
      const added = timeOf(taint.timeAdded, 0);
      const covering = tolerations.filter((toleration) => tolerates(toleration, taint));
      if (covering.length === 0) return added;
      const limits = covering.flatMap(({ tolerationSeconds }) =>
        tolerationSeconds === undefined ? [] : [tolerationSeconds],
      );
      return limits.length === 0 ? undefined : added + Math.min(...limits) * 1000;
    });
  return earliest(...times);
}

function markNotReady({ clock, store }: ClusterContext, pod: StoredObject): void {
  const now = kubernetesTime(clock.now());
  store.mutateStatus(resources.pods, pod.metadata, (stored) => {
    const { status } = parsePod(stored);
    const notReady = { type: 'Ready', status: 'False', reason: 'NodeNotReady' };
    stored['status'] = { ...status, conditions: withConditions(status.conditions, [notReady], now) };
  });
}
