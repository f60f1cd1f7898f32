import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildApp, repository } from '../../build.ts';

/** Where `npm run build` puts the function app. */
export const builtAppDirectory = join(repository, 'dist');

/** What ends up in the bundle, or decides how it is made. */
const sources = [
  'functions',
  'shared',
  'presets',
  'infra/crds',
  'infra/build.ts',
  'host.json',
  'package.json',
  'package-lock.json',
];

/** Builds the function app when there is no build, or a source is newer than it. */
export async function ensureBuilt(log: (line: string) => void): Promise<string> {
  const built = statSync(join(builtAppDirectory, 'package.json'), { throwIfNoEntry: false })?.mtimeMs;
  if (built !== undefined && newest(sources.map((path) => join(repository, path))) <= built)
    return builtAppDirectory;
  log(built === undefined ? 'Building the function app.' : 'The sources changed: building the function app.');
  await buildApp({ outDirectory: builtAppDirectory });
  return builtAppDirectory;
}

/** Latest modification below these paths, epoch milliseconds; folders count too, as they tell of removed files. */
export function newest(paths: readonly string[]): number {
  let latest = 0;
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    latest = Math.max(latest, stat.mtimeMs);
    if (stat.isDirectory())
      latest = Math.max(latest, newest(readdirSync(path).map((name) => join(path, name))));
  }
  return latest;
}
