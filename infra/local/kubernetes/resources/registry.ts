import type { ResourceType } from '../contract.ts';
import { builtinDefinitions } from './builtin-kinds.ts';
import { apiVersionOf, type ResourceDefinition } from './definition.ts';

/** The resource types the server knows now: the built-in ones and those of established CustomResourceDefinitions. */
export class Registry {
  readonly #definitions = new Map<string, ResourceDefinition>();
  /** Definitions that came from one CRD, by its name. */
  readonly #fromCrd = new Map<string, ResourceDefinition[]>();

  constructor() {
    for (const definition of builtinDefinitions()) this.#definitions.set(keyOf(definition), definition);
  }

  find(type: ResourceType): ResourceDefinition | undefined {
    return this.#definitions.get(keyOf(type));
  }

  byKind(apiVersion: string, kind: string): ResourceDefinition | undefined {
    return this.all().find(
      (definition) => definition.kind === kind && apiVersionOf(definition) === apiVersion,
    );
  }

  /** Any version of a stored resource, for what does not depend on one. */
  byStorageKey(storageKey: string): ResourceDefinition | undefined {
    return this.all().find(
      ({ group, plural, version, storageVersion }) =>
        `${group}/${plural}` === storageKey && version === storageVersion,
    );
  }

  all(): ResourceDefinition[] {
    return [...this.#definitions.values()];
  }

  /** Puts the served versions of one CRD in the place of what that CRD served before; an empty list removes it. */
  replaceCustom(crdName: string, definitions: ResourceDefinition[]): void {
    for (const old of this.#fromCrd.get(crdName) ?? []) this.#definitions.delete(keyOf(old));
    for (const definition of definitions) this.#definitions.set(keyOf(definition), definition);
    if (definitions.length === 0) this.#fromCrd.delete(crdName);
    else this.#fromCrd.set(crdName, definitions);
  }
}

function keyOf({ group, version, plural }: ResourceType): string {
  return `${group}/${version}/${plural}`;
}
