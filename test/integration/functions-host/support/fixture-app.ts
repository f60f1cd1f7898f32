import { rmSync } from 'node:fs';
import { cp, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const fixtures = resolve(import.meta.dirname, '../fixtures');
const nodeModules = resolve(import.meta.dirname, '../../../../node_modules');
process.setMaxListeners(0);

/** A private copy of a fixture app, with the packages of this repository, and what is written into its folder. */
export async function fixtureApp(name: string, files: Record<string, unknown> = {}): Promise<string> {
  const directory = await temporaryFolder(name);
  await cp(join(fixtures, name), directory, { recursive: true });
  await symlink(nodeModules, join(directory, 'node_modules'));
  for (const [file, content] of Object.entries(files))
    await writeFile(join(directory, file), JSON.stringify(content));
  return directory;
}

/** An empty folder for a host's data. */
export function dataDirectory(): Promise<string> {
  return temporaryFolder('host-data');
}

/** Gone when the test process ends; a symbolic link in it is removed, never followed. */
async function temporaryFolder(name: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `slipway-${name}-`));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
