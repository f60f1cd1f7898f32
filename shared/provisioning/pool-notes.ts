/**
 * Pools that no single object of the cluster or of Azure stands for (bare NodeClaims, nodes of the user's own) are noted in a ConfigMap of
 * `slipway-system` each: what was asked for, and the tags by which a pool is adopted, swept and left alone.
 */
import { z } from 'zod';
import type { ClusterObject, ClusterObjects, ObjectKind } from '../kubernetes/cluster-objects.ts';
import { managedBy, managedByLabel, systemNamespace } from '../kubernetes/labels.ts';
import { SlipwayError } from '../errors/slipway-error.ts';
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
const kind = 'pool';
const prefix = 'pool-';

/** The request without its name and tags, which the ConfigMap's own metadata holds. */
const orderSchema = z.object({
  instanceType: z.string().default(''),
  count: z.number().int().nonnegative().default(0),
  diskGiB: z.number().default(0),
  labels: z.record(z.string(), z.string()).default({}),
  userLabels: z.record(z.string(), z.string()).default({}),
  taints: z.array(z.string()).default([]),
  osSku: z.enum(['Ubuntu', 'AzureLinux']).default('Ubuntu'),
});
export type PoolOrder = z.infer<typeof orderSchema>;

export interface PoolNote {
  name: string;
  tags: Record<string, string>;
  /** What a hand edit broke reads as a pool of no nodes. */
  order: PoolOrder;
  object: ClusterObject;
}

export class PoolNotes {
  readonly #objects: ClusterObjects;

  constructor(objects: ClusterObjects) {
    this.#objects = objects;
  }

  async list(): Promise<PoolNote[]> {
    return (await this.#objects.list(maps, `${kindLabel}=${kind}`)).map(toNote);
  }

  async find(name: string): Promise<PoolNote | undefined> {
    const object = await this.#objects.get(maps, `${prefix}${name}`);
    return object && toNote(object);
  }

  /** The note of a pool that is ours; throws `NotFound` or `NotOurs`. */
  async ours(name: string): Promise<PoolNote> {
    const note = await this.find(name);
    if (note === undefined) throw poolGone('Pool', name);
    if (!areOurs(note.tags)) throw notOurs('Pool', name);
    return note;
  }

  /** Create-only; a note with the same workspace uid is adopted, any other is `PoolNameTaken`. */
  async write(request: PoolRequest): Promise<'started' | 'exists'> {
    const { name, tags } = request;
    const metadata = {
      name: `${prefix}${name}`,
      namespace: systemNamespace,
      labels: { [managedByLabel]: managedBy, [kindLabel]: kind },
      annotations: asAnnotations(tags),
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
    await this.#objects.patch(maps, object, { data: dataOf({ ...order, count }) });
  }

  async drop({ object }: PoolNote): Promise<void> {
    await this.#objects.delete(maps, object, 'Background');
  }
}

function dataOf(order: PoolOrder): Record<string, string> {
  return { order: JSON.stringify(order) };
}

function toNote(object: ClusterObject): PoolNote {
  const { name, annotations } = object.metadata;
  const data = isRecord(object.content['data']) ? object.content['data'] : {};
  return {
    name: name.slice(prefix.length),
    tags: tagsAmong(annotations),
    order: readOrder(data['order']),
    object,
  };
}

function readOrder(text: unknown): PoolOrder {
  try {
    const value: unknown = JSON.parse(typeof text === 'string' ? text : '{}');
    return orderSchema.catch(orderSchema.parse({})).parse(value);
  } catch {
    return orderSchema.parse({}); // no JSON: somebody edited it
  }
}
