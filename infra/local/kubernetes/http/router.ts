import type { Clock } from '../../clock/clock.ts';
import type { Fault, Faults, FaultSubject } from '../faults.ts';
import { ApiError } from '../status.ts';
import type { Machinery } from '../writes/machinery.ts';
import { authenticate, unauthorized, type TokenCheck } from './authentication.ts';
import { deleteCollection, deleteOne } from './delete-handlers.ts';
import { discover } from './discovery.ts';
import type { Exchange } from './exchange.ts';
import { openApi } from './openapi.ts';
import { bindPod, evictPod } from './pod-handlers.ts';
import { get, list, type ResourceRequest } from './read-handlers.ts';
import { parseResourcePath, verbOf, type ResourcePath, type Verb } from './request-path.ts';
import type { Watches } from './watch-handler.ts';
import { patch, post, put } from './write-handlers.ts';

/** A path served before the generic resources. Returns whether it answered (or will). */
export type Route = (exchange: Exchange) => boolean | Promise<boolean>;

export interface RouterParts {
  machinery: Machinery;
  faults: Faults;
  watches: Watches;
  accepts: TokenCheck;
  routes: readonly Route[];
  /** Hears what each request is: `list pods`, `patch workspaces/status`. */
  count: (request: string) => void;
}

/** Answers one request: faults, authentication, added routes, discovery, resources. */
export async function route(exchange: Exchange, parts: RouterParts): Promise<void> {
  const { pathname } = exchange.url;
  const path = parseResourcePath(pathname);
  const verb = path === undefined ? undefined : verbOf(exchange.method, path, exchange.query);
  parts.count(describe(exchange, path, verb));
  const subject = {
    method: exchange.method,
    path: pathname,
    verb,
    resource: resourceText(path),
    name: path?.name,
  };
  if ((await injectFaults(exchange, subject, parts)) === 'answered') return;

  if (pathname === '/readyz' || pathname === '/livez' || pathname === '/healthz') {
    exchange.sendText(200, 'ok');
    return;
  }
  authenticate(exchange.request, parts.accepts);
  for (const added of parts.routes) if (await added(exchange)) return;
  const { registry } = parts.machinery;
  const document =
    exchange.method === 'GET' ? (discover(pathname, registry) ?? openApi(pathname, registry)) : undefined;
  if (document !== undefined) {
    exchange.send(200, document);
    return;
  }
  const definition = path === undefined ? undefined : registry.find(path);
  if (path === undefined || definition === undefined) {
    exchange.sendText(404, '404 page not found\n');
    return;
  }
  if (verb === undefined)
    throw new ApiError(
      405,
      'MethodNotAllowed',
      'the server does not allow this method on the requested resource',
    );
  await serve(parts, { exchange, path, definition }, verb);
}

async function serve(
  { machinery, watches }: RouterParts,
  request: ResourceRequest,
  verb: Verb,
): Promise<void> {
  const { path, definition } = request;
  checkSubresource(request, verb);
  if (verb === 'create' && path.name !== undefined) {
    return path.subresource === 'binding' ? bindPod(machinery, request) : evictPod(machinery, request);
  }
  // A namespaced collection across all namespaces can be read, not written.
  if (definition.namespaced && path.namespace === undefined && verb !== 'list' && verb !== 'watch')
    throw notAllowed();
  switch (verb) {
    case 'get': {
      get(machinery, request);
      return;
    }
    case 'list': {
      list(machinery, request);
      return;
    }
    case 'watch': {
      watches.serve(machinery, request);
      return;
    }
    case 'create':
      return post(machinery, request);
    case 'update':
      return put(machinery, request);
    case 'patch':
      return patch(machinery, request);
    case 'delete':
      return deleteOne(machinery, request);
    case 'deletecollection':
      return deleteCollection(machinery, request);
  }
}

/** 404 for a subresource the kind does not have, 405 for a verb it does not take. */
function checkSubresource({ path, definition }: ResourceRequest, verb: Verb): void {
  const { subresource } = path;
  if (path.name !== undefined && verb === 'create') {
    const known =
      definition.group === '' &&
      definition.plural === 'pods' &&
      (subresource === 'binding' || subresource === 'eviction');
    if (known) return;
    throw subresource === undefined ? notAllowed() : missing();
  }
  if (subresource === undefined) {
    if (path.name === undefined && (verb === 'update' || verb === 'patch')) throw notAllowed();
    return;
  }
  const known =
    (subresource === 'status' && definition.hasStatus) ||
    (subresource === 'scale' && definition.scale !== undefined) ||
    (subresource === 'finalize' && definition.plural === 'namespaces');
  if (!known) throw missing();
  if (verb !== 'get' && verb !== 'update' && verb !== 'patch') throw notAllowed();
}

function missing(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource');
}

function notAllowed(): ApiError {
  return new ApiError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
  );
}

async function injectFaults(
  exchange: Exchange,
  subject: FaultSubject,
  parts: RouterParts,
): Promise<'answered' | 'go on'> {
  for (const fault of parts.faults.strike(subject)) {
    switch (fault.action) {
      case 'delay':
        await virtualDelay(parts.machinery.clock, fault.milliseconds);
        break;
      case 'applied-then-reset':
        exchange.loseAnswer = true;
        break;
      case 'reset':
      case 'unavailable':
        exchange.reset();
        return 'answered';
      case 'expire-token':
        throw unauthorized();
      case 'status':
        answerStatus(exchange, fault);
        return 'answered';
    }
  }
  return 'go on';
}

function answerStatus(
  exchange: Exchange,
  { code, retryAfterSeconds, body }: Extract<Fault, { action: 'status' }>,
): void {
  if (body !== undefined) {
    const headers: Record<string, string> =
      retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
    exchange.send(code, body, headers);
    return;
  }
  const details = retryAfterSeconds === undefined ? undefined : { retryAfterSeconds };
  exchange.refuse(new ApiError(code, reasons[code], `injected fault: ${reasons[code] ?? code}`, details));
}

/** The reason the API server gives with each code. */
const reasons: Record<number, string> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

function virtualDelay(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(clock.now() + milliseconds, resolve);
  });
}

function resourceText(path: ResourcePath | undefined): string | undefined {
  if (path === undefined) return undefined;
  return path.subresource === undefined
    ? path.plural
    : `${path.plural}/${path.subresource.split('/')[0] ?? ''}`;
}

function describe(exchange: Exchange, path: ResourcePath | undefined, verb: Verb | undefined): string {
  return path === undefined
    ? `${exchange.method.toLowerCase()} ${exchange.url.pathname}`
    : `${verb ?? exchange.method.toLowerCase()} ${resourceText(path) ?? ''}`;
}
