import { app } from '@azure/functions';

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
  handler: () => ({ jsonBody: { items: received, arm: process.env['SLIPWAY_ARM_ENDPOINT'] } }),
});
