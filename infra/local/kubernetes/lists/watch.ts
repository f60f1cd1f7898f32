import type { StoredObject } from '../contract.ts';
import { storageKeyOf, type ResourceDefinition } from '../resources/definition.ts';
import type { Change, ObjectTable } from '../storage/object-table.ts';
import { atVersion } from '../writes/machinery.ts';
import { expired } from '../status.ts';
import type { Selection } from './selection.ts';

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: unknown;
}

export interface WatchRequest {
  selection: Selection;
  /** Changes after this revision; undefined and 0 first show what exists. */
  since: number | undefined;
  /** `sendInitialEvents=true`: what exists, then a bookmark that says so. */
  initialEvents: boolean;
}

/**
 * Streams the changes of one resource to `send`, in order, until the returned function is called. Throws nothing: a version older
 * than the window is an ERROR event with Status 410, after which the stream is over (`ended` is told).
 */
export function watch(
  table: ObjectTable,
  definition: ResourceDefinition,
  request: WatchRequest,
  sink: { send: (event: WatchEvent) => void; ended: () => void },
): () => void {
  const { selection, since, initialEvents } = request;
  const storageKey = storageKeyOf(definition);
  const told = Math.max(table.revision, since ?? 0);
  const tell = (change: Change): void => {
    const event = change.resource === storageKey ? selectedEvent(change, selection) : undefined;
    if (event !== undefined) sink.send({ ...event, object: atVersion(event.object, definition) });
  };
  // No await between reading the past and subscribing: nothing can be committed in between.
  if (since === undefined || since === 0 || initialEvents) {
    for (const object of table.list(storageKey).filter(selection)) {
      sink.send({ type: 'ADDED', object: atVersion(object, definition) });
    }
    if (initialEvents)
      sink.send(bookmark(definition, table.revision, { 'k8s.io/initial-events-end': 'true' }));
  } else {
    const missed = table.changesAfter(since);
    if (missed === undefined) {
      const status = expired(`too old resource version: ${since} (${table.revision})`).toStatus();
      sink.send({ type: 'ERROR', object: status });
      sink.ended();
      return () => undefined;
    }
    for (const change of missed) tell(change);
  }
  return table.subscribe((change) => {
    if (change.revision > told) tell(change);
  });
}

/** A change of labels or fields that moves an object out of the selection is DELETED, into it ADDED. */
function selectedEvent(
  { type, object, previous }: Change,
  selection: Selection,
): { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: StoredObject } | undefined {
  const was = previous !== undefined && selection(previous);
  const is = type !== 'DELETED' && selection(object);
  if (was && is) return { type: 'MODIFIED', object };
  if (is) return { type: 'ADDED', object };
  if (!was) return undefined;
  // The last selected state, under the version of the change that ended it.
  const { resourceVersion } = object.metadata;
  const last =
    type === 'DELETED' ? object : { ...previous, metadata: { ...previous.metadata, resourceVersion } };
  return { type: 'DELETED', object: last };
}

/** An event that carries nothing but the version a watch may resume from. */
export function bookmark(
  { kind, group, version }: ResourceDefinition,
  revision: number,
  annotations?: Record<string, string>,
): WatchEvent {
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const metadata = {
    resourceVersion: String(revision),
    ...(annotations === undefined ? {} : { annotations }),
  };
  return { type: 'BOOKMARK', object: { kind, apiVersion, metadata } };
}
