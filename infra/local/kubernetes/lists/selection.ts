import type { StoredObject } from '../contract.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import { parseFieldSelector } from './field-selector.ts';
import { parseLabelSelector } from './label-selector.ts';

/** Which objects of a resource a list, a watch or a deletecollection is about. */
export type Selection = (object: StoredObject) => boolean;

export function parseSelection(
  definition: ResourceDefinition,
  request: {
    namespace: string | undefined;
    name?: string | undefined;
    labelSelector: string | null;
    fieldSelector: string | null;
  },
): Selection {
  const { namespace, name } = request;
  const labels = parseLabelSelector(request.labelSelector ?? '');
  const fields = parseFieldSelector(request.fieldSelector ?? '', definition);
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    (name === undefined || object.metadata.name === name) &&
    labels(object.metadata.labels ?? {}) &&
    fields(object);
}
