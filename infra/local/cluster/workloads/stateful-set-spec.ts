import { z } from 'zod';
import { templateSchema } from './pod-template.ts';

const claimTemplateSchema = z.looseObject({
  metadata: z.looseObject({
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.looseObject({}),
});

export const statefulSetSpecSchema = z.looseObject({
  replicas: z.number().default(1),
  serviceName: z.string().default(''),
  template: templateSchema,
  podManagementPolicy: z.string().default('OrderedReady'),
  ordinals: z.looseObject({ start: z.number().default(0) }).default({ start: 0 }),
  updateStrategy: z
    .looseObject({
      type: z.string(),
      rollingUpdate: z.looseObject({ partition: z.number().default(0) }).default({ partition: 0 }),
    })
    .default({ type: 'RollingUpdate', rollingUpdate: { partition: 0 } }),
  volumeClaimTemplates: z.array(claimTemplateSchema).default([]),
  persistentVolumeClaimRetentionPolicy: z
    .looseObject({ whenDeleted: z.string().default('Retain'), whenScaled: z.string().default('Retain') })
    .default({ whenDeleted: 'Retain', whenScaled: 'Retain' }),
});

/** The parts of a StatefulSet's spec that its controller acts on. */
export type StatefulSetSpec = z.infer<typeof statefulSetSpecSchema>;
