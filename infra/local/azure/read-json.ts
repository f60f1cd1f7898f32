import type { IncomingMessage } from 'node:http';

/** Reads a request body to its end. No body is the value undefined; broken JSON is `valid: false`. */
export async function readJson(message: IncomingMessage): Promise<{ valid: boolean; value: unknown }> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) {
    chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk)));
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text.trim() === '') return { valid: true, value: undefined };
  try {
    const value: unknown = JSON.parse(text);
    return { valid: true, value };
  } catch {
    return { valid: false, value: undefined };
  }
}
