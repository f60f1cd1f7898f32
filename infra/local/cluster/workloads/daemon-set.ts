import { z } from 'zod';
import type { StoredObject } from '../../kubernetes/contract.ts';
import type { ClusterContext } from '../cluster-context.ts';
import { keyText, parseKey, shortHash } from '../objects/keys.ts';
import { nodeReadiness, readNode } from '../objects/node.ts';
import { hasPodEnded, isPodReady, parsePod, readPod } from '../objects/pod.ts';
import { resources } from '../objects/resource-types.ts';
import { tolerationSchema, untolerated } from '../objects/taints.ts';
import type { Controller } from '../runtime/controller.ts';
import { selects } from '../pods/fit.ts';
import { ownAndControlled } from './affected.ts';
import { podFromTemplate, templateSchema } from './pod-template.ts';

const specSchema = z.looseObject({
  template: templateSchema,
  updateStrategy: z.looseObject({ type: z.string() }).default({ type: 'RollingUpdate' }),
});

/** Tolerations the DaemonSet controller adds, so that its pods come before a node is ready and stay while it fails. */
const daemonTolerations = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
].map((toleration) => tolerationSchema.parse(toleration));

const hashLabel = 'controller-revision-hash';

/** Keeps one pod on every node that a DaemonSet's template selects and tolerates. */
export function daemonSetController(context: ClusterContext): Controller {
  const { store, cache } = context;
  const affected = ownAndControlled(resources.daemonSets, 'DaemonSet');
  return {
    name: 'daemonset',
    affected: (change) =>
      change.resource.plural === 'nodes'
        ? cache.list(resources.daemonSets).map(({ metadata }) => keyText(metadata))
        : affected(change),
    reconcile: (key) => {
      const set = cache.get(resources.daemonSets, parseKey(key));
      if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
      const { template, updateStrategy } = specSchema.parse(set['spec']);
      const hash = shortHash(template, 10);
      const sample = parsePod({ ...set, spec: template.spec, status: {} });
      const tolerations = [...sample.spec.tolerations, ...daemonTolerations];
      const nodes = cache.list(resources.nodes).filter((node) => {
        const { taints } = readNode(node).spec;
        const blocking = untolerated(withoutLifecycle(taints), tolerations, ['NoSchedule', 'NoExecute']);
        return selects(sample, node) && blocking === undefined;
      });
      const pods = cache.controlledBy(set.metadata.uid, 'Pod');
      for (const node of nodes) {
        const { name } = node.metadata;
        const own = pods.filter((pod) => readPod(pod).spec.nodeName === name);
        if (own.length === 0 && nodeReadiness(node) !== 'Unknown') {
          const spec = { tolerations, nodeName: name };
          store.create(
            podFromTemplate(set, template, {
              name: `${set.metadata.name}-`,
              labels: { [hashLabel]: hash },
              spec,
            }),
          );
        }
      }
      const outdated = (pod: StoredObject): boolean =>
        updateStrategy.type !== 'OnDelete' && pod.metadata.labels?.[hashLabel] !== hash;
      const misplaced = (pod: StoredObject): boolean =>
        !nodes.some(({ metadata }) => metadata.name === readPod(pod).spec.nodeName);
      const updating = pods.some(({ metadata }) => metadata.deletionTimestamp !== undefined);
      const removable = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
      const firstOutdated = updating ? undefined : removable.find(outdated);
      for (const pod of removable) {
        if (pod !== firstOutdated && !misplaced(pod) && !hasPodEnded(pod)) continue;
        store.remove(resources.pods, pod.metadata, { uid: pod.metadata.uid });
      }
      writeStatus(context, set, { wanted: nodes.length, hash });
      return undefined;
    },
  };
}

function withoutLifecycle<Taint extends { key: string }>(taints: Taint[]): Taint[] {
  return taints.filter(
    ({ key }) => key !== 'node.kubernetes.io/not-ready' && key !== 'node.kubernetes.io/unreachable',
  );
}

function writeStatus(
  { store, cache }: ClusterContext,
  set: StoredObject,
  { wanted, hash }: { wanted: number; hash: string },
): void {
  const pods = cache.controlledBy(set.metadata.uid, 'Pod').filter((pod) => !hasPodEnded(pod));
  const ready = pods.filter(isPodReady).length;
  store.mutateStatus(resources.daemonSets, set.metadata, (draft) => {
    draft['status'] = {
      observedGeneration: set.metadata.generation,
      desiredNumberScheduled: wanted,
      currentNumberScheduled: Math.min(wanted, pods.length),
      numberMisscheduled: 0,
      numberReady: ready,
      numberAvailable: ready,
      numberUnavailable: Math.max(0, wanted - ready),
      updatedNumberScheduled: pods.filter(({ metadata }) => metadata.labels?.[hashLabel] === hash).length,
    };
  });
}
