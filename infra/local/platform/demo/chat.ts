import { z } from 'zod';
import type { Endpoints } from '../endpoints.ts';
import { LoopbackApi } from './loopback-api.ts';

const modelsSchema = z.object({ data: z.array(z.object({ id: z.string() })).min(1) });
const completionSchema = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
});

/** Asks the model that a workspace serves, through the API server's service proxy, as a user without an ingress would. */
export async function chat(
  endpoints: Endpoints,
  workspace: string,
  question: string,
): Promise<{ model: string; answer: string }> {
  const [cluster] = endpoints.clusters;
  if (cluster === undefined) throw new Error('The platform has no cluster.');
  const kubernetes = new LoopbackApi(cluster.kubernetesUrl, endpoints.caFile);
  const service = `/api/v1/namespaces/default/services/${workspace}:80/proxy`;
  const models = await kubernetes.call('GET', `${service}/v1/models`);
  if (models.status !== 200) throw unexpected(`${service}/v1/models`, models);
  const model = modelsSchema.parse(models.body).data[0]?.id ?? '';
  const completion = await kubernetes.call('POST', `${service}/v1/chat/completions`, {
    model,
    messages: [{ role: 'user', content: question }],
  });
  if (completion.status !== 200) throw unexpected(`${service}/v1/chat/completions`, completion);
  return { model, answer: completionSchema.parse(completion.body).choices[0]?.message.content ?? '' };
}

function unexpected(path: string, { status, body }: { status: number; body: unknown }): Error {
  return new Error(`${path} answered ${status}: ${typeof body === 'string' ? body : JSON.stringify(body)}`);
}
