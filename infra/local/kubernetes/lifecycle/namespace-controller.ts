import { ensureObject, stringAt } from '../json.ts';
import type { StoredObject } from '../contract.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import { expunge, isReadyToGo, type Machinery } from '../writes/machinery.ts';
import { remove } from '../writes/remove.ts';
import { update } from '../writes/update.ts';

const manager = 'namespace-controller';

/** Empties terminating namespaces: deletes what is in them, and releases the finalizer once nothing is left. */
export function finishNamespaces(machinery: Machinery): boolean {
  const namespaces = machinery.registry.byStorageKey('/namespaces');
  if (namespaces === undefined) return false;
  let changed = false;
  for (const namespace of machinery.table.list('/namespaces')) {
    if (namespace.metadata.deletionTimestamp === undefined) continue;
    changed = empty(machinery, namespace, namespaces) || changed;
  }
  return changed;
}

function empty(machinery: Machinery, namespace: StoredObject, definition: ResourceDefinition): boolean {
  const { name } = namespace.metadata;
  let changed = false;
  let remaining = 0;
  for (const { resource, object } of machinery.table.all()) {
    const content = machinery.registry.byStorageKey(resource);
    if (content === undefined || object.metadata.namespace !== name) continue;
    if (object.metadata.deletionTimestamp === undefined) {
      changed = true;
      if (remove(machinery, content, object.metadata, { propagation: 'Background' }).removed) continue;
    }
    remaining++;
  }
  if (remaining > 0) return report(machinery, definition, { name, remaining }) || changed;
  return release(machinery, definition, namespace);
}

/** Says in the namespace's conditions that something in it still has finalizers. */
function report(
  machinery: Machinery,
  definition: ResourceDefinition,
  { name, remaining }: { name: string; remaining: number },
): boolean {
  const before = machinery.table.get('/namespaces', { name });
  const after = update(
    machinery,
    definition,
    {
      key: { name },
      subresource: 'status',
      track: true,
      change: (current) => {
        const condition = {
          type: 'NamespaceContentRemaining',
          status: 'True',
          reason: 'SomeResourcesRemain',
          message: `${remaining} objects remain`,
          lastTransitionTime: current.metadata.deletionTimestamp,
        };
        return { ...current, status: { ...ensureObject({ ...current }, 'status'), conditions: [condition] } };
      },
    },
    { manager },
  );
  return before?.metadata.resourceVersion !== after.metadata.resourceVersion;
}

/** The `kubernetes` finalizer sits in the spec, which no ordinary write may empty. */
function release(machinery: Machinery, definition: ResourceDefinition, namespace: StoredObject): boolean {
  const current = machinery.table.get('/namespaces', namespace.metadata);
  if (current === undefined || stringAt(current, 'status', 'phase') !== 'Terminating') return false;
  const next: StoredObject = { ...current, spec: {} };
  if (!isReadyToGo(next)) return false;
  expunge(machinery, definition, next);
  return true;
}
