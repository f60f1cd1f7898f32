import { z } from 'zod';
import { answer, readBody } from '../http/exchange.ts';
import type { Exchange } from '../http/exchange.ts';
import type { HostFunction } from '../invoker.ts';

/** What the admin endpoints need to know of the host. */
export interface AdminSource {
  functions(): readonly HostFunction[];
  isDisabled(name: string): boolean;
  /** Why a function's trigger could not be started; empty when all is well. */
  faults(name: string): readonly string[];
  invokeUrl(fn: HostFunction): string | undefined;
  /** Starts an invocation in the background. */
  run(name: string, input: string | undefined): void;
}

const runRequest = z.object({ input: z.string().nullish() });

const started = performance.now();

/**
 * Serves `/admin/*` as the real host does. Source: Functions host 4.x, HostController and FunctionsController.
 * Returns false for paths that are none of its own.
 */
export async function serveAdmin(source: AdminSource, exchange: Exchange): Promise<boolean> {
  const { method, path, response } = exchange;
  const [, area, ...rest] = path.replace(/^\/|\/$/g, '').split('/');
  if (area === 'host') return serveHost(exchange, rest);
  if (area !== 'functions') return false;
  const [encodedName, detail, ...more] = rest;
  if (encodedName === undefined) {
    if (method === 'GET')
      answer(
        response,
        200,
        source.functions().map((fn) => describe(source, exchange, fn)),
      );
    return method === 'GET';
  }
  const name = decodeURIComponent(encodedName).toLowerCase();
  const fn = source.functions().find((candidate) => candidate.name.toLowerCase() === name);
  if (fn === undefined || more.length > 0) {
    answer(response, 404);
    return true;
  }
  if (detail === undefined && method === 'POST') await run(source, exchange, fn);
  else if (detail === undefined && method === 'GET') answer(response, 200, describe(source, exchange, fn));
  else if (detail === 'status' && method === 'GET') {
    const errors = source.faults(fn.name);
    answer(response, 200, errors.length === 0 ? {} : { errors });
  } else return false;
  return true;
}

function serveHost({ response, method }: Exchange, [detail, ...more]: string[]): boolean {
  if (more.length > 0) return false;
  if (detail === 'ping' && ['GET', 'POST', 'HEAD'].includes(method)) answer(response, 200);
  else if (detail === 'status' && method === 'GET') {
    answer(response, 200, {
      id: 'slipway-embedded-host',
      state: 'Running',
      version: '4.1050.0',
      versionDetails: '4.1050.0 (embedded)',
      processUptime: Math.round(performance.now() - started),
    });
  } else return false;
  return true;
}

async function run(source: AdminSource, { request, response }: Exchange, fn: HostFunction): Promise<void> {
  const text = (await readBody(request)).toString('utf8');
  let body: unknown;
  try {
    body = text === '' ? {} : JSON.parse(text);
  } catch {
    answer(response, 400, { message: 'The request body is not JSON; expected {"input":"text"}.' });
    return;
  }
  const parsed = runRequest.safeParse(body);
  if (!parsed.success) {
    answer(response, 400, { message: 'Expected {"input":"text"}.' });
    return;
  }
  if (fn.trigger.type.toLowerCase() === 'httptrigger') {
    answer(response, 400, { message: `'${fn.name}' has an HTTP trigger: call its own URL.` });
    return;
  }
  source.run(fn.name, parsed.data.input ?? undefined);
  answer(response, 202);
}

function describe(source: AdminSource, { origin }: Exchange, fn: HostFunction): Record<string, unknown> {
  return {
    name: fn.name,
    href: `${origin}/admin/functions/${encodeURIComponent(fn.name)}`,
    invoke_url_template: source.invokeUrl(fn) ?? null,
    language: 'node',
    config: { bindings: Object.entries(fn.bindings).map(([name, binding]) => ({ ...binding, name })) },
    isDisabled: source.isDisabled(fn.name),
  };
}
