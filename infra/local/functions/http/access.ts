import { timingSafeEqual } from 'node:crypto';
import type { Exchange } from './exchange.ts';

/** Present when keys are checked, as with `func start --enableAuth`; one key opens everything. */
export interface EnableAuth {
  key: string;
}

/** Whether the request may pass: always without {@link EnableAuth}, and at `anonymous` level. */
export function isAllowed(
  { request, query }: Exchange,
  authLevel: string,
  auth: EnableAuth | undefined,
): boolean {
  if (auth === undefined || authLevel === 'anonymous') return true;
  const header = request.headers['x-functions-key'];
  const given = Buffer.from(typeof header === 'string' ? header : (query.get('code') ?? ''));
  const expected = Buffer.from(auth.key);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
