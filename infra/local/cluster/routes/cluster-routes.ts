import type { Exchange } from '../../kubernetes/http/exchange.ts';
import { ApiError, notFound } from '../../kubernetes/status.ts';
import type { ClusterContext } from '../cluster-context.ts';
import { resources } from '../objects/resource-types.ts';
import { containerLog } from '../pods/pod-logs.ts';
import { parseLogPath, parseProxyPath } from './api-paths.ts';
import { proxy } from './proxy.ts';

/**
 * The API server paths that lead to pods rather than to stored objects: service and pod proxy, and logs.
 * Returns false for any other path.
 */
export async function handleClusterRoute(context: ClusterContext, exchange: Exchange): Promise<boolean> {
  const { pathname } = exchange.url;
  const target = parseProxyPath(pathname);
  if (target) {
    await proxy(context, target, exchange);
    return true;
  }
  const pod = parseLogPath(pathname);
  if (pod === undefined || exchange.method !== 'GET') return false;
  sendLog(context, pod, exchange);
  return true;
}

function sendLog(
  context: ClusterContext,
  key: { namespace: string; name: string },
  exchange: Exchange,
): void {
  const pod = context.cache.get(resources.pods, key);
  if (pod === undefined) throw notFound(resources.pods, key.name);
  const { query } = exchange;
  const log = containerLog(context, pod, {
    container: query.get('container') ?? undefined,
    previous: query.get('previous') === 'true',
  });
  if ('refusal' in log) throw new ApiError(400, 'BadRequest', log.refusal);
  const tail = query.get('tailLines');
  const count = tail === null ? log.lines.length : Number(tail);
  const lines = count <= 0 ? [] : log.lines.slice(-count);
  const text = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const limit = query.get('limitBytes');
  // As the kubelet has it: the first bytes of those lines, so that a limit costs the newest.
  exchange.sendText(200, text.subarray(0, limit === null ? text.length : Number(limit)).toString());
}
