import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';

/** One HTTPS request past the SDK, to see bodies and headers as they are on the wire. */
export function rawRequest(
  target: { url: string; caFile: string },
  method: string,
  path: string,
  { authorization = 'Bearer development', body }: { authorization?: string; body?: unknown } = {},
): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const message = request(
      new URL(path, target.url),
      {
        method,
        ca: readFileSync(target.caFile),
        agent: false,
        headers: { authorization, 'content-type': 'application/json' },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          });
        });
      },
    );
    message.on('error', reject);
    message.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
