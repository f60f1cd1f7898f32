import { z } from 'zod';
import type { NewObject, StoredObject } from '../../kubernetes/contract.ts';
import { controllerReference } from '../objects/keys.ts';

export const templateSchema = z.looseObject({
  metadata: z
    .looseObject({
      labels: z.record(z.string(), z.string()).default({}),
      annotations: z.record(z.string(), z.string()).default({}),
    })
    .default({ labels: {}, annotations: {} }),
  spec: z.looseObject({}),
});
export type PodTemplate = z.infer<typeof templateSchema>;

/** A pod made from a workload's template. `name` ending in `-` asks for a generated one. */
export function podFromTemplate(
  owner: StoredObject,
  template: PodTemplate,
  facts: { name: string; labels?: Record<string, string>; spec?: Record<string, unknown> },
): NewObject {
  const { labels, annotations } = template.metadata;
  const generated = facts.name.endsWith('-');
  const shared = {
    labels: { ...labels, ...facts.labels },
    ...(Object.keys(annotations).length > 0 && { annotations }),
    ownerReferences: [controllerReference(owner)],
    ...(owner.metadata.namespace !== undefined && { namespace: owner.metadata.namespace }),
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: generated ? { ...shared, generateName: facts.name } : { ...shared, name: facts.name },
    spec: { ...template.spec, ...facts.spec },
  };
}
