import type {
  NewObject,
  ObjectKey,
  ObjectStore,
  ResourceType,
  StoreChange,
  StoredObject,
} from './contract.ts';
import type { JsonObject } from './json.ts';
import { storageKeyOf, type ResourceDefinition } from './resources/definition.ts';
import { ApiError } from './status.ts';
import { create } from './writes/create.ts';
import { atVersion, type Machinery } from './writes/machinery.ts';
import { remove } from './writes/remove.ts';
import { update, type Subresource } from './writes/update.ts';

/** The manager that in-process controllers write under. */
const manager = 'kube-controller-manager';

/** The store as in-process controllers see it, on the same rules as the HTTP front. What it returns is frozen. */
export function createObjectStore(machinery: Machinery): ObjectStore {
  const { table, registry } = machinery;

  function definitionOf(resource: ResourceType): ResourceDefinition {
    const definition = registry.find(resource);
    if (definition === undefined) {
      throw new ApiError(404, 'NotFound', 'the server could not find the requested resource');
    }
    return definition;
  }

  function change(
    resource: ResourceType,
    key: ObjectKey,
    { edit, subresource }: { edit: (object: StoredObject) => void; subresource: Subresource },
  ): StoredObject | undefined {
    const definition = definitionOf(resource);
    if (table.get(storageKeyOf(definition), key) === undefined) return undefined;
    const edited = (current: StoredObject): JsonObject => {
      edit(current);
      return { ...current };
    };
    return update(machinery, definition, { key, subresource, change: edited, track: true }, { manager });
  }

  return {
    get(resource, key) {
      const definition = definitionOf(resource);
      const object = table.get(storageKeyOf(definition), key);
      return object === undefined ? undefined : atVersion(object, definition);
    },
    list(resource, { namespace, labels = {} } = {}) {
      const definition = definitionOf(resource);
      const wanted = Object.entries(labels);
      return table
        .list(storageKeyOf(definition))
        .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace)
        .filter(({ metadata }) => wanted.every(([key, value]) => metadata.labels?.[key] === value))
        .map((object) => atVersion(object, definition));
    },
    create(object: NewObject) {
      const definition = registry.byKind(object.apiVersion, object.kind);
      if (definition === undefined) {
        throw new ApiError(
          404,
          'NotFound',
          `no matches for kind ${object.kind} in version ${object.apiVersion}`,
        );
      }
      const namespace = definition.namespaced ? object.metadata.namespace : undefined;
      return create(
        machinery,
        definition,
        { namespace, body: object },
        { manager, fieldValidation: 'Strict' },
      );
    },
    mutate: (resource, key, edit) => change(resource, key, { edit, subresource: '' }),
    mutateStatus: (resource, key, edit) => change(resource, key, { edit, subresource: 'status' }),
    remove(resource, key, options = {}) {
      try {
        remove(machinery, definitionOf(resource), key, { ...options, propagation: 'Background' });
      } catch (error) {
        if (!(error instanceof ApiError && error.reason === 'NotFound')) throw error;
      }
    },
    subscribe(listener) {
      return table.subscribe(({ type, resource, object }) => {
        const definition = registry.byStorageKey(resource);
        if (definition === undefined) return;
        const { group, version, plural } = definition;
        const told: StoreChange = { type, resource: { group, version, plural }, object };
        listener(told);
      });
    },
  };
}
