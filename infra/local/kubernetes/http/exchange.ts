import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse } from 'yaml';
import type { JsonObject } from '../json.ts';
import { ApiError, badRequest } from '../status.ts';

/** The API server's own limit on a request body: 3 MiB. */
const bodyLimit = 3 * 1024 * 1024;

/** One request and its answer, with the chance to lose the answer on the way. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  /** Set by a fault: whatever is answered, the client sees a connection reset. */
  loseAnswer = false;
  readonly warnings: string[] = [];

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request;
    this.response = response;
    this.url = new URL(request.url ?? '/', 'http://kubernetes');
  }

  get method(): string {
    return this.request.method ?? 'GET';
  }

  get query(): URLSearchParams {
    return this.url.searchParams;
  }

  get accept(): string {
    return this.request.headers.accept ?? '';
  }

  /** Media type of the body, without parameters. */
  get contentType(): string {
    return (this.request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  }

  send(code: number, body: JsonObject, headers: Record<string, string> = {}): void {
    this.#answer(code, JSON.stringify(body), { 'content-type': 'application/json', ...headers });
  }

  sendText(code: number, text: string): void {
    this.#answer(code, text, { 'content-type': 'text/plain; charset=utf-8' });
  }

  /** Answers with a refusal; `retryAfterSeconds` becomes the Retry-After header. */
  refuse(error: ApiError): void {
    const retryAfter = error.details?.retryAfterSeconds;
    this.send(
      error.code,
      error.toStatus(),
      retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) },
    );
  }

  /** Ends the connection without an answer. */
  reset(): void {
    this.request.socket.destroy();
  }

  async text(): Promise<string> {
    const chunks: Buffer[] = [];
    let size = 0;
    const stream: AsyncIterable<unknown> = this.request;
    for await (const chunk of stream) {
      const bytes = chunk instanceof Uint8Array ? Buffer.from(chunk) : Buffer.from(String(chunk));
      size += bytes.length;
      if (size > bodyLimit) throw new ApiError(413, 'RequestEntityTooLarge', `limit is ${bodyLimit}`);
      chunks.push(bytes);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  /**
   * The body as JSON, or as YAML where its type says so; undefined when empty. Throws 400 when it is neither, 415 on the binary forms
   * that a real server also reads (protobuf: kubectl's imperative `create`; `kubectl apply` sends JSON).
   */
  async body(): Promise<unknown> {
    if (/protobuf|cbor/.test(this.contentType)) {
      const message =
        'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml';
      throw new ApiError(415, 'UnsupportedMediaType', message);
    }
    const text = await this.text();
    if (text.trim() === '') return undefined;
    try {
      const value: unknown = this.contentType.endsWith('yaml') ? parse(text) : JSON.parse(text);
      return value;
    } catch (error) {
      throw badRequest(`error decoding the body: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #answer(code: number, body: string, headers: Record<string, string>): void {
    if (this.loseAnswer) {
      this.reset();
      return;
    }
    this.response.setHeaders(new Map(Object.entries(headers)));
    this.response.setHeader('content-length', Buffer.byteLength(body));
    if (this.warnings.length > 0) {
      this.response.setHeader(
        'warning',
        this.warnings.map((warning) => `299 - ${JSON.stringify(warning)}`),
      );
    }
    this.response.writeHead(code);
    this.response.end(body);
  }
}
