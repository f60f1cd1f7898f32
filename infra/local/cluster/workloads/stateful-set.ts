import { z } from 'zod';
import type { StoredObject } from '../../kubernetes/contract.ts';
import type { ClusterContext } from '../cluster-context.ts';
import { parseKey, shortHash } from '../objects/keys.ts';
import { hasPodEnded, isPodReady } from '../objects/pod.ts';
import { resources } from '../objects/resource-types.ts';
import type { Controller } from '../runtime/controller.ts';
import { ownAndControlled } from './affected.ts';
import { podFromTemplate } from './pod-template.ts';
import { claimVolumes, ensureClaims, releaseClaims } from './stateful-set-claims.ts';
import { statefulSetSpecSchema } from './stateful-set-spec.ts';
import type { StatefulSetSpec } from './stateful-set-spec.ts';

const statusSchema = z.looseObject({ currentRevision: z.string().optional() }).default({});

const revisionLabel = 'controller-revision-hash';

interface Member {
  ordinal: number;
  pod: StoredObject | undefined;
}

/** Keeps the numbered pods of a StatefulSet: in order or in parallel, replaced one at a time from the highest when the template changes. */
export function statefulSetController(context: ClusterContext): Controller {
  const { cache } = context;
  return {
    name: 'statefulset',
    affected: ownAndControlled(resources.statefulSets, 'StatefulSet'),
    reconcile: (key) => {
      const set = cache.get(resources.statefulSets, parseKey(key));
      if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
      const spec = statefulSetSpecSchema.parse(set['spec']);
      const revision = `${set.metadata.name}-${shortHash(spec.template, 10)}`;
      const pods = cache.controlledBy(set.metadata.uid, 'Pod');
      const members = Array.from({ length: spec.replicas }, (_, index): Member => {
        const ordinal = spec.ordinals.start + index;
        return {
          ordinal,
          pod: pods.find(({ metadata }) => metadata.name === `${set.metadata.name}-${ordinal}`),
        };
      });
      const surplus = pods.filter((pod) => !members.some((member) => member.pod === pod));
      const settled = fill(context, set, { spec, revision, members }) && shrink(context, spec, surplus);
      if (settled) update(context, spec, { members, revision });
      if (surplus.length === 0) releaseClaims(context, set, spec);
      writeStatus(context, set, { spec, revision });
      return undefined;
    },
  };
}

/** Creates what is missing and clears what has ended. Returns whether an ordered set may go on to its next step. */
function fill(
  context: ClusterContext,
  set: StoredObject,
  { spec, revision, members }: { spec: StatefulSetSpec; revision: string; members: Member[] },
): boolean {
  const parallel = spec.podManagementPolicy === 'Parallel';
  for (const { ordinal, pod } of members) {
    if (pod === undefined) {
      createPod(context, set, { spec, revision, ordinal });
    } else if (hasPodEnded(pod) && pod.metadata.deletionTimestamp === undefined) {
      context.store.remove(resources.pods, pod.metadata, { uid: pod.metadata.uid });
    }
    if (!parallel && (pod === undefined || !isPodReady(pod))) return false;
  }
  return true;
}

function createPod(
  context: ClusterContext,
  set: StoredObject,
  { spec, revision, ordinal }: { spec: StatefulSetSpec; revision: string; ordinal: number },
): void {
  const name = `${set.metadata.name}-${ordinal}`;
  ensureClaims(context, set, { spec, pod: name });
  context.store.create(
    podFromTemplate(set, spec.template, {
      name,
      labels: {
        'statefulset.kubernetes.io/pod-name': name,
        'apps.kubernetes.io/pod-index': String(ordinal),
        [revisionLabel]: revision,
      },
      spec: {
        hostname: name,
        ...(spec.serviceName !== '' && { subdomain: spec.serviceName }),
        ...(spec.volumeClaimTemplates.length > 0 && { volumes: claimVolumes(spec, name) }),
      },
    }),
  );
}

/** Removes pods beyond the replicas: all at once, or the highest first. Returns whether nothing is left to remove. */
function shrink({ store }: ClusterContext, spec: StatefulSetSpec, surplus: StoredObject[]): boolean {
  const highestFirst = surplus.toSorted((left, right) => ordinalOf(right) - ordinalOf(left));
  const batch = spec.podManagementPolicy === 'Parallel' ? highestFirst : highestFirst.slice(0, 1);
  for (const pod of batch) {
    if (pod.metadata.deletionTimestamp === undefined)
      store.remove(resources.pods, pod.metadata, { uid: pod.metadata.uid });
  }
  return surplus.length === 0;
}

/** Replaces pods of an old revision from the highest ordinal down, one at a time, waiting for each new one to be ready. */
function update(
  { store }: ClusterContext,
  spec: StatefulSetSpec,
  { members, revision }: { members: Member[]; revision: string },
): void {
  if (spec.updateStrategy.type === 'OnDelete') return;
  const { partition } = spec.updateStrategy.rollingUpdate;
  for (const { pod } of members.filter(({ ordinal }) => ordinal >= partition).toReversed()) {
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
    if (pod.metadata.labels?.[revisionLabel] !== revision) {
      store.remove(resources.pods, pod.metadata, { uid: pod.metadata.uid });
      return;
    }
    if (!isPodReady(pod)) return;
  }
}

function writeStatus(
  { store, cache }: ClusterContext,
  set: StoredObject,
  { spec, revision }: { spec: StatefulSetSpec; revision: string },
): void {
  const pods = cache
    .controlledBy(set.metadata.uid, 'Pod')
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const updated = pods.filter(({ metadata }) => metadata.labels?.[revisionLabel] === revision);
  const before = statusSchema.parse(set['status']).currentRevision;
  const rolledOut = updated.length === spec.replicas && updated.every(isPodReady);
  const currentRevision = before === undefined || rolledOut ? revision : before;
  const ready = pods.filter(isPodReady).length;
  store.mutateStatus(resources.statefulSets, set.metadata, (draft) => {
    draft['status'] = {
      observedGeneration: set.metadata.generation,
      replicas: pods.length,
      readyReplicas: ready,
      availableReplicas: ready,
      currentReplicas: pods.filter(({ metadata }) => metadata.labels?.[revisionLabel] === currentRevision)
        .length,
      updatedReplicas: updated.length,
      currentRevision,
      updateRevision: revision,
      collisionCount: 0,
    };
  });
}

function ordinalOf({ metadata }: StoredObject): number {
  return Number(metadata.name.slice(metadata.name.lastIndexOf('-') + 1));
}
