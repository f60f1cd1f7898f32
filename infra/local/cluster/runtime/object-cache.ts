import { z } from 'zod';
import type {
  ObjectKey,
  ObjectStore,
  ResourceType,
  StoreChange,
  StoredObject,
} from '../../kubernetes/contract.ts';
import { controllerOf, keyText } from '../objects/keys.ts';
import { resources } from '../objects/resource-types.ts';

const boundSchema = z.looseObject({ spec: z.looseObject({ nodeName: z.string().optional() }).optional() });

/** What the controllers see of the cluster: the store's objects by key, owner and node, kept current by its changes. */
export class ObjectCache {
  readonly #objects = new Map<string, Map<string, StoredObject>>();
  readonly #byOwner = new Map<string, Set<StoredObject>>();
  readonly #podsByNode = new Map<string, Set<StoredObject>>();

  /** Reads what the store holds; `apply` keeps it current from then on. */
  constructor(store: ObjectStore) {
    for (const resource of Object.values(resources)) {
      this.#objects.set(resource.plural, new Map());
      for (const object of store.list(resource)) this.apply({ type: 'ADDED', resource, object });
    }
  }

  apply({ type, resource, object }: StoreChange): void {
    const objects = this.#objects.get(resource.plural);
    if (objects === undefined) return;
    const key = keyText(object.metadata);
    const before = objects.get(key);
    if (before) this.#unlink(before, resource);
    if (type === 'DELETED') {
      objects.delete(key);
      return;
    }
    objects.set(key, object);
    this.#link(object, resource);
  }

  get(resource: ResourceType, key: ObjectKey): StoredObject | undefined {
    return this.#objects.get(resource.plural)?.get(keyText(key));
  }

  list(resource: ResourceType, namespace?: string): StoredObject[] {
    const all = [...(this.#objects.get(resource.plural)?.values() ?? [])];
    return namespace === undefined ? all : all.filter(({ metadata }) => metadata.namespace === namespace);
  }

  /** Objects of `kind` whose controller is the owner with this uid. */
  controlledBy(uid: string, kind: string): StoredObject[] {
    return [...(this.#byOwner.get(uid) ?? [])].filter((object) => object.kind === kind);
  }

  podsOn(node: string): StoredObject[] {
    return [...(this.#podsByNode.get(node) ?? [])];
  }

  #link(object: StoredObject, resource: ResourceType): void {
    for (const [index, value] of this.#places(object, resource)) {
      const members = index.get(value);
      if (members) members.add(object);
      else index.set(value, new Set([object]));
    }
  }

  #unlink(object: StoredObject, resource: ResourceType): void {
    for (const [index, value] of this.#places(object, resource)) {
      const members = index.get(value);
      members?.delete(object);
      if (members?.size === 0) index.delete(value);
    }
  }

  #places(object: StoredObject, { plural }: ResourceType): [Map<string, Set<StoredObject>>, string][] {
    const owner = controllerOf(object)?.uid;
    const node = plural === 'pods' ? boundSchema.safeParse(object).data?.spec?.nodeName : undefined;
    return [
      ...(owner === undefined
        ? []
        : [[this.#byOwner, owner] satisfies [Map<string, Set<StoredObject>>, string]]),
      ...(node === undefined
        ? []
        : [[this.#podsByNode, node] satisfies [Map<string, Set<StoredObject>>, string]]),
    ];
  }
}
