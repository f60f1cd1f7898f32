import type { Exchange } from './exchange.ts';

/** Origins from `local.settings.json` (`Host.CORS`): comma-separated, or `*`. */
export interface CorsSettings {
  origins: readonly string[];
  credentials: boolean;
}

export function parseCors(text: string | undefined, credentials = false): CorsSettings {
  const origins = (text ?? '').split(',').map((origin) => origin.trim());
  return { origins: origins.filter((origin) => origin !== ''), credentials };
}

/** Adds the CORS headers an allowed origin needs. Returns true when the request was a preflight, which it answers. */
export function serveCors({ request, response, method }: Exchange, settings: CorsSettings): boolean {
  const { origin } = request.headers;
  if (origin === undefined || !settings.origins.some((allowed) => allowed === '*' || allowed === origin))
    return false;
  response.setHeader(
    'access-control-allow-origin',
    settings.credentials ? origin : settings.origins.includes('*') ? '*' : origin,
  );
  if (settings.credentials) response.setHeader('access-control-allow-credentials', 'true');
  const wanted = request.headers['access-control-request-method'];
  if (method !== 'OPTIONS' || wanted === undefined) return false;
  response.setHeader('access-control-allow-methods', wanted);
  const headers = request.headers['access-control-request-headers'];
  if (headers !== undefined) response.setHeader('access-control-allow-headers', headers);
  response.writeHead(204).end();
  return true;
}
