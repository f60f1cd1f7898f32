import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const localSettings = z.object({
  Values: z.record(z.string(), z.coerce.string()).default({}),
  Host: z
    .object({
      LocalHttpPort: z.coerce.number().int().positive().optional(),
      /** Comma-separated origins, or `*`. */
      CORS: z.string().optional(),
      CORSCredentials: z.boolean().optional(),
    })
    .prefault({}),
});

/** `local.settings.json`: what `func` reads on a developer's machine. */
export type LocalSettings = z.output<typeof localSettings>;

/** Reads the file; an app without one has no local settings. Throws when it is there and not valid. */
export async function readLocalSettings(appDirectory: string): Promise<LocalSettings> {
  const file = join(appDirectory, 'local.settings.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return localSettings.parse({});
    throw error;
  }
  const parsed = localSettings.safeParse(JSON.parse(text));
  if (!parsed.success) throw new Error(`${file} is not valid:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
