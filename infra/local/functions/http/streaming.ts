import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream';
import type { HostInvoker } from '../invoker.ts';
import { httpReason } from './buffered.ts';
import { answer, headerTexts, queryTexts } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import type { RouteMatch } from './route-table.ts';

/** Headers that concern one connection only, and `expect`, which this host has answered itself. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
  'expect',
]);

/** A fresh connection each time: the package's proxy drops idle ones, and a reused one could fail in between. */
const agent = new Agent({ keepAlive: false });

/**
 * Serves one request as the real host does for `enableHttpStream`: the raw request goes to the proxy that
 * `@azure/functions` opened, the invocation (which alone carries headers and route parameters) goes to the worker, and
 * both run side by side. Chunks flow as they come, in both directions.
 */
export async function serveStreaming(
  { invoker, httpUri }: { invoker: HostInvoker; httpUri: URL },
  exchange: Exchange,
  { route, parameters }: RouteMatch,
): Promise<void> {
  const { request, response } = exchange;
  const invocationId = randomUUID();
  const { forwarded, reply, lost } = forward(exchange, httpUri, invocationId);
  const result = await invoker.invoke(route.function.name, {
    invocationId,
    reason: httpReason,
    traceParent: headerTexts(request)['traceparent'],
    argumentsLost: lost,
    trigger: { http: {} },
    triggerMetadata: {
      ...Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, { string: value }])),
      Query: { json: JSON.stringify(queryTexts(exchange.query)) },
      Headers: { json: JSON.stringify(headerTexts(request)) },
    },
  });
  if (result.outcome === 'failed' || !result.returned) {
    // The package's proxy will never answer: without this the client would wait for ever.
    forwarded.destroy();
    if (response.headersSent) response.destroy();
    else answer(response, result.outcome === 'failed' ? 500 : 204);
    return;
  }
  if ((await reply) === undefined && !response.destroyed) answer(response, 502);
  if (!response.closed) await once(response, 'close');
}

interface Forwarding {
  forwarded: ClientRequest;
  /** The package's answer, already on its way to the client; undefined when the connection to the proxy broke. */
  reply: Promise<IncomingMessage | undefined>;
  /** Rejects when the proxy or the client went away, which leaves an invocation without its arguments. */
  lost: Promise<never>;
}

function forward({ request, response, method }: Exchange, httpUri: URL, invocationId: string): Forwarding {
  const { promise: lost, reject: lose } = Promise.withResolvers<never>();
  const { promise: reply, resolve } = Promise.withResolvers<IncomingMessage | undefined>();
  // Once the arguments have arrived nobody listens; what is lost later shows on the response itself.
  lost.catch(() => undefined);
  const forwarded = httpRequest({
    host: '127.0.0.1',
    port: httpUri.port,
    method,
    path: request.url ?? '/',
    headers: forwardedHeaders(request, invocationId),
    agent,
  });
  forwarded.on('response', (message) => {
    passBack(message, response);
    resolve(message);
  });
  forwarded.on('error', (error) => {
    lose(error);
    resolve(undefined);
  });
  response.on('close', () => {
    if (!response.writableFinished) forwarded.destroy(new Error('The client disconnected.'));
  });
  response.on('finish', () => {
    // What the handler did not read still has to be taken off the client's connection.
    request.unpipe(forwarded);
    request.resume();
    if (!forwarded.writableFinished) forwarded.destroy();
  });
  forwarded.flushHeaders();
  request.pipe(forwarded);
  return { forwarded, reply, lost };
}

function forwardedHeaders(request: IncomingMessage, invocationId: string): OutgoingHttpHeaders {
  const kept = Object.entries(request.headers).filter(([name]) => !hopByHop.has(name));
  return {
    ...Object.fromEntries(kept),
    // Otherwise the package's server resets the connection when the handler leaves the body unread, answer and all.
    connection: 'keep-alive',
    'x-ms-invocation-id': invocationId,
    'x-forwarded-host': request.headers.host ?? 'localhost',
    'x-forwarded-proto': 'http',
  };
}

/** Pipes the package's answer to the client, without what is only between the two of us. */
function passBack(message: IncomingMessage, response: Exchange['response']): void {
  for (const [name, value] of Object.entries(message.headers)) {
    const isOurs = hopByHop.has(name) || name === 'x-ms-invocation-id' || name === 'transfer-encoding';
    if (value !== undefined && !isOurs) response.setHeader(name, value);
  }
  response.writeHead(message.statusCode ?? 502);
  response.flushHeaders();
  // Either side's end or failure ends the other; there is nobody left to tell.
  pipeline(message, response, () => undefined);
}
