/** ConfigMaps and the labels of nodes, of one cluster in memory: what claims on shared pools live in. */
import { Retryable, Terminal } from '../../../shared/errors/slipway-error.ts';
import type {
  ClusterObject,
  ClusterObjects,
  NewClusterObject,
  ObjectKind,
} from '../../../shared/kubernetes/cluster-objects.ts';
import { texts } from '../../../shared/kubernetes/cluster-objects.ts';
import { PoolTag } from '../../../shared/lifecycle/pool-tag.ts';
import { claimLabel } from '../../../shared/provisioning/tend-pool.ts';
import { tagsAmong } from '../../../shared/provisioning/stored-tags.ts';
import { isRecord } from '../../../shared/workspace/json-object.ts';

export class LightObjects implements ClusterObjects {
  readonly #maps = new Map<string, ClusterObject>();
  /** By node; a machine's name comes once only. */
  readonly #labels = new Map<string, Record<string, string>>();
  readonly #now: () => string;
  #version = 0;

  constructor(now: () => string) {
    this.#now = now;
  }

  /** What was added to a node's labels. */
  labelsOf(node: string): Record<string, string> {
    return this.#labels.get(node) ?? {};
  }

  /** uid of the workspace that a node serves, where that stands in its labels. */
  servedBy(node: string): string | undefined {
    return this.uidOf(this.labelsOf(node)[claimLabel] ?? '');
  }

  /** uid of the workspace that a claim is of. */
  uidOf(claim: string): string | undefined {
    const note = this.#maps.get(`node-claim-${claim}`);
    return note && tagsAmong(note.metadata.annotations)[PoolTag.uid];
  }

  /** Claims that are there, released or not. */
  claims(): string[] {
    return [...this.#maps.keys()].map((name) => name.slice('node-claim-'.length));
  }

  list(): Promise<ClusterObject[]> {
    return Promise.resolve([...this.#maps.values()]);
  }

  get(kind: ObjectKind, name: string): Promise<ClusterObject | undefined> {
    if (kind.kind !== 'Node') return Promise.resolve(this.#maps.get(name));
    const metadata = { name, uid: name, resourceVersion: '0', labels: this.labelsOf(name), annotations: {} };
    return Promise.resolve({ metadata, content: { metadata } });
  }

  create(_kind: ObjectKind, { metadata, ...rest }: NewClusterObject): Promise<ClusterObject> {
    const { name } = metadata;
    if (this.#maps.has(name)) throw new Terminal('AlreadyExists', { message: name });
    const stored = this.#store({
      ...rest,
      metadata: { ...metadata, uid: `${name}-uid`, creationTimestamp: this.#now() },
    });
    return Promise.resolve(stored);
  }

  patch(kind: ObjectKind, seen: ClusterObject, change: Record<string, unknown>): Promise<void> {
    const { name, resourceVersion } = seen.metadata;
    if (kind.kind === 'Node') {
      const labels = isRecord(change['metadata']) ? texts(change['metadata']['labels']) : {};
      this.#labels.set(name, { ...this.labelsOf(name), ...labels });
      return Promise.resolve();
    }
    const found = this.#maps.get(name);
    if (found?.metadata.resourceVersion !== resourceVersion)
      throw new Retryable('Conflict', { message: name });
    const data = { ...record(found.content['data']), ...record(change['data']) };
    this.#store({ ...found.content, data });
    return Promise.resolve();
  }

  delete(_kind: ObjectKind, { metadata }: ClusterObject): Promise<boolean> {
    return Promise.resolve(this.#maps.delete(metadata.name));
  }

  #store(content: Record<string, unknown>): ClusterObject {
    this.#version += 1;
    const given = record(content['metadata']);
    const metadata = {
      name: String(given['name']),
      uid: String(given['uid']),
      resourceVersion: String(this.#version),
      labels: texts(given['labels']),
      annotations: texts(given['annotations']),
    };
    const stored = { metadata, content };
    this.#maps.set(metadata.name, stored);
    return stored;
  }
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}
