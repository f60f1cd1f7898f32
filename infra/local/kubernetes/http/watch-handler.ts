import { parseRevision } from '../lists/list-page.ts';
import { bookmark, watch, type WatchEvent } from '../lists/watch.ts';
import { isStoredObject } from '../storage/database.ts';
import type { Machinery } from '../writes/machinery.ts';
import { badRequest } from '../status.ts';
import { integer, selectionOf, tableOptions, type ResourceRequest } from './read-handlers.ts';
import { toTable, wantsTable } from './table.ts';

/**
 * Real milliseconds between bookmarks. A server sends them about each minute; client-node gives up a watch that is silent for 30 s,
 * and a socket lives in real time.
 */
const bookmarkInterval = 10_000;

/** The server ends watches that name no timeout after 30 to 60 minutes; the lower end here. */
const longestWatch = 30 * 60;

/** The open watches of a server, so that a fault or a shutdown can end them. */
export class Watches {
  readonly #open = new Set<() => void>();

  get count(): number {
    return this.#open.size;
  }

  /** Streams JSON lines until the client goes, the timeout passes or the server ends it. */
  serve(machinery: Machinery, resourceRequest: ResourceRequest): void {
    const { exchange, definition } = resourceRequest;
    const { query, response } = exchange;
    const bookmarks = query.get('allowWatchBookmarks') === 'true' || query.get('allowWatchBookmarks') === '1';
    const initialEvents = query.get('sendInitialEvents') === 'true';
    if (initialEvents && query.get('resourceVersionMatch') !== 'NotOlderThan') {
      throw badRequest('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
    }
    const request = {
      selection: selectionOf(resourceRequest),
      since: parseRevision(query.get('resourceVersion')),
      initialEvents,
    };
    const timeout = (integer(query, 'timeoutSeconds') ?? longestWatch) * 1000;
    const format = this.#formatter(machinery, resourceRequest);

    response.writeHead(200, {
      'content-type': 'application/json',
      'transfer-encoding': 'chunked',
      'cache-control': 'no-cache, private',
    });
    response.flushHeaders();
    const stream: { ended: boolean; stop?: () => void } = { ended: false };
    const send = (event: WatchEvent): void => {
      if (!stream.ended) response.write(`${JSON.stringify(format(event))}\n`);
    };
    const heartbeat = bookmarks
      ? setInterval(() => send(bookmark(definition, machinery.table.revision)), bookmarkInterval)
      : undefined;
    // A watch is a socket's matter, so its timeout is real time, like the client's own.
    const expiry = setTimeout(() => end(), timeout);
    const finish = (): void => {
      if (stream.ended) return;
      stream.ended = true;
      stream.stop?.();
      clearInterval(heartbeat);
      clearTimeout(expiry);
      this.#open.delete(drop);
    };
    const end = (): void => {
      finish();
      response.end();
    };
    const drop = (): void => {
      finish();
      exchange.reset();
    };
    this.#open.add(drop);
    response.on('close', finish);
    const stop = watch(machinery.table, definition, request, { send, ended: end });
    // It may be over before it began: a version that is too old.
    if (stream.ended) stop();
    else stream.stop = stop;
  }

  /** Cuts every open watch mid-stream. Returns how many there were. */
  dropAll(): number {
    const open = [...this.#open];
    for (const drop of open) drop();
    return open.length;
  }

  #formatter(
    machinery: Machinery,
    { exchange, definition }: ResourceRequest,
  ): (event: WatchEvent) => WatchEvent {
    if (!wantsTable(exchange.accept)) return (event) => event;
    let first = true;
    return (event) => {
      if (!isStoredObject(event.object)) return event;
      const { resourceVersion } = event.object.metadata;
      const options = { ...tableOptions(machinery, exchange, { resourceVersion }), withHeader: first };
      first = false;
      return { ...event, object: toTable([event.object], definition, options) };
    };
  }
}
