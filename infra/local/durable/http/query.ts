/** Many instances at once: `GET instances` with filters and paging, `DELETE instances`. */
import * as z from 'zod';
import type { DurableHttpRequest, DurableHttpResponse } from '../../functions/contract.ts';
import { forget } from '../lifecycle.ts';
import { hasEnded, type InstanceQuery } from '../store/instances.ts';
import { flag, header, numberParameter, timeParameter, type HttpParts } from './call.ts';
import { HttpRefusal, jsonResponse } from './response.ts';
import { statusView } from './status.ts';

const continuationHeader = 'x-ms-continuation-token';

/** Page size when `top` is not given, that of the extension. */
const usualPage = 100;

export function queryInstances({ hub }: HttpParts, request: DurableHttpRequest): DurableHttpResponse {
  const { query } = request;
  const page = Math.max(1, Math.floor(numberParameter(query, 'top') ?? usualPage));
  const token = header(request, continuationHeader);
  const after = token === undefined || token === '' ? undefined : parseToken(token);
  // One more than a page shows whether there is a next one.
  const found = hub.instances.query({ ...filters(query), after, limit: page + 1 });
  const shown = found.slice(0, page);
  const last = shown.at(-1);
  const more = found.length > page && last !== undefined;
  const showInput = flag(query, 'showInput', true);
  const views = shown.map((instance) => statusView(instance, { showInput }));
  return jsonResponse(200, views, more ? { [continuationHeader]: tokenAfter(last) } : {});
}

/** Forgets ended instances; without a lower bound on creation it refuses, as the extension does. */
export function purgeMany({ hub }: HttpParts, request: DurableHttpRequest): DurableHttpResponse {
  const { query } = request;
  if (timeParameter(query, 'createdTimeFrom') === undefined) {
    throw new HttpRefusal(400, "Please provide value for 'createdTimeFrom' parameter.");
  }
  const deleted = hub.write(() => {
    const ended = hub.instances.query({ ...filters(query), limit: -1 }).filter(hasEnded);
    for (const { id } of ended) forget(hub, id);
    return ended.length;
  });
  return jsonResponse(deleted === 0 ? 404 : 200, { instancesDeleted: deleted });
}

function filters(query: URLSearchParams): Omit<InstanceQuery, 'limit'> {
  return {
    createdFrom: timeParameter(query, 'createdTimeFrom'),
    createdTo: timeParameter(query, 'createdTimeTo'),
    statuses: query
      .getAll('runtimeStatus')
      .flatMap((text) => text.split(','))
      .map((status) => status.trim())
      .filter((status) => status !== ''),
    idPrefix: query.get('instanceIdPrefix') ?? undefined,
  };
}

const continuation = z.object({ created: z.number(), id: z.string() });

function tokenAfter({ created, id }: { created: number; id: string }): string {
  return Buffer.from(JSON.stringify({ created, id })).toString('base64url');
}

function parseToken(token: string): z.infer<typeof continuation> {
  try {
    return continuation.parse(JSON.parse(Buffer.from(token, 'base64url').toString()));
  } catch {
    throw new HttpRefusal(400, `${continuationHeader} is not one this task hub gave out`);
  }
}
