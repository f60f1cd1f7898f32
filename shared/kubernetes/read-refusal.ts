import { z } from 'zod';
import type { Refusal } from '../planning/refusal.ts';

const placement = z.object({
  priority: z.enum(['on-demand', 'spot']),
  zones: z.array(z.string()),
  spotMaxPrice: z.number().nullable(),
  capacityReservationGroup: z.string().nullable(),
});

const refusal = z.object({
  instanceType: z.string(),
  priority: z.enum(['on-demand', 'spot', 'any']),
  placement: z.union([placement, z.enum(['any', 'any-but-reserved'])]),
  count: z.number().int().positive(),
  class: z.enum(['wait', 'retry', 'next-rung', 'operator', 'bug']),
  code: z.string(),
  message: z.string(),
  remedy: z.string().optional(),
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
