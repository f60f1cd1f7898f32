import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { TypedData } from '../contract.ts';
import type { HostInvoker } from '../invoker.ts';
import { rpcCookie, toSetCookie } from './cookie.ts';
import { answer, headerTexts, queryTexts, readBody } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import type { RouteMatch } from './route-table.ts';

/** The reason `func` logs for every HTTP call. */
export const httpReason = 'This function was programmatically called via the host APIs.';

const rpcHttpResponse = z.object({
  http: z.object({
    statusCode: z.coerce.number().int(),
    headers: z.record(z.string(), z.string()).default({}),
    cookies: z.array(rpcCookie).default([]),
    body: z.object({ bytes: z.instanceof(Uint8Array) }).nullish(),
  }),
});

function nullable(texts: Record<string, string>): Record<string, { value: string }> {
  return Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, { value }]));
}

/** Serves one request through the worker protocol: whole body in, whole answer out. */
export async function serveBuffered(
  invoker: HostInvoker,
  { request, response, method, query, origin }: Exchange,
  { route, parameters }: RouteMatch,
): Promise<void> {
  const body = await readBody(request);
  const hasBody = method !== 'GET' && method !== 'HEAD' && body.length > 0;
  const headers = headerTexts(request);
  const result = await invoker.invoke(route.function.name, {
    reason: httpReason,
    traceParent: headers['traceparent'],
    trigger: {
      http: {
        method,
        url: `${origin}${request.url ?? '/'}`,
        nullableHeaders: nullable(headers),
        nullableQuery: nullable(queryTexts(query)),
        nullableParams: nullable(parameters),
        ...(hasBody ? { body: { bytes: body } } : {}),
      },
    },
  });
  if (result.outcome === 'failed') answer(response, 500);
  // A handler that returns nothing: the real host answers 204.
  else if (result.returnValue === null || result.returnValue === undefined) answer(response, 204);
  else send(response, result.returnValue);
}

function send(response: ServerResponse, returnValue: TypedData): void {
  const { http } = rpcHttpResponse.parse(returnValue);
  for (const [name, value] of Object.entries(http.headers)) {
    if (name !== 'set-cookie') response.setHeader(name, value);
  }
  const cookies = http.cookies.map(toSetCookie);
  if (http.headers['set-cookie'] !== undefined) cookies.push(http.headers['set-cookie']);
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  response.writeHead(http.statusCode).end(http.body?.bytes);
}
