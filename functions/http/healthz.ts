import { SlipwayError } from '../../shared/errors/slipway-error.ts';
import type { Services } from '../../shared/reconcile/services.ts';
import { route } from './route.ts';

route({
  name: 'healthz',
  method: 'GET',
  route: 'healthz',
  open: true,
  async handle(_request, services) {
    const clusters = await Promise.all(services.clusterNames.map((name) => clusterHealth(services, name)));
    const healthy = clusters.some(({ ready }) => ready);
    return { status: healthy ? 200 : 503, jsonBody: { status: healthy ? 'ok' : 'unavailable', clusters } };
  },
});

/** Able to take workspaces: the API server answers and the CRD is there. The caller is anonymous, so codes only. */
async function clusterHealth(
  services: Services,
  name: string,
): Promise<{ name: string; ready: boolean; message?: string }> {
  try {
    const { connection } = await services.cluster(name);
    await connection.records.list({ limit: 1 });
    return { name, ready: true };
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return { name, ready: false, message: error.code };
  }
}
