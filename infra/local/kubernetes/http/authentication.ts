import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { ApiError } from '../status.ts';

/** Says whether a bearer token is one of ours. */
export type TokenCheck = (token: string) => boolean;

/** The token every cluster accepts in development. */
export const developmentToken = 'development';

/** Makes the check of the tokens a cluster accepts: a list, or a check of one's own; `development` always passes. */
export function tokenCheck(tokens: readonly string[] | TokenCheck | undefined): TokenCheck {
  const accepts = typeof tokens === 'function' ? tokens : (token: string) => tokens?.includes(token) ?? false;
  return (token) => token === developmentToken || accepts(token);
}

/** Throws 401 unless the request has an accepted bearer token, or a client certificate that the listener's CA signed. */
export function authenticate(request: IncomingMessage, accepts: TokenCheck): void {
  const [, token] = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (token !== undefined && accepts(token)) return;
  const { socket } = request;
  if (token === undefined && socket instanceof TLSSocket && socket.authorized) return;
  throw unauthorized();
}

export function unauthorized(): ApiError {
  return new ApiError(401, 'Unauthorized', 'Unauthorized');
}
