import * as z from 'zod/mini';
import type { Quota } from '../planning/region-facts.ts';
import { quotaKey } from '../planning/region-facts.ts';
import type { ArmReader } from './arm-reader.ts';

const usage = z.object({
  name: z.object({ value: z.string() }),
  currentValue: z.number(),
  limit: z.number(),
});

/** vCPU quotas of a subscription in a region, by {@link quotaKey}. REST operation: Usage_List of Microsoft.Compute. */
export async function readUsages(
  arm: ArmReader,
  { subscriptionId, region }: { subscriptionId: string; region: string },
): Promise<Map<string, Quota>> {
  const path = `/subscriptions/${subscriptionId}/providers/Microsoft.Compute/locations/${region}/usages`;
  const items = await arm.list(path, { 'api-version': '2024-07-01' });
  return new Map(
    items.flatMap((item) => {
      const read = usage.safeParse(item);
      if (!read.success) return [];
      const { name, currentValue: used, limit } = read.data;
      const quota = { name: name.value, limit, used, left: Math.max(0, limit - used) };
      return [[quotaKey(name.value), quota] as const];
    }),
  );
}
