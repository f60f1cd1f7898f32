import * as z from 'zod/mini';

/** A `Placement` as ConfigMaps of ours hold it. Apart from the type, which code without a schema needs. */
export const placementSchema = z.object({
  priority: z.enum(['on-demand', 'spot']),
  zones: z.array(z.string()),
  spotMaxPrice: z.nullable(z.number()),
  capacityReservationGroup: z.nullable(z.string()),
});
