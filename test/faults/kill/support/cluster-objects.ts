import { z } from 'zod';
import type { Endpoints } from '../../../../infra/local/platform/endpoints.ts';
import { ask } from './simulated-azure.ts';

/** Where objects of a workspace can be; what controllers make for it (pods, revisions, claims) included. */
const places = {
  workspaces: '/apis/kaito.sh/v1beta1',
  statefulsets: '/apis/apps/v1',
  controllerrevisions: '/apis/apps/v1',
  jobs: '/apis/batch/v1',
  services: '/api/v1',
  pods: '/api/v1',
  persistentvolumeclaims: '/api/v1',
} as const;

const list = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), uid: z.string(), generation: z.number().optional() }),
    }),
  ),
});
export type ClusterObject = z.output<typeof list>['items'][number];

/** All objects of a kind in the namespace `default`, where tests keep nothing else; labels do not matter. */
export async function objectsOf(endpoints: Endpoints, plural: keyof typeof places): Promise<ClusterObject[]> {
  const url = endpoints.clusters[0]?.kubernetesUrl ?? '';
  const { items } = list.parse(await ask(endpoints, url, `${places[plural]}/namespaces/default/${plural}`));
  return items.filter(({ metadata }) => !(plural === 'services' && metadata.name === 'kubernetes'));
}

/** Whatever the namespace holds that a workspace could have left. */
export async function leftObjects(endpoints: Endpoints): Promise<string[]> {
  const found: string[] = [];
  for (const plural of [
    'workspaces',
    'statefulsets',
    'controllerrevisions',
    'jobs',
    'services',
    'pods',
    'persistentvolumeclaims',
  ] as const) {
    for (const { metadata } of await objectsOf(endpoints, plural)) found.push(`${plural}/${metadata.name}`);
  }
  return found;
}
