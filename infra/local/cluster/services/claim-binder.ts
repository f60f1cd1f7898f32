import { z } from 'zod';
import type { ClusterContext } from '../cluster-context.ts';
import { keyText, parseKey } from '../objects/keys.ts';
import { resources } from '../objects/resource-types.ts';
import type { Controller } from '../runtime/controller.ts';

const claimSchema = z.looseObject({
  spec: z.looseObject({
    volumeName: z.string().optional(),
    accessModes: z.array(z.string()).default([]),
    resources: z
      .looseObject({ requests: z.record(z.string(), z.string()).default({}) })
      .default({ requests: {} }),
  }),
  status: z.looseObject({ phase: z.string().default('Pending') }).default({ phase: 'Pending' }),
});

/** Binds every PersistentVolumeClaim at once: storage is not what the simulator is about. */
export function claimBinder({ store, cache }: ClusterContext): Controller {
  return {
    name: 'claim-binder',
    affected: ({ resource, object }) =>
      resource.plural === 'persistentvolumeclaims' ? [keyText(object.metadata)] : [],
    reconcile: (key) => {
      const claim = cache.get(resources.persistentVolumeClaims, parseKey(key));
      if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return undefined;
      const { spec, status } = claimSchema.parse(claim);
      if (status.phase === 'Bound') return undefined;
      if (spec.volumeName === undefined) {
        store.mutate(resources.persistentVolumeClaims, claim.metadata, (draft) => {
          draft['spec'] = {
            ...z.looseObject({}).parse(draft['spec']),
            volumeName: `pvc-${claim.metadata.uid}`,
          };
        });
      }
      store.mutateStatus(resources.persistentVolumeClaims, claim.metadata, (draft) => {
        draft['status'] = {
          phase: 'Bound',
          accessModes: spec.accessModes,
          capacity: spec.resources.requests,
        };
      });
      return undefined;
    },
  };
}
