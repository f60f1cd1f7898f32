import type { KubeConfig } from '@kubernetes/client-node';
import type { WatchEvent } from './cluster.ts';
import type { KubernetesClient } from './client-node.ts';
import { isRecord } from '../workspace/json-object.ts';
import { send } from './request.ts';
import type { Session } from './session.ts';

export interface WatchTarget {
  /** Path of the collection. */
  path: string;
  /** `metadata.name` of the one object. */
  name: string;
  resourceVersion?: string;
  timeoutSeconds: number;
  signal: AbortSignal;
}

const eventTypes: ReadonlySet<string> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']);
/** The server ends the stream after `timeoutSeconds`; this much later we do, if it did not. Real milliseconds. */
const grace = 15_000;

/**
 * Streams the changes of one object. client-node's own Watch gives up after 30 quiet seconds and swallows broken lines, so this
 * reads the stream itself, over the same kubeconfig, dispatcher and HTTP library. Throws the port's errors when the watch
 * cannot start or breaks; ends quietly when the server or the caller ends it.
 */
export async function* watchObject(session: Session, target: WatchTarget): AsyncGenerator<WatchEvent> {
  // Ends the request however the caller leaves: an abandoned stream would hold a connection until the server tires of it.
  const left = new AbortController();
  try {
    yield* events(session, { ...target, signal: AbortSignal.any([target.signal, left.signal]) });
  } finally {
    left.abort();
  }
}

async function* events(session: Session, target: WatchTarget): AsyncGenerator<WatchEvent> {
  const { signal } = target;
  if (signal.aborted) return;
  const stream = await untilAborted(signal, () =>
    session.call('watch workspace', ({ config }) => open(session.client, config, target)),
  );
  if (stream === undefined) return;
  const lines = readLines(stream);
  while (true) {
    const next = await untilAborted(signal, () => session.call('watch workspace', () => nextEvent(lines)));
    if (next === undefined) return;
    yield next;
  }
}

async function open(
  client: KubernetesClient,
  config: KubeConfig,
  { path, name, resourceVersion, timeoutSeconds, signal }: WatchTarget,
): Promise<ReadableStream<Uint8Array>> {
  const fieldSelector = `metadata.name=${name}`;
  const query = { watch: true, allowWatchBookmarks: true, fieldSelector, timeoutSeconds, resourceVersion };
  const limit = AbortSignal.timeout(timeoutSeconds * 1000 + grace);
  const request = { method: 'GET', path, query } as const;
  const response = await send(client, config, request, AbortSignal.any([signal, limit]));
  const stream = response.body.stream();
  if (stream === null) throw new Error('the watch has no body');
  return stream;
}

async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter((line) => line.trim() !== '');
  }
  if (rest.trim() !== '') yield rest;
  return undefined;
}

/** Undefined at the end of the stream. */
async function nextEvent(lines: AsyncGenerator<string, undefined>): Promise<WatchEvent | undefined> {
  const { done, value } = await lines.next();
  return done === true ? undefined : parseEvent(value);
}

/** Undefined once the caller has aborted, whatever error the abort made on the way. */
async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

function parseEvent(line: string): WatchEvent {
  const event: unknown = JSON.parse(line);
  if (isRecord(event) && isRecord(event['object']) && isEventType(event['type'])) {
    return { type: event['type'], object: event['object'] };
  }
  throw new SyntaxError('not a watch event');
}

function isEventType(type: unknown): type is WatchEvent['type'] {
  return typeof type === 'string' && eventTypes.has(type);
}
