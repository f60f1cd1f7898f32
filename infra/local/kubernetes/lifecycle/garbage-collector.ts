import type { OwnerReference, StoredObject } from '../contract.ts';
import type { ResourceDefinition } from '../resources/definition.ts';
import type { Change } from '../storage/object-table.ts';
import { editMetadata, type Machinery } from '../writes/machinery.ts';
import { remove } from '../writes/remove.ts';

interface Located {
  definition: ResourceDefinition;
  object: StoredObject;
}

/**
 * Owner-reference garbage collection: dependents go when their last owner has gone; `foregroundDeletion` waits for dependents that
 * block, `orphan` cuts them loose. Works on the whole graph at each pass, so a pass after a restart needs no memory.
 */
export class GarbageCollector {
  readonly #machinery: Machinery;

  constructor(machinery: Machinery) {
    this.#machinery = machinery;
  }

  /** One pass. Returns whether it changed anything: passes repeat until one does not. */
  collect(): boolean {
    const graph = this.#graph();
    let changed = false;
    for (const owner of graph.owners) changed = this.#finalize(owner, graph.dependents) || changed;
    for (const dependents of graph.dependents.values()) {
      for (const dependent of dependents) changed = this.#release(dependent, graph.byUid) || changed;
    }
    return changed;
  }

  #graph(): { byUid: Map<string, Located>; dependents: Map<string, Located[]>; owners: Located[] } {
    const byUid = new Map<string, Located>();
    const dependents = new Map<string, Located[]>();
    const owners: Located[] = [];
    const { table, registry } = this.#machinery;
    for (const { resource, object } of table.all()) {
      const definition = registry.byStorageKey(resource);
      if (definition === undefined) continue;
      const located = { definition, object };
      byUid.set(object.metadata.uid, located);
      for (const { uid } of object.metadata.ownerReferences ?? []) {
        const siblings = dependents.get(uid);
        if (siblings === undefined) dependents.set(uid, [located]);
        else siblings.push(located);
      }
      if (object.metadata.deletionTimestamp !== undefined) owners.push(located);
    }
    return { byUid, dependents, owners };
  }

  /** Takes the propagation finalizers off a terminating owner once their work is done. */
  #finalize(owner: Located, dependents: Map<string, Located[]>): boolean {
    const { uid, finalizers = [] } = owner.object.metadata;
    const own = (dependents.get(uid) ?? []).filter((dependent) => this.#current(dependent) !== undefined);
    if (finalizers.includes('orphan')) {
      for (const dependent of own) this.#dropOwners(dependent, new Set([uid]));
      return this.#dropFinalizer(owner, 'orphan');
    }
    if (!finalizers.includes('foregroundDeletion')) return false;
    let changed = false;
    for (const dependent of own) {
      if (dependent.object.metadata.deletionTimestamp !== undefined) continue;
      this.#delete(dependent, 'Foreground');
      changed = true;
    }
    const waiting = own.some((dependent) => {
      const references = this.#current(dependent)?.metadata.ownerReferences ?? [];
      return references.some((reference) => reference.uid === uid && reference.blockOwnerDeletion === true);
    });
    return waiting ? changed : this.#dropFinalizer(owner, 'foregroundDeletion');
  }

  /** Deletes a dependent without owners left; with some left, drops the references to those that are gone. */
  #release(dependent: Located, byUid: Map<string, Located>): boolean {
    const object = this.#current(dependent);
    if (object === undefined || object.metadata.deletionTimestamp !== undefined) return false;
    const references = object.metadata.ownerReferences ?? [];
    const gone = references.filter((reference) => !this.#ownerExists(reference, object, byUid));
    if (gone.length === 0) return false;
    if (gone.length === references.length) this.#delete(dependent, 'Background');
    else this.#dropOwners(dependent, new Set(gone.map(({ uid }) => uid)));
    return true;
  }

  /** An owner counts only under its own uid and kind, and a namespaced one only in the dependent's namespace. */
  #ownerExists(reference: OwnerReference, object: StoredObject, byUid: Map<string, Located>): boolean {
    const owner = byUid.get(reference.uid);
    if (owner === undefined || this.#current(owner) === undefined) return false;
    const sameGroup = reference.apiVersion.split('/').slice(0, -1).join() === owner.definition.group;
    if (
      reference.kind !== owner.definition.kind ||
      !sameGroup ||
      reference.name !== owner.object.metadata.name
    )
      return false;
    return !owner.definition.namespaced || owner.object.metadata.namespace === object.metadata.namespace;
  }

  #current({ definition, object }: Located): StoredObject | undefined {
    const current = this.#machinery.table.get(`${definition.group}/${definition.plural}`, object.metadata);
    return current?.metadata.uid === object.metadata.uid ? current : undefined;
  }

  #delete({ definition, object }: Located, propagation: 'Background' | 'Foreground'): void {
    // A dependent that was told to orphan or to wait keeps its own policy.
    const kept = (object.metadata.finalizers ?? []).some(
      (name) => name === 'orphan' || name === 'foregroundDeletion',
    );
    remove(this.#machinery, definition, object.metadata, kept ? {} : { propagation });
  }

  #dropOwners(dependent: Located, uids: ReadonlySet<string>): void {
    this.#edit(dependent, (metadata) => {
      const left = (metadata.ownerReferences ?? []).filter(({ uid }) => !uids.has(uid));
      if (left.length > 0) metadata.ownerReferences = left;
      else delete metadata.ownerReferences;
    });
  }

  #dropFinalizer(owner: Located, finalizer: string): boolean {
    if (this.#current(owner) === undefined) return false;
    this.#edit(owner, (metadata) => {
      metadata.finalizers = (metadata.finalizers ?? []).filter((name) => name !== finalizer);
    });
    return true;
  }

  #edit({ definition, object }: Located, edit: (metadata: StoredObject['metadata']) => void): void {
    editMetadata(this.#machinery, definition, { key: object.metadata, edit });
  }
}

/** Whether a change can give the collector anything to do. */
export function concernsCollector({ type, object }: Change): boolean {
  if (type === 'DELETED' || object.metadata.deletionTimestamp !== undefined) return true;
  return type === 'ADDED' && (object.metadata.ownerReferences ?? []).length > 0;
}
