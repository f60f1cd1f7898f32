import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { ObjectName, WatchEvent, WorkspaceRecords } from '../../shared/kubernetes/cluster.ts';
import { errorResponse } from './status.ts';
import { notFound } from './route.ts';

export interface WatchQuery {
  resourceVersion?: string;
  timeoutSeconds: number;
}

/** Azure's load balancer cuts a request after 230 s; the stream ends by itself before. */
const longestWatchSeconds = 220;
/** Proxies between us and the caller drop silent connections. */
const heartbeatMilliseconds = 15_000;

/** The query of a watch, or what is wrong with it. */
export function parseWatchQuery(request: HttpRequest): WatchQuery | string {
  const text = request.query.get('timeoutSeconds');
  const timeoutSeconds = text === null ? longestWatchSeconds : Number(text);
  if (!Number.isInteger(timeoutSeconds) || timeoutSeconds < 1 || timeoutSeconds > longestWatchSeconds) {
    return `timeoutSeconds must be a whole number from 1 to ${longestWatchSeconds}`;
  }
  const resourceVersion = request.query.get('resourceVersion');
  return {
    timeoutSeconds,
    ...(resourceVersion === null || resourceVersion === '' ? {} : { resourceVersion }),
  };
}

/** A stream of JSON lines: the current state first (unless the caller resumes), then every change, bookmarks as heartbeats. */
export async function watchWorkspace(
  records: WorkspaceRecords,
  name: ObjectName,
  query: WatchQuery,
): Promise<HttpResponseInit> {
  const { value: current } = await records.get(name);
  if (current === undefined && query.resourceVersion === undefined)
    return notFound(name.namespace, name.name);
  const from = query.resourceVersion ?? current?.metadata.resourceVersion;
  const abort = new AbortController();
  const events = records.watch(name, {
    timeoutSeconds: query.timeoutSeconds,
    signal: abort.signal,
    ...(from === undefined ? {} : { resourceVersion: from }),
  });
  const first: WatchEvent[] =
    query.resourceVersion === undefined && current !== undefined ? [{ type: 'ADDED', object: current }] : [];
  return {
    status: 200,
    headers: { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' },
    body: lines({ first, events, abort, version: from ?? '' }),
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
        for await (const event of events) send(event);
      } catch (error) {
        const status = errorResponse(error)?.jsonBody as unknown;
        send({ type: 'ERROR', object: isRecord(status) ? status : { message: String(error) } });
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

function bookmark(resourceVersion: string): WatchEvent {
  return { type: 'BOOKMARK', object: { metadata: { resourceVersion } } };
}

function versionOf({ object }: WatchEvent): string | undefined {
  const metadata = object['metadata'];
  const version = isRecord(metadata) ? metadata['resourceVersion'] : undefined;
  return typeof version === 'string' ? version : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
