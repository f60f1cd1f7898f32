import type { HttpMethod, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { app } from '@azure/functions';
import { input } from 'durable-functions';
import type { Services } from '../../shared/reconcile/services.ts';
import { services } from '../composition.ts';
import { logFor } from '../log.ts';
import { queryText } from './query.ts';
import { errorResponse, statusResponse } from './status.ts';

/** One HTTP endpoint: where it is, and what it does. */
export interface Route {
  name: string;
  method: HttpMethod;
  /** Below the route prefix, with `{parameters}`. */
  route: string;
  /** Without a key; for probes only. */
  open?: boolean;
  /** The handler asks orchestrations: `getClient(context)` works. */
  durable?: boolean;
  readonly handle: (
    request: HttpRequest,
    services: Services,
    context: InvocationContext,
  ) => Promise<HttpResponseInit>;
}

/** Registers a route. Errors become Kubernetes Status objects here and nowhere else. */
export function route({ name, method, route: path, open = false, durable = false, handle }: Route): void {
  app.http(name, {
    methods: [method],
    route: path,
    authLevel: open ? 'anonymous' : 'function',
    extraInputs: durable ? [input.durableClient()] : [],
    handler: async (request, context) => {
      try {
        return await handle(request, services(), context);
      } catch (error) {
        const response = errorResponse(error);
        if (response !== undefined) {
          logFor(context).warn('request refused', {
            route: path,
            status: response.status,
            error: String(error),
          });
          return response;
        }
        logFor(context).error('request failed', {
          route: path,
          error: error instanceof Error ? error.stack : error,
        });
        return statusResponse({
          code: 500,
          reason: 'InternalError',
          message: `The request failed unexpectedly; the log holds the cause under invocation ${context.invocationId}.`,
        });
      }
    },
  });
}

/** The cluster a request means: `?cluster=`, or the default one. */
export function clusterOf(request: HttpRequest, { defaultCluster }: Services): string {
  return queryText(request, 'cluster') ?? defaultCluster;
}

export function notFound(namespace: string, name: string): HttpResponseInit {
  return statusResponse({
    code: 404,
    reason: 'NotFound',
    message: `workspaces.kaito.sh "${name}" not found in namespace "${namespace}"`,
    name,
  });
}
