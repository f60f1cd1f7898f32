import { durableWebhooks } from './client-binding.ts';
import type { DurableApi } from './endpoint.ts';

/** Another host process that owns the Durable store. */
export interface DurableRemote {
  /** Its URL, such as `http://127.0.0.1:7071`. */
  url: string;
  /** Where its loopback RPC listener is; without it calls go to its webhooks, which need no key unless it checks keys. */
  rpcUrl?: string;
}

/** Headers that belong to the connection, not to the message. */
const ownHeaders = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'content-encoding'];

/** Answers the Durable API by asking the owner. Links in its answers carry the owner's origin rewritten to the caller's. */
export function remoteDurableApi({ url }: DurableRemote): DurableApi {
  const base = new URL(durableWebhooks, url);
  return async ({ method, path, query, headers, body, origin }) => {
    const target = `${base.href}${path}${query.size > 0 ? `?${query.toString()}` : ''}`;
    const kept = Object.entries(headers).filter(([name]) => name !== 'host' && !ownHeaders.includes(name));
    const hasBody = method !== 'GET' && method !== 'HEAD';
    const reply = await fetch(target, {
      method,
      headers: Object.fromEntries(kept),
      ...(hasBody ? { body: new Uint8Array(body) } : {}),
    });
    const text = await reply.text();
    const replyHeaders = [...reply.headers].filter(([name]) => !ownHeaders.includes(name));
    return {
      status: reply.status,
      headers: Object.fromEntries(
        replyHeaders.map(([name, value]) => [name, value.replaceAll(base.origin, origin)]),
      ),
      body: text.replaceAll(`${base.origin}/`, `${origin}/`),
    };
  };
}
