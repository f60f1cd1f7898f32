import type { IncomingMessage, ServerResponse } from 'node:http';

/** One HTTP request being served. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** Upper-case. */
  method: string;
  /** Raw path, still URL-encoded. */
  path: string;
  query: URLSearchParams;
  /** What the caller sees as this host, such as `http://localhost:7071`. */
  origin: string;
}

/** Largest body the real host takes, bytes. Source: its Kestrel limit, `maxRequestBodySize` of 100 MB. */
const largestBody = 104_857_600;

export class BodyTooLargeError extends Error {}

export function toExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const origin = `http://${request.headers.host ?? 'localhost'}`;
  // Taken apart by hand: a target such as `//x` would be read as a host by URL.
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  return {
    request,
    response,
    method: (request.method ?? 'GET').toUpperCase(),
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark)),
    origin,
  };
}

/** The whole body. Throws {@link BodyTooLargeError} above the host's limit. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytesOf(request)) {
    size += chunk.length;
    if (size > largestBody) throw new BodyTooLargeError(`request bodies may have up to ${largestBody} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function* bytesOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  for await (const chunk of request) yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
}

/** Header values as the real host hands them on: repeated ones joined by commas. */
export function headerTexts(request: IncomingMessage): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) texts[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return texts;
}

/** Query values as the real host hands them on: repeated ones joined by commas. */
export function queryTexts(query: URLSearchParams): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name of new Set(query.keys())) texts[name] = query.getAll(name).join(',');
  return texts;
}

/** Answers with JSON, or with an empty body when `body` is undefined. */
export function answer(response: ServerResponse, status: number, body?: unknown): void {
  if (body === undefined) {
    response.writeHead(status, { 'content-length': 0 }).end();
    return;
  }
  const text = JSON.stringify(body);
  response
    .writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    })
    .end(text);
}
