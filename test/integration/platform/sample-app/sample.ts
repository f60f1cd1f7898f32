import { app } from '@azure/functions';

/** A function whose heavy part is loaded on first use, as the real app's SDKs are. */
app.http('hello', {
  route: 'hello/{name}',
  handler: async (request) => {
    const { parse } = await import('yaml');
    return { jsonBody: { hello: request.params['name'], parsed: JSON.stringify(parse('a: [1, 2]')) } };
  },
});
