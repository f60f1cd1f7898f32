/** The parts of answers that tests read. */
import { z } from 'zod';
import type { PlatformHarness } from '../../../harness/platform.ts';

const workspace = z.looseObject({
  apiVersion: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    deletionTimestamp: z.string().optional(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  resource: z.looseObject({ instanceType: z.string().optional() }),
  inference: z.looseObject({ preset: z.looseObject({ name: z.string() }).optional() }).optional(),
});
const list = z.object({
  metadata: z.object({ continue: z.string().optional(), resourceVersion: z.string() }),
  items: z.array(workspace),
});
const status = z.object({
  reason: z.string(),
  message: z.string(),
  code: z.number(),
  details: z
    .looseObject({
      causes: z.array(z.object({ field: z.string(), reason: z.string(), message: z.string() })).default([]),
    })
    .default({ causes: [] }),
});
const trail = z.object({ items: z.array(z.object({ time: z.string(), what: z.string(), why: z.string() })) });
const rejected = z.object({
  items: z.array(
    z.object({
      messageId: z.string(),
      enqueuedTime: z.string(),
      queue: z.string(),
      reason: z.string(),
      description: z.string(),
      body: z.unknown(),
    }),
  ),
});

export type Rejected = z.infer<typeof rejected>['items'][number];

export const readWorkspace = (json: unknown): z.infer<typeof workspace> => workspace.parse(json);
export const readList = (json: unknown): z.infer<typeof list> => list.parse(json);
export const readStatus = (json: unknown): z.infer<typeof status> => status.parse(json);
export const readTrail = (json: unknown): z.infer<typeof trail>['items'] => trail.parse(json).items;
export const readRejected = (json: unknown): Rejected[] => rejected.parse(json).items;

/** Waits for the orchestration that prepares the cluster. */
export async function untilPrepared(platform: PlatformHarness): Promise<void> {
  await platform.until(
    'the CRD is installed',
    async () => (await platform.request('GET', '/healthz')).status === 200,
  );
}
