import { z } from 'zod';
import type { Endpoints } from '../endpoints.ts';
import { LoopbackApi } from './loopback-api.ts';

const poolsSchema = z.object({
  value: z.array(
    z.object({
      name: z.string(),
      properties: z.object({
        mode: z.string().optional(),
        vmSize: z.string(),
        provisioningState: z.string(),
      }),
    }),
  ),
});
const objectsSchema = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

/** Where objects of a workspace can be; pods and claims are made by controllers and carry the same labels. */
const ourKinds = [
  '/apis/apps/v1/namespaces/default/statefulsets',
  '/apis/apps/v1/namespaces/default/controllerrevisions',
  '/apis/batch/v1/namespaces/default/jobs',
  '/api/v1/namespaces/default/services',
  '/api/v1/namespaces/default/configmaps',
  '/api/v1/namespaces/default/pods',
  '/api/v1/namespaces/default/persistentvolumeclaims',
];
const selector = `labelSelector=${encodeURIComponent('app.kubernetes.io/managed-by=slipway')}`;

/** Agent pools (one line each) of the simulated cluster; the system pool is the cluster's own. */
export async function userPools(endpoints: Endpoints): Promise<string[]> {
  const arm = new LoopbackApi(endpoints.armUrl, endpoints.caFile);
  const found: string[] = [];
  for (const cluster of endpoints.clusters) {
    const answer = await arm.call('GET', `${cluster.resourceId}/agentPools?api-version=2026-04-01`);
    if (answer.status !== 200) throw new Error(`ARM answered ${answer.status} to the list of agent pools.`);
    for (const { name, properties } of poolsSchema.parse(answer.body).value) {
      if (properties.mode === 'System') continue;
      found.push(`agent pool ${name} (${properties.vmSize}, ${properties.provisioningState})`);
    }
  }
  return found;
}

/** Objects with our label, and Workspaces, in the namespace of the demo. */
export async function ourObjects(endpoints: Endpoints): Promise<string[]> {
  const found: string[] = [];
  for (const cluster of endpoints.clusters) {
    const kubernetes = new LoopbackApi(cluster.kubernetesUrl, endpoints.caFile);
    const lists = [
      ...ourKinds.map((path) => `${path}?${selector}`),
      '/apis/kaito.sh/v1beta1/namespaces/default/workspaces',
    ];
    for (const path of lists) {
      const answer = await kubernetes.call('GET', path);
      if (answer.status !== 200) throw new Error(`Kubernetes answered ${answer.status} to GET ${path}.`);
      const plural = path.split('?')[0]?.split('/').at(-1) ?? path;
      for (const { metadata } of objectsSchema.parse(answer.body).items)
        found.push(`${plural}/${metadata.name}`);
    }
  }
  return found;
}
