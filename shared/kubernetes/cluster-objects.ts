/** Objects of any kind in one cluster, as raw JSON: custom resources of others that Slipway reads and writes (Karpenter's), and ConfigMaps. */
import { Retryable } from '../errors/slipway-error.ts';
import { isRecord } from '../workspace/json-object.ts';
import { fieldManager } from './labels.ts';
import type { ResourceLocation } from './resource-path.ts';
import { resourcePath } from './resource-path.ts';
import type { Session } from './session.ts';

/** Which collection is meant; without a namespace it is cluster-scoped. */
export type ObjectKind = Pick<ResourceLocation, 'apiVersion' | 'plural' | 'namespace'> & { kind: string };

/** An object as the API returns it. */
export interface ClusterObject {
  metadata: {
    name: string;
    uid: string;
    resourceVersion: string;
    deletionTimestamp?: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
  };
  /** The whole of it, for whoever reads more. */
  content: Record<string, unknown>;
}

export interface NewClusterObject {
  metadata: { name: string; namespace?: string; labels?: object; annotations?: object };
  [field: string]: unknown;
}

/** The error contract is that of `cluster.ts`; `Retryable('ClusterNotPrepared')` says that the server does not know the kind. */
export interface ClusterObjects {
  /** All of them, page by page. */
  list(kind: ObjectKind, labelSelector?: string): Promise<ClusterObject[]>;
  get(kind: ObjectKind, name: string): Promise<ClusterObject | undefined>;
  /** Create-only; a field that the server's schema lacks is `Terminal('Invalid')` rather than lost. */
  create(kind: ObjectKind, object: NewClusterObject): Promise<ClusterObject>;
  /** Merge patch, guarded by uid and resourceVersion of `seen`; another writer in between is `Retryable('Conflict')`. */
  patch(kind: ObjectKind, seen: ClusterObject, change: Record<string, unknown>): Promise<void>;
  /** Asks for deletion, guarded by uid; false when it is not there. `Foreground`: it stays until what it owns is gone. */
  delete(
    kind: ObjectKind,
    seen: ClusterObject,
    propagationPolicy: 'Background' | 'Foreground',
  ): Promise<boolean>;
}

const objectsPerPage = 500;

export class SessionObjects implements ClusterObjects {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async list(kind: ObjectKind, labelSelector?: string): Promise<ClusterObject[]> {
    const objects: ClusterObject[] = [];
    let next: string | undefined;
    do {
      const { data } = await this.#session.call(`list ${kind.plural}`, ({ send }) =>
        send({
          method: 'GET',
          path: pathOf(kind),
          query: { limit: objectsPerPage, continue: next, labelSelector },
        }),
      );
      const page = isRecord(data) ? data : {};
      if (Array.isArray(page['items'])) objects.push(...page['items'].map(toClusterObject));
      const metadata = isRecord(page['metadata']) ? page['metadata'] : {};
      next =
        typeof metadata['continue'] === 'string' && metadata['continue'] !== ''
          ? metadata['continue']
          : undefined;
    } while (next !== undefined);
    return objects;
  }

  get(kind: ObjectKind, name: string): Promise<ClusterObject | undefined> {
    return this.#session.find(`read ${kind.kind} ${name}`, async ({ send }) =>
      toClusterObject((await send({ method: 'GET', path: pathOf(kind, name) })).data),
    );
  }

  create(kind: ObjectKind, object: NewClusterObject): Promise<ClusterObject> {
    const body = { ...object, apiVersion: kind.apiVersion, kind: kind.kind };
    const query = { fieldManager, fieldValidation: 'Strict' };
    return this.#session.call(`create ${kind.kind} ${object.metadata.name}`, async ({ send }) =>
      toClusterObject((await send({ method: 'POST', path: pathOf(kind), query, body })).data),
    );
  }

  async patch(kind: ObjectKind, { metadata }: ClusterObject, change: Record<string, unknown>): Promise<void> {
    const { name, uid, resourceVersion } = metadata;
    const changed = isRecord(change['metadata']) ? change['metadata'] : {};
    const body = { ...change, metadata: { ...changed, uid, resourceVersion } };
    const contentType = this.#session.client.PatchStrategy.MergePatch;
    await this.#session.call(`change ${kind.kind} ${name}`, ({ send }) =>
      send({ method: 'PATCH', path: pathOf(kind, name), query: { fieldManager }, body, contentType }),
    );
  }

  async delete(
    kind: ObjectKind,
    { metadata }: ClusterObject,
    propagationPolicy: 'Background' | 'Foreground',
  ): Promise<boolean> {
    const { name, uid } = metadata;
    const body = { propagationPolicy, preconditions: { uid } };
    const answer = await this.#session.find(`delete ${kind.kind} ${name}`, ({ send }) =>
      send({ method: 'DELETE', path: pathOf(kind, name), body }),
    );
    return answer !== undefined;
  }
}

function pathOf({ apiVersion, plural, namespace }: ObjectKind, name?: string): string {
  return resourcePath({ apiVersion, plural, namespace, ...(name === undefined ? {} : { name }) });
}

function toClusterObject(value: unknown): ClusterObject {
  const metadata = isRecord(value) && isRecord(value['metadata']) ? value['metadata'] : {};
  const { name, uid, resourceVersion, deletionTimestamp } = metadata;
  if (
    !isRecord(value) ||
    typeof name !== 'string' ||
    typeof uid !== 'string' ||
    typeof resourceVersion !== 'string'
  ) {
    throw new Retryable('ClusterUnreachable', {
      message: 'The API server answered with something that is no object.',
    });
  }
  return {
    metadata: {
      name,
      uid,
      resourceVersion,
      ...(typeof deletionTimestamp === 'string' ? { deletionTimestamp } : {}),
      labels: texts(metadata['labels']),
      annotations: texts(metadata['annotations']),
    },
    content: value,
  };
}

/** The entries of a map of texts. */
export function texts(value: unknown): Record<string, string> {
  const entries = isRecord(value) ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.flatMap(([key, text]) => (typeof text === 'string' ? [[key, text]] : [])),
  );
}
