import { matchRoute, parseRouteTemplate } from './route-template.ts';
import type { RouteTemplate } from './route-template.ts';
import type { HostFunction } from '../invoker.ts';

export interface HttpRoute {
  function: HostFunction;
  /** Upper-case methods. */
  methods: readonly string[];
  authLevel: string;
  /** Template with the route prefix, without a leading slash. */
  template: RouteTemplate;
}

export interface RouteMatch {
  route: HttpRoute;
  parameters: Record<string, string>;
}

/** The route an HTTP function asked for; its name is the default. */
export function toHttpRoute(fn: HostFunction, routePrefix: string): HttpRoute {
  const { route, methods, authLevel } = fn.trigger.options;
  const path = typeof route === 'string' && route !== '' ? route.replace(/^\//, '') : fn.name;
  const prefix = routePrefix.replace(/^\/|\/$/g, '');
  return {
    function: fn,
    methods: Array.isArray(methods) ? methods.map((method) => String(method).toUpperCase()) : ['GET', 'POST'],
    authLevel: typeof authLevel === 'string' ? authLevel.toLowerCase() : 'anonymous',
    template: parseRouteTemplate(prefix === '' ? path : `${prefix}/${path}`),
  };
}

/** Routes in the order ASP.NET tries them: literals before parameters, constrained before free, catch-alls last. */
export class RouteTable {
  readonly #routes: readonly HttpRoute[];

  constructor(routes: readonly HttpRoute[]) {
    this.#routes = routes.toSorted((left, right) => comparePrecedence(left.template, right.template));
  }

  /**
   * The route for a request. `path` is the raw URL path. The method is part of the match, as it is in the real host: a
   * path that only fits with another method falls through to the next route, and in the end to 404.
   */
  find(method: string, path: string): RouteMatch | undefined {
    const segments = decodeSegments(path);
    if (segments === undefined) return undefined;
    for (const route of this.#routes) {
      if (!route.methods.includes(method)) continue;
      const parameters = matchRoute(route.template, segments);
      if (parameters !== undefined) return { route, parameters };
    }
    return undefined;
  }
}

function comparePrecedence(left: RouteTemplate, right: RouteTemplate): number {
  const length = Math.max(left.segments.length, right.segments.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (left.segments[index]?.precedence ?? 0) - (right.segments[index]?.precedence ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Decoded segments; an escaped slash stays escaped, as in ASP.NET. Undefined for broken escapes. */
function decodeSegments(path: string): string[] | undefined {
  try {
    return path
      .replace(/^\/|\/$/g, '')
      .split('/')
      .map((segment) => decodeURIComponent(segment.replace(/%2f/gi, '%252F')));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
