import { readFileSync } from 'node:fs';
import { request } from 'node:https';

export interface ApiAnswer {
  status: number;
  /** Parsed JSON, or the text when it is none. */
  body: unknown;
}

/** A caller of the simulated ARM and Kubernetes APIs, which trusts the platform's own CA (that `fetch` cannot be told to). */
export class LoopbackApi {
  readonly #origin: string;
  readonly #ca: Buffer;

  constructor(origin: string, caFile: string) {
    this.#origin = origin;
    this.#ca = readFileSync(caFile);
  }

  /** `path` is appended to the origin. Rejects on connection faults only: every status is an answer. */
  call(method: 'GET' | 'POST', path: string, body?: unknown): Promise<ApiAnswer> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const outgoing = request(`${this.#origin}${path}`, {
        method,
        ca: this.#ca,
        agent: false,
        timeout: 20_000,
        headers: {
          authorization: 'Bearer development',
          accept: 'application/json',
          ...(payload === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
        },
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${path} took longer than 20 s`)));
      outgoing.on('error', reject);
      outgoing.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: parse(Buffer.concat(chunks).toString()) }),
        );
      });
      outgoing.end(payload);
    });
  }
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}
