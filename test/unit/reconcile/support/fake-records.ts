import { Retryable, Terminal } from '../../../../shared/errors/slipway-error.ts';
import type {
  CustomResource,
  NewCustomResource,
  ObjectName,
  Timed,
  WatchEvent,
  WorkspacePage,
  WorkspaceRecords,
} from '../../../../shared/kubernetes/cluster.ts';
import { canonicalJson } from '../../../../shared/workspace/canonical.ts';

/** Workspace records in memory, as hostile as an API server may be: nulls are dropped and keys come back in another order. */
export class FakeRecords implements WorkspaceRecords {
  readonly #now: () => string;
  readonly #objects = new Map<string, CustomResource>();
  /** Of records made so far; to be raised where several clusters must not have the same uids. */
  made = 0;
  #version = 0;
  /** Called before a record is gone for good. */
  onGone: (record: CustomResource) => void = () => undefined;

  constructor(now: () => string) {
    this.#now = now;
  }

  /** How many writes changed something. */
  get version(): number {
    return this.#version;
  }

  all(): CustomResource[] {
    return [...this.#objects.values()];
  }

  /** What somebody with kubectl does: nothing is checked. */
  edit(name: ObjectName, change: (record: CustomResource) => CustomResource): void {
    const record = this.#objects.get(keyOf(name));
    if (record !== undefined) this.#store(change(record));
  }

  get(name: ObjectName): Promise<Timed<CustomResource | undefined>> {
    return Promise.resolve({ value: this.#objects.get(keyOf(name)), serverTime: this.#now() });
  }

  list(): Promise<Timed<WorkspacePage>> {
    const value = { items: this.all(), resourceVersion: String(this.#version) };
    return Promise.resolve({ value, serverTime: this.#now() });
  }

  create(object: NewCustomResource): Promise<Timed<CustomResource>> {
    if (this.#objects.has(keyOf(object.metadata))) {
      return Promise.reject(new Terminal('AlreadyExists', { message: 'it is there' }));
    }
    this.made += 1;
    const record = this.#store({
      ...object,
      metadata: {
        ...object.metadata,
        uid: `00000000-0000-4000-8000-${String(this.made).padStart(12, '0')}`,
        resourceVersion: '',
        generation: 1,
        creationTimestamp: `${this.#now().slice(0, 19)}Z`,
      },
    });
    return Promise.resolve({ value: record, serverTime: this.#now() });
  }

  async replace(object: CustomResource): Promise<CustomResource> {
    const stored = await this.#guarded(object);
    return this.#store({ ...object, status: stored['status'] });
  }

  async replaceStatus(object: CustomResource): Promise<CustomResource> {
    const stored = await this.#guarded(object);
    return this.#store({ ...stored, status: object['status'] });
  }

  patchObserved(
    name: ObjectName,
    uid: string,
    observed: Record<string, unknown>,
  ): Promise<CustomResource | undefined> {
    const stored = this.#objects.get(keyOf(name));
    if (stored?.metadata.uid !== uid) return Promise.resolve(undefined);
    const status = merged(stored['status'], { slipway: { observed } });
    return Promise.resolve(this.#store({ ...stored, status }));
  }

  delete(name: ObjectName, uid?: string): Promise<boolean> {
    const stored = this.#objects.get(keyOf(name));
    if (stored === undefined || (uid !== undefined && stored.metadata.uid !== uid))
      return Promise.resolve(false);
    const deletionTimestamp = stored.metadata.deletionTimestamp ?? `${this.#now().slice(0, 19)}Z`;
    this.#store({ ...stored, metadata: { ...stored.metadata, deletionTimestamp } });
    return Promise.resolve(true);
  }

  watch(): AsyncIterable<WatchEvent> {
    throw new TypeError('nobody watches here');
  }

  #guarded({ metadata }: CustomResource): Promise<CustomResource> {
    const stored = this.#objects.get(keyOf(metadata));
    return stored?.metadata.uid === metadata.uid &&
      stored.metadata.resourceVersion === metadata.resourceVersion
      ? Promise.resolve(stored)
      : Promise.reject(new Retryable('Conflict', { message: 'the object has been modified' }));
  }

  #store(object: CustomResource): CustomResource {
    const key = keyOf(object.metadata);
    const before = this.#objects.get(key);
    if (before !== undefined && canonicalJson(before) === canonicalJson(object)) return before;
    this.#version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
    const record = throughTheStore({ ...object, metadata });
    if (metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0) {
      this.onGone(record);
      this.#objects.delete(key);
    } else {
      this.#objects.set(key, record);
    }
    return record;
  }
}

function keyOf({ namespace, name }: ObjectName): string {
  return `${namespace}/${name}`;
}

function throughTheStore(record: CustomResource): CustomResource {
  const { apiVersion, kind, metadata } = record;
  const stored: unknown = JSON.parse(canonicalJson(record));
  return { ...(isRecord(stored) ? stored : {}), apiVersion, kind, metadata };
}

/** RFC 7396. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const before = isRecord(target) ? target : {};
  const changed = Object.entries(patch).map(([key, value]) => [key, merged(before[key], value)] as const);
  return Object.fromEntries(Object.entries({ ...before, ...Object.fromEntries(changed) }).filter(isKept));
}

function isKept([, value]: [string, unknown]): boolean {
  return value !== null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
