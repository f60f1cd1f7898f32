import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { NewObject, ObjectStore, ResourceType } from '../../kubernetes/contract.ts';

/** The kinds that Karpenter on AKS brings. */
export const karpenterKinds = {
  nodePools: { group: 'karpenter.sh', version: 'v1', plural: 'nodepools' },
  nodeClaims: { group: 'karpenter.sh', version: 'v1', plural: 'nodeclaims' },
  nodeClasses: { group: 'karpenter.azure.com', version: 'v1beta1', plural: 'aksnodeclasses' },
} as const satisfies Record<string, ResourceType>;

const definitionKind: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
};

const fileSchema = z.looseObject({
  crds: z.array(
    z.looseObject({
      apiVersion: z.string(),
      kind: z.string(),
      metadata: z.looseObject({ name: z.string() }),
    }),
  ),
});

/** Installs the CRDs that are missing; without `staticCapacity` a NodePool has no field `replicas`, as before Karpenter 1.8. */
export function installKarpenterKinds(store: ObjectStore, staticCapacity: boolean): void {
  const text = readFileSync(new URL('./crds.yaml', import.meta.url), 'utf8');
  for (const crd of fileSchema.parse(parse(text)).crds) {
    if (store.get(definitionKind, { name: crd.metadata.name }) !== undefined) continue;
    store.create(staticCapacity ? crd : withoutReplicas(crd));
  }
}

function withoutReplicas(crd: NewObject): NewObject {
  const text = JSON.stringify(crd, (key, value: unknown) =>
    key === 'replicas' || key === 'scale' ? undefined : value,
  );
  return fileSchema.shape.crds.element.parse(JSON.parse(text));
}
