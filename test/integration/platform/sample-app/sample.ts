import { app } from '@azure/functions';
import { z } from 'zod';

const clusters = z.tuple([z.object({ resourceId: z.string() })]);
const received: { body: string; sessionId: unknown }[] = [];

/** Its heavy part is loaded on first use, as the real app's SDKs are. */
app.http('hello', {
  route: 'hello/{name}',
  handler: async (request) => {
    const { parse } = await import('./heavy-part.ts');
    return { jsonBody: { hello: request.params['name'], parsed: JSON.stringify(parse('a: [1, 2]')) } };
  },
});

app.serviceBusQueue('take', {
  queueName: 'workspace-created',
  connection: 'ServiceBusConnection',
  isSessionsEnabled: true,
  handler: (message, context) => {
    const body = typeof message === 'string' ? message : JSON.stringify(message);
    received.push({ body, sessionId: context.triggerMetadata?.['sessionId'] });
  },
});

app.http('received', {
  route: 'received',
  handler: () => ({ jsonBody: { items: received } }),
});

/** Reaches ARM by the app's settings alone; TLS fails unless the host was started with the platform's CA. */
app.http('pools', {
  route: 'pools',
  handler: async () => {
    const [cluster] = clusters.parse(JSON.parse(process.env['SLIPWAY_CLUSTERS'] ?? ''));
    const arm = process.env['SLIPWAY_ARM_ENDPOINT'] ?? '';
    const url = `${arm}${cluster.resourceId}/agentPools?api-version=2026-04-01`;
    const answer = await fetch(url, { headers: { authorization: 'Bearer development' } });
    return { jsonBody: { status: answer.status } };
  },
});
