/** Checks the preset data before it is bundled: `npm run build` fails on a catalogue that would mislead the planner. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import * as schemas from '../presets/catalogue-schema.ts';

export const presetsDirectory = fileURLToPath(new URL('../presets', import.meta.url));

/** Throws an error that lists every fault of the data files in a directory. */
export async function checkPresets(directory = presetsDirectory): Promise<void> {
  const faults: string[] = [];
  const read = async <S extends z.ZodType>(name: string, schema: S): Promise<z.output<S> | undefined> => {
    const checked = schema.safeParse(await readJson(join(directory, `${name}.json`), faults));
    if (checked.success) return checked.data;
    const issues = checked.error.issues.map(
      ({ path, message }) => `${name}.json: ${path.join('.')}: ${message}`,
    );
    faults.push(...issues);
    return undefined;
  };
  const models = await read('models', schemas.modelsSchema);
  const aliases = await read('aliases', schemas.aliasesSchema);
  const architectures = await read('architectures', schemas.architecturesSchema);
  const transformers = await read('transformers', schemas.transformersSchema);
  const tuning = await read('tuning', schemas.tuningSchema);
  await read('images', schemas.imagesSchema);
  await read('runtime-tables', schemas.runtimeTablesSchema);
  if (models && aliases && architectures && transformers && tuning) {
    faults.push(...crossFaults({ models, aliases, architectures, transformers, tuning }));
  }
  if (faults.length > 0)
    throw new Error(`the preset data in ${directory} is not usable\n${faults.join('\n')}`);
}

async function readJson(file: string, faults: string[]): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    faults.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

interface PresetData {
  models: z.output<typeof schemas.modelsSchema>;
  aliases: z.output<typeof schemas.aliasesSchema>;
  architectures: z.output<typeof schemas.architecturesSchema>;
  transformers: z.output<typeof schemas.transformersSchema>;
  tuning: z.output<typeof schemas.tuningSchema>;
}

/** What one file says of another. */
function crossFaults({ models, aliases, architectures, transformers, tuning }: PresetData): string[] {
  const faults: string[] = [];
  const served = new Set(architectures.architectures);
  const ids = new Set<string>();
  for (const { id, architectures: names } of models.models) {
    if (ids.has(id.toLowerCase())) faults.push(`models.json: ${id} is there twice`);
    ids.add(id.toLowerCase());
    if (!names.some((name) => served.has(name)))
      faults.push(`models.json: ${id}: vLLM serves none of ${names.join(', ')}`);
  }
  for (const [alias, id] of Object.entries(aliases.aliases)) {
    if (!ids.has(id)) faults.push(`aliases.json: ${alias} leads to ${id}, which models.json does not have`);
  }
  const shortNames = new Set([...ids].map((id) => id.slice(id.lastIndexOf('/') + 1)));
  for (const [name, family] of Object.entries(transformers.models)) {
    if (!shortNames.has(name)) faults.push(`transformers.json: no model is named ${name}`);
    if (!Object.hasOwn(transformers.families, family))
      faults.push(`transformers.json: ${name}: no family is named ${family}`);
  }
  for (const name of Object.keys(tuning.presets)) {
    if (!shortNames.has(name)) faults.push(`tuning.json: no model is named ${name}`);
  }
  return faults;
}
