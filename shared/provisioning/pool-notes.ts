/**
 * Pools that no single object of the cluster or of Azure stands for (bare NodeClaims, nodes of the user's own, shares of a shared pool) are
 * noted in a ConfigMap of `slipway-system` each: what was asked for, and the tags by which a pool is adopted, swept and left alone.
 */
import * as z from 'zod/mini';
import type { ClusterObject, ClusterObjects, ObjectKind } from '../kubernetes/cluster-objects.ts';
import { managedBy, managedByLabel, systemNamespace } from '../kubernetes/labels.ts';
import { SlipwayError } from '../errors/slipway-error.ts';
import { placementSchema } from '../planning/placement-schema.ts';
import { regionalOnDemand } from '../planning/placement.ts';
import { isRecord } from '../workspace/json-object.ts';
import type { PoolRequest } from './node-provisioner.ts';
import { PoolTag } from './node-provisioner.ts';
import { nameTaken, notOurs, poolGone } from './refusals-of-ours.ts';
import { areOurs, asAnnotations, tagsAmong } from './stored-tags.ts';

const maps: ObjectKind = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespace: systemNamespace,
};
const kindLabel = 'slipway.dev/kind';

/** What the notes are of: names and labels tell several kinds apart. */
export interface NotesOptions {
  kind: 'pool' | 'node-claim';
  /** Keeps a note that is deleted by hand until {@link PoolNotes.drop}. */
  finalizer?: string;
}

/** The request without its name and tags, which the ConfigMap's own metadata holds. */
const orderSchema = z.object({
  instanceType: z._default(z.string(), ''),
  count: z._default(z.int().check(z.nonnegative()), 0),
  diskGiB: z._default(z.number(), 0),
  labels: z._default(z.record(z.string(), z.string()), {}),
  userLabels: z._default(z.record(z.string(), z.string()), {}),
  taints: z._default(z.array(z.string()), []),
  osSku: z._default(z.enum(['Ubuntu', 'AzureLinux']), 'Ubuntu'),
  placement: z._default(placementSchema, regionalOnDemand),
});
export type PoolOrder = z.infer<typeof orderSchema>;

export interface PoolNote {
  name: string;
  tags: Record<string, string>;
  /** What a hand edit broke reads as a pool of no nodes. */
  order: PoolOrder;
  /** All that is stored, for whoever keeps more than an order. */
  data: Readonly<Record<string, unknown>>;
  object: ClusterObject;
}

export class PoolNotes {
  readonly #objects: ClusterObjects;
  readonly #options: NotesOptions;

  constructor(objects: ClusterObjects, options: NotesOptions = { kind: 'pool' }) {
    this.#objects = objects;
    this.#options = options;
  }

  async list(): Promise<PoolNote[]> {
    const notes = await this.#objects.list(maps, `${kindLabel}=${this.#options.kind}`);
    return notes.map((object) => this.#toNote(object));
  }

  async find(name: string): Promise<PoolNote | undefined> {
    const object = await this.#objects.get(maps, `${this.#prefix}${name}`);
    return object && this.#toNote(object);
  }

  /** The note of a pool that is ours; throws `NotFound` or `NotOurs`. */
  async ours(name: string): Promise<PoolNote> {
    const note = await this.find(name);
    if (note === undefined) throw poolGone('Pool', name);
    if (!areOurs(note.tags)) throw notOurs('Pool', name);
    return note;
  }

  /** Create-only; a note with the same workspace uid is adopted, any other is `PoolNameTaken`. */
  async write(request: NewNote): Promise<'started' | 'exists'> {
    const { name, tags } = request;
    const { kind, finalizer } = this.#options;
    const metadata = {
      name: `${this.#prefix}${name}`,
      namespace: systemNamespace,
      labels: { [managedByLabel]: managedBy, [kindLabel]: kind },
      annotations: asAnnotations(tags),
      ...(finalizer === undefined ? {} : { finalizers: [finalizer] }),
    };
    try {
      await this.#objects.create(maps, { metadata, data: dataOf(orderSchema.parse(request)) });
      return 'started';
    } catch (thrown) {
      if (!(thrown instanceof SlipwayError && thrown.code === 'AlreadyExists')) throw thrown;
    }
    const note = await this.find(name);
    if (note === undefined) throw poolGone('Pool', name);
    if (areOurs(note.tags) && note.tags[PoolTag.uid] === tags[PoolTag.uid]) return 'exists';
    throw nameTaken('Pool', name);
  }

  async setCount({ object, order }: PoolNote, count: number): Promise<void> {
    await this.change({ object }, dataOf({ ...order, count }));
  }

  /** Sets these keys of the note's data, if nobody has changed the note since it was read. */
  async change({ object }: Pick<PoolNote, 'object'>, data: Record<string, string>): Promise<void> {
    await this.#objects.patch(maps, object, { data });
  }

  async drop({ object }: Pick<PoolNote, 'object'>): Promise<void> {
    if (this.#options.finalizer !== undefined) {
      await this.#objects.patch(maps, object, { metadata: { finalizers: null } });
    }
    await this.#objects.delete(maps, object, 'Background');
  }

  get #prefix(): string {
    return `${this.#options.kind}-`;
  }

  #toNote(object: ClusterObject): PoolNote {
    const { name, annotations } = object.metadata;
    const data = isRecord(object.content['data']) ? object.content['data'] : {};
    return {
      name: name.slice(this.#prefix.length),
      tags: tagsAmong(annotations),
      order: readOrder(data['order']),
      data,
      object,
    };
  }
}

type NewNote = Pick<PoolRequest, 'name' | 'tags'> & Partial<PoolOrder>;

/** As it is stored. */
export function dataOf(order: PoolOrder): Record<string, string> {
  return { order: JSON.stringify(order) };
}

function readOrder(text: unknown): PoolOrder {
  try {
    const value: unknown = JSON.parse(typeof text === 'string' ? text : '{}');
    return z.catch(orderSchema, orderSchema.parse({})).parse(value);
  } catch {
    return orderSchema.parse({}); // no JSON: somebody edited it
  }
}
