import * as z from 'zod/mini';
import { placementSchema } from '../planning/placement-schema.ts';
import type { Refusal } from '../planning/refusal.ts';

const refusal = z.object({
  instanceType: z.string(),
  priority: z.enum(['on-demand', 'spot', 'any']),
  placement: z.union([placementSchema, z.enum(['any', 'any-but-reserved'])]),
  count: z.int().check(z.positive()),
  class: z.enum(['wait', 'retry', 'next-rung', 'operator', 'bug']),
  code: z.string(),
  message: z.string(),
  remedy: z.optional(z.string()),
  since: z.iso.datetime(),
  until: z.iso.datetime(),
});

/** A stored refusal; undefined when it is not a whole one. */
export function readRefusal(value: unknown): Refusal | undefined {
  const read = refusal.safeParse(value);
  if (!read.success) return undefined;
  const { remedy, ...rest } = read.data;
  return remedy === undefined ? rest : { ...rest, remedy };
}
