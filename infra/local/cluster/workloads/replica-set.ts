import { z } from 'zod';
import type { ClusterContext } from '../cluster-context.ts';
import { parseKey } from '../objects/keys.ts';
import { isPodActive, isPodReady } from '../objects/pod.ts';
import { resources } from '../objects/resource-types.ts';
import type { Controller } from '../runtime/controller.ts';
import { ownAndControlled } from './affected.ts';
import { podFromTemplate, templateSchema } from './pod-template.ts';

const specSchema = z.looseObject({ replicas: z.number().default(1), template: templateSchema });

/** Keeps as many active pods as a ReplicaSet asks for; those not ready go first when there are too many. */
export function replicaSetController({ store, cache }: ClusterContext): Controller {
  return {
    name: 'replicaset',
    affected: ownAndControlled(resources.replicaSets, 'ReplicaSet'),
    reconcile: (key) => {
      const set = cache.get(resources.replicaSets, parseKey(key));
      if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
      const { replicas, template } = specSchema.parse(set['spec']);
      const active = cache.controlledBy(set.metadata.uid, 'Pod').filter(isPodActive);
      for (let missing = replicas - active.length; missing > 0; missing--) {
        store.create(podFromTemplate(set, template, { name: `${set.metadata.name}-` }));
      }
      const surplus = active.toSorted((left, right) => Number(isPodReady(left)) - Number(isPodReady(right)));
      for (const pod of surplus.slice(0, Math.max(0, active.length - replicas))) {
        store.remove(resources.pods, pod.metadata, { uid: pod.metadata.uid });
      }
      const pods = cache.controlledBy(set.metadata.uid, 'Pod').filter(isPodActive);
      const ready = pods.filter(isPodReady).length;
      store.mutateStatus(resources.replicaSets, set.metadata, (draft) => {
        draft['status'] = {
          replicas: pods.length,
          fullyLabeledReplicas: pods.length,
          readyReplicas: ready,
          availableReplicas: ready,
          observedGeneration: set.metadata.generation,
        };
      });
      return undefined;
    },
  };
}
