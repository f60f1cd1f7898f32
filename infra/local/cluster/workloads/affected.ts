import type { ResourceType, StoreChange } from '../../kubernetes/contract.ts';
import { controllerOf, keyText } from '../objects/keys.ts';

/** A workload is concerned by its own changes and by those of what it controls. */
export function ownAndControlled(own: ResourceType, kind: string): (change: StoreChange) => string[] {
  return ({ resource, object }) => {
    if (resource.plural === own.plural && resource.group === own.group) return [keyText(object.metadata)];
    const owner = controllerOf(object);
    if (owner?.kind !== kind) return [];
    const { namespace } = object.metadata;
    return [keyText({ name: owner.name, ...(namespace !== undefined && { namespace }) })];
  };
}
