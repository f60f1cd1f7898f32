import { isUtf8 } from 'node:buffer';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { parseDocument } from '../../shared/workspace/parse.ts';
import { maximumBytes } from '../../shared/workspace/parse/limits.ts';
import { shown } from '../../shared/workspace/fault.ts';
import { statusResponse } from './status.ts';

export type Body = { ok: true; document: unknown } | { ok: false; response: HttpResponseInit };

/** Both doors take at most this much; Kubernetes and Service Bus take little more. */
const largestBody = maximumBytes;

const accepted =
  /^(application|text)\/([\w.-]+\+)?(json|yaml|x-yaml)$|^text\/plain$|^application\/x-www-form-urlencoded$/;

/**
 * Reads a JSON or YAML document. `curl -d` calls everything a form, so that content type is taken as "look yourself", as is a missing
 * one.
 */
export async function readBody(request: HttpRequest): Promise<Body> {
  const body = await readOptionalBody(request);
  if (!body.ok || body.document !== undefined) return body;
  return refuse(400, 'BadRequest', 'the request has no body: send a Workspace in JSON or YAML');
}

/** The same where a body may be left out: its document is then undefined. */
export async function readOptionalBody(request: HttpRequest): Promise<Body> {
  const mediaType = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (mediaType !== '' && !accepted.test(mediaType)) {
    return refuse(
      415,
      'UnsupportedMediaType',
      `content type ${shown(mediaType)} is not supported: send application/json or application/yaml`,
    );
  }
  const encoding = request.headers.get('content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    const message = `content encoding ${shown(encoding)} is not supported: send the body as it is`;
    return refuse(415, 'UnsupportedMediaType', message);
  }
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > largestBody) return tooLarge(declared);
  const bytes = await readAtMost(request, largestBody);
  if (bytes === undefined) return tooLarge(largestBody + 1);
  if (bytes.length === 0) return { ok: true, document: undefined };
  if (!isUtf8(bytes)) return refuse(400, 'BadRequest', 'the body is not UTF-8 text');
  const parsed = parseDocument(
    new TextDecoder().decode(bytes),
    /json|yaml/.test(mediaType) ? mediaType : undefined,
  );
  if (parsed.ok) return { ok: true, document: parsed.value };
  const message = `the body is not a document: ${parsed.faults.map((fault) => fault.message).join('; ')}`;
  return {
    ok: false,
    response: statusResponse({ code: 400, reason: 'BadRequest', message, faults: parsed.faults }),
  };
}

/** The body, or undefined as soon as it is longer than `limit`: a chunked request declares no length. */
async function readAtMost(request: HttpRequest, limit: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (request.body === null) return new Uint8Array();
  for await (const chunk of request.body as AsyncIterable<unknown>) {
    const bytes = chunk instanceof Uint8Array ? chunk : new TextEncoder().encode(String(chunk));
    length += bytes.length;
    if (length > limit) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function tooLarge(length: number): Body {
  return refuse(
    413,
    'RequestEntityTooLarge',
    `the body has ${length} bytes or more, the limit is ${largestBody}: put large data into ConfigMaps or volumes`,
  );
}

function refuse(code: number, reason: string, message: string): Body {
  return { ok: false, response: statusResponse({ code, reason, message }) };
}
