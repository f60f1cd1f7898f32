import { QueueFault } from '../engine/faults.ts';
import type { Namespace } from '../engine/namespace.ts';
import { parseAddress } from './address.ts';
import type { Reply, Request } from './request-end.ts';
import { asText, int, lookUp, nothing, text } from './value.ts';

/**
 * `$cbs`: every token is good on loopback; the client only needs to hear so (202, as Azure answers). A token for a queue
 * that is not there is refused with 404, which SDKs report as such for every kind of link.
 */
export function acceptToken(request: Request, namespace: Namespace): Reply {
  const audience = asText(lookUp(request.applicationProperties, 'name')) ?? '';
  try {
    requireEntity(audience, namespace);
    return answer(202, 'Accepted');
  } catch (error) {
    if (!(error instanceof QueueFault)) throw error;
    return answer(404, error.message);
  }
}

/** An audience is `sb://host/entity`, or the namespace itself. */
function requireEntity(audience: string, namespace: Namespace): void {
  const path = audience.replace(/^[a-z]+:\/\/[^/]*\/?/i, '').replace(/\/$/, '');
  const address = parseAddress(path);
  if (path !== '' && address.kind !== 'tokens') namespace.find(address.queue);
}

function answer(status: number, description: string): Reply {
  return {
    applicationProperties: [
      [text('status-code'), int(status)],
      [text('status-description'), text(description)],
    ],
    body: nothing,
  };
}
