import type { TypedData } from '../functions/contract.ts';

/** A function returned something Durable cannot store: only JSON survives a replay. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}

/** JSON text of a function's return value; nothing becomes `null`. Throws NotJson. */
export function resultJson(value: TypedData | null | undefined): string {
  if (value === null || value === undefined) return 'null';
  if ('string' in value) return JSON.stringify(value.string);
  if ('json' in value) return validJson(value.json);
  if ('int' in value) return numberJson(value.int);
  if ('double' in value) return numberJson(value.double);
  if ('collectionString' in value) return JSON.stringify(value.collectionString.string);
  throw new NotJson(`returned ${'bytes' in value ? 'binary data' : 'an HTTP response'}, which is not JSON`);
}

function numberJson(number: number): string {
  if (!Number.isFinite(number)) throw new NotJson(`returned ${number}, which JSON cannot hold`);
  return JSON.stringify(number);
}

function validJson(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    throw new NotJson(`returned text that is not JSON: ${text.slice(0, 100)}`);
  }
}
