import { serveAdmin } from './admin/admin.ts';
import type { AdminSource } from './admin/admin.ts';
import { durableWebhooks } from './durable/client-binding.ts';
import { serveDurable } from './durable/endpoint.ts';
import type { DurableApi } from './durable/endpoint.ts';
import { isAllowed } from './http/access.ts';
import type { EnableAuth } from './http/access.ts';
import { serveBuffered } from './http/buffered.ts';
import { serveCors } from './http/cors.ts';
import type { CorsSettings } from './http/cors.ts';
import { answer } from './http/exchange.ts';
import type { Exchange } from './http/exchange.ts';
import type { RouteTable } from './http/route-table.ts';
import type { Serve } from './http/server.ts';
import { serveStreaming } from './http/streaming.ts';
import type { HostInvoker } from './invoker.ts';

export interface FrontDoorOptions {
  routes: RouteTable;
  admin: AdminSource;
  durable: DurableApi;
  invoker: HostInvoker;
  /** The package's proxy, when the app streams HTTP. */
  httpUri: URL | undefined;
  auth: EnableAuth | undefined;
  cors: CorsSettings;
}

/** What a request to the host's port reaches: admin, Durable webhooks, then the app's own routes. */
export function createFrontDoor(options: FrontDoorOptions): Serve {
  return async (exchange) => {
    if (serveCors(exchange, options.cors)) return;
    const path = exchange.path.toLowerCase();
    if (path.startsWith('/admin/')) await guarded(options, exchange, () => serveAdminPath(options, exchange));
    else if (path.startsWith(durableWebhooks)) {
      await guarded(options, exchange, () => serveDurable(options.durable, exchange, durableWebhooks));
    } else await serveFunction(options, exchange);
  };
}

/** Both areas ask for a key of their own in Azure: the master key, and the Durable extension's system key. */
async function guarded(
  { auth }: FrontDoorOptions,
  exchange: Exchange,
  serve: () => Promise<void>,
): Promise<void> {
  if (isAllowed(exchange, 'admin', auth)) await serve();
  else answer(exchange.response, 401);
}

async function serveAdminPath({ admin }: FrontDoorOptions, exchange: Exchange): Promise<void> {
  if (!(await serveAdmin(admin, exchange))) answer(exchange.response, 404);
}

async function serveFunction(options: FrontDoorOptions, exchange: Exchange): Promise<void> {
  const { routes, auth, invoker, httpUri } = options;
  const { method, path, response } = exchange;
  const match = routes.find(method, path);
  if (match === undefined) serveNoFunction(exchange);
  else if (!isAllowed(exchange, match.route.authLevel, auth)) answer(response, 401);
  else if (httpUri === undefined) await serveBuffered(invoker, exchange, match);
  else await serveStreaming({ invoker, httpUri }, exchange, match);
}

/** The host's own home page, which people open to see whether it runs. */
function serveNoFunction({ method, path, response }: Exchange): void {
  if (path === '/' && method === 'GET') {
    answer(response, 200, { status: 'Your Functions 4.0 app is up and running' });
  } else answer(response, 404);
}
