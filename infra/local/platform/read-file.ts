import { readFileSync } from 'node:fs';
import type { z } from 'zod';

/** The JSON file checked against `schema`; undefined when there is no such file. Throws when it is not what `schema` says. */
export function readJson<T>(file: string, schema: z.ZodType<T>): T | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${file} is damaged: delete it, or start with --fresh.`, { cause: error });
  }
}
