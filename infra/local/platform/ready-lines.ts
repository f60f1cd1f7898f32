import { z } from 'zod';

/** What each process prints on stdout, as one line of JSON, when it serves. */

export const serviceBusReady = z.object({
  ready: z.literal(true),
  port: z.number().int().positive(),
  connectionString: z.string().min(1),
});

export const azureReady = z.object({
  ready: z.literal(true),
  armUrl: z.url(),
  pricesUrl: z.url(),
  caFile: z.string().min(1),
  clusters: z
    .array(
      z.object({
        name: z.string(),
        resourceId: z.string(),
        kubernetesUrl: z.url(),
        kubeconfigFile: z.string(),
      }),
    )
    .min(1),
});

export const functionsReady = z.object({
  ready: z.literal(true),
  port: z.number().int().positive(),
  url: z.url(),
});

export type ServiceBusReady = z.output<typeof serviceBusReady>;
export type AzureReady = z.output<typeof azureReady>;
export type FunctionsReady = z.output<typeof functionsReady>;
