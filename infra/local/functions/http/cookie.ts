import { z } from 'zod';

const text = z.object({ value: z.string() }).nullish();
const truth = z.object({ value: z.boolean() }).nullish();

/** A cookie as the worker protocol carries it; `sameSite: 'none'` there means "not set". */
export const rpcCookie = z.object({
  name: z.string(),
  value: z.string(),
  domain: text,
  path: text,
  expires: z.object({ value: z.object({ seconds: z.coerce.number() }) }).nullish(),
  secure: truth,
  httpOnly: truth,
  sameSite: z.enum(['none', 'lax', 'strict', 'explicitNone']).nullish(),
  maxAge: z.object({ value: z.number() }).nullish(),
});

const sameSiteText = { none: undefined, lax: 'Lax', strict: 'Strict', explicitNone: 'None' };

/** The `Set-Cookie` header value (RFC 6265, section 4.1). */
export function toSetCookie(cookie: z.output<typeof rpcCookie>): string {
  const sameSite = cookie.sameSite ? sameSiteText[cookie.sameSite] : undefined;
  return [
    `${cookie.name}=${encodeURIComponent(cookie.value)}`,
    cookie.maxAge && `Max-Age=${Math.floor(cookie.maxAge.value)}`,
    cookie.domain && `Domain=${cookie.domain.value}`,
    cookie.path && `Path=${cookie.path.value}`,
    cookie.expires && `Expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`,
    cookie.httpOnly?.value && 'HttpOnly',
    cookie.secure?.value && 'Secure',
    sameSite && `SameSite=${sameSite}`,
  ]
    .filter((part) => typeof part === 'string')
    .join('; ');
}
