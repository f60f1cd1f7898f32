import type { HubFetcher } from '../planning/hub.ts';

/** What one page of the Hub may hold, in bytes: a repository's listing is far below. */
const largestBody = 8 * 1024 * 1024;

/**
 * Asks the Hugging Face Hub over HTTP. Follows redirects, which drop the token when they lead to another host (the fetch standard's rule).
 * Throws whatever `send` throws, a time-out included; every status is an answer.
 */
export function createHubFetcher(send: typeof fetch): HubFetcher {
  return async (url, { token, timeoutSeconds }) => {
    const response = await send(url, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    });
    const link = response.headers.get('link');
    const answer = { status: response.status, body: await textOf(response) };
    return link === null ? answer : { ...answer, link };
  };
}

async function textOf(response: Response): Promise<string> {
  const stream: ReadableStream<Uint8Array> | null = response.body;
  if (stream === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes > largestBody) throw new RangeError(`the answer has more than ${largestBody} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
