import { z } from 'zod';
import type { StoredObject } from '../../kubernetes/contract.ts';
import type { ClusterContext } from '../cluster-context.ts';
import { controllerReference } from '../objects/keys.ts';
import { resources } from '../objects/resource-types.ts';
import type { StatefulSetSpec } from './stateful-set-spec.ts';

const volumesSchema = z.looseObject({ volumes: z.array(z.looseObject({ name: z.string() })).default([]) });

function claimName(template: string, pod: string): string {
  return `${template}-${pod}`;
}

/** The pod's volumes with those of the claim templates in place of any of the same name. */
export function claimVolumes(
  { template, volumeClaimTemplates }: StatefulSetSpec,
  pod: string,
): Record<string, unknown>[] {
  const claimed = volumeClaimTemplates.map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: claimName(metadata.name, pod) },
  }));
  const { volumes } = volumesSchema.parse(template.spec);
  return [...volumes.filter(({ name }) => !claimed.some((volume) => volume.name === name)), ...claimed];
}

/** Makes the claims of one pod. They belong to the set when they shall go with it. */
export function ensureClaims(
  { store, cache }: ClusterContext,
  set: StoredObject,
  { spec, pod }: { spec: StatefulSetSpec; pod: string },
): void {
  const namespace = set.metadata.namespace ?? 'default';
  const owned = spec.persistentVolumeClaimRetentionPolicy.whenDeleted === 'Delete';
  for (const template of spec.volumeClaimTemplates) {
    const name = claimName(template.metadata.name, pod);
    if (cache.get(resources.persistentVolumeClaims, { namespace, name })) continue;
    store.create({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name,
        namespace,
        labels: template.metadata.labels,
        ...(owned && { ownerReferences: [controllerReference(set)] }),
      },
      spec: template.spec,
    });
  }
}

/** Deletes the claims of pods beyond the replicas when the set's policy says so. */
export function releaseClaims(
  { store, cache }: ClusterContext,
  set: StoredObject,
  spec: StatefulSetSpec,
): void {
  if (spec.persistentVolumeClaimRetentionPolicy.whenScaled !== 'Delete') return;
  const kept = Array.from(
    { length: spec.replicas },
    (_, index) => `${set.metadata.name}-${spec.ordinals.start + index}`,
  );
  for (const template of spec.volumeClaimTemplates) {
    const prefix = `${template.metadata.name}-${set.metadata.name}-`;
    for (const claim of cache.list(resources.persistentVolumeClaims, set.metadata.namespace)) {
      const { name } = claim.metadata;
      const isOurs = name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length));
      if (isOurs && !kept.some((pod) => name === claimName(template.metadata.name, pod))) {
        store.remove(resources.persistentVolumeClaims, claim.metadata);
      }
    }
  }
}
