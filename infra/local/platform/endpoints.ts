import { join } from 'node:path';
import { z } from 'zod';
import { processNames } from './process-name.ts';
import { readJson } from './read-file.ts';

/** What runs, and where: the content of `endpoints.json` in the state folder, for tools and scripts. */
export const endpointsSchema = z.object({
  functionsUrl: z.url(),
  adminUrl: z.url(),
  serviceBusConnectionString: z.string(),
  armUrl: z.url(),
  /** PEM file to trust for `armUrl` and every `kubernetesUrl`. */
  caFile: z.string(),
  clusters: z.array(
    z.object({
      name: z.string(),
      /** ARM id of the managed cluster. */
      resourceId: z.string(),
      kubernetesUrl: z.url(),
      kubeconfigFile: z.string(),
    }),
  ),
  /** Virtual seconds per real second. */
  speed: z.number().positive(),
  stateDirectory: z.string(),
  /** Process ids; one that is just coming back is absent. */
  processes: z.partialRecord(z.enum(processNames), z.number().int().positive()),
});
export type Endpoints = z.output<typeof endpointsSchema>;

export function endpointsFile(stateDirectory: string): string {
  return join(stateDirectory, 'endpoints.json');
}

/** What runs on this state folder; undefined when nothing does. */
export function readEndpoints(stateDirectory: string): Endpoints | undefined {
  return readJson(endpointsFile(stateDirectory), endpointsSchema);
}
