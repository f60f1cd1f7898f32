import type { DurableHttpRequest, DurableHttpResponse } from '../contract.ts';
import { headerTexts, readBody } from '../http/exchange.ts';
import type { Exchange } from '../http/exchange.ts';

/** Whoever answers the Durable HTTP API: the engine of this process, or another host. */
export type DurableApi = (request: DurableHttpRequest) => Promise<DurableHttpResponse>;

/** Passes a request below `basePath` (which ends in a slash) on to the Durable API, and its answer back. */
export async function serveDurable(api: DurableApi, exchange: Exchange, basePath: string): Promise<void> {
  const { request, response, method, path, query, origin } = exchange;
  const reply = await api({
    method,
    path: path.slice(basePath.length),
    query,
    headers: headerTexts(request),
    body: await readBody(request),
    origin,
  });
  response.writeHead(reply.status, reply.headers).end(reply.body);
}
