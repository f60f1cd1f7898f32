import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { ObjectName, WatchEvent, WorkspaceRecords } from '../../shared/kubernetes/cluster.ts';
import { queryNumber, queryVersion } from './query.ts';
import { notFound } from './route.ts';
import { errorResponse, statusResponse } from './status.ts';
import { isRecord } from '../../shared/workspace/json-object.ts';

export interface WatchQuery {
  resourceVersion?: string;
  timeoutSeconds: number;
}

/** Azure's load balancer cuts a request after 230 s; the stream ends by itself before. */
const longestWatchSeconds = 220;
/** Proxies between us and the caller drop silent connections. */
const heartbeatMilliseconds = 15_000;

/** Throws `Terminal('BadRequest')` for a query no watch can have. */
export function parseWatchQuery(request: HttpRequest): WatchQuery {
  const bounds = { usual: longestWatchSeconds, largest: longestWatchSeconds };
  const timeoutSeconds = queryNumber(request, 'timeoutSeconds', bounds);
  const resourceVersion = queryVersion(request);
  return { timeoutSeconds, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
}

/** A stream of JSON lines: the current state first (unless the caller resumes), then every change, bookmarks as heartbeats. */
export async function watchWorkspace(
  records: WorkspaceRecords,
  name: ObjectName,
  query: WatchQuery,
): Promise<HttpResponseInit> {
  // The version of the list, not that of the object: one that nobody touched for long has a version too old to watch from.
  const { value: page } = await records.list(name);
  if (page.items.length === 0 && query.resourceVersion === undefined)
    return notFound(name.namespace, name.name);
  const resourceVersion = query.resourceVersion ?? page.resourceVersion;
  const abort = new AbortController();
  const events = records.watch(name, {
    timeoutSeconds: query.timeoutSeconds,
    signal: abort.signal,
    resourceVersion,
  });
  const first = query.resourceVersion === undefined ? page.items : [];
  return {
    status: 200,
    headers: { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' },
    body: lines({
      first: first.map((object) => ({ type: 'ADDED', object })),
      events,
      abort,
      version: resourceVersion,
    }),
  };
}

function lines(source: {
  first: WatchEvent[];
  events: AsyncIterable<WatchEvent>;
  abort: AbortController;
  version: string;
}): ReadableStream<Uint8Array> {
  const { first, events, abort } = source;
  const encoder = new TextEncoder();
  let version = source.version;
  let heartbeat: NodeJS.Timeout | undefined;
  return new ReadableStream({
    async start(controller) {
      const send = (event: WatchEvent): void => {
        version = versionOf(event) ?? version;
        controller.enqueue(encoder.encode(`${JSON.stringify(event)}\n`));
      };
      heartbeat = setInterval(() => send(bookmark(version)), heartbeatMilliseconds);
      try {
        first.forEach(send);
        // Heartbeats tell the version watched from; that of the object itself may be too old to come back with.
        version = source.version;
        for await (const event of events) send(event);
      } catch (error) {
        send({ type: 'ERROR', object: statusOf(error) });
      } finally {
        clearInterval(heartbeat);
        if (!abort.signal.aborted) controller.close();
      }
    },
    cancel() {
      clearInterval(heartbeat);
      abort.abort();
    },
  });
}

/** The Status that a request would have been answered with. */
function statusOf(error: unknown): Record<string, unknown> {
  const unexpected = { code: 500, reason: 'InternalError', message: 'The watch failed unexpectedly.' };
  const status: unknown = (errorResponse(error) ?? statusResponse(unexpected)).jsonBody;
  return isRecord(status) ? status : unexpected;
}

function bookmark(resourceVersion: string): WatchEvent {
  return { type: 'BOOKMARK', object: { metadata: { resourceVersion } } };
}

function versionOf({ object }: WatchEvent): string | undefined {
  const metadata = object['metadata'];
  const version = isRecord(metadata) ? metadata['resourceVersion'] : undefined;
  return typeof version === 'string' ? version : undefined;
}
