import type { Reply } from './request-end.ts';
import { int, nothing, text } from './value.ts';

/** `$cbs`: every token is good on loopback; the client only needs to hear so (202, as Azure answers). */
export function acceptToken(): Reply {
  return {
    applicationProperties: [
      [text('status-code'), int(202)],
      [text('status-description'), text('Accepted')],
    ],
    body: nothing,
  };
}
