import { z } from 'zod';
import type { StoredObject } from '../../kubernetes/contract.ts';
import { memoize } from './memoize.ts';
import { conditionSchema } from './pod.ts';
import { taintSchema } from './taints.ts';

const nodeSchema = z.looseObject({
  spec: z
    .looseObject({
      unschedulable: z.boolean().default(false),
      taints: z.array(taintSchema).default([]),
      providerID: z.string().optional(),
    })
    .default({ unschedulable: false, taints: [] }),
  status: z
    .looseObject({
      conditions: z.array(conditionSchema).default([]),
      allocatable: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
      images: z.array(z.looseObject({ names: z.array(z.string()).default([]) })).default([]),
      addresses: z.array(z.looseObject({ type: z.string(), address: z.string() })).default([]),
    })
    .default({ conditions: [], allocatable: {}, images: [], addresses: [] }),
});

/** The parts of a Node that the scheduler and the controllers read. */
export type Node = z.infer<typeof nodeSchema>;

/** An object as a Node; for the drafts of `mutate`, which change under the reader. */
export function parseNode(object: StoredObject): Node {
  return nodeSchema.parse(object);
}

/** A stored (frozen) Node, typed once. */
export const readNode: (object: StoredObject) => Node = memoize(parseNode);

/** Status of the Ready condition: True, False or Unknown. */
export function nodeReadiness(object: StoredObject): string {
  return readNode(object).status.conditions.find(({ type }) => type === 'Ready')?.status ?? 'Unknown';
}
