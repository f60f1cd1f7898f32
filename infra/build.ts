import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { z } from 'zod';
import { checkPresets } from './check-presets.ts';

export const repository = fileURLToPath(new URL('..', import.meta.url));

/** What a build made, sizes in bytes. */
export interface BuiltApp {
  /** An app directory as the Functions host expects it: host.json, package.json and the bundle. */
  directory: string;
  entry: string;
  /** Code only, without source maps. */
  files: { path: string; bytes: number }[];
  /** The entry file and every chunk it imports statically: what a cold start loads. */
  startBytes: number;
}

export interface BuildOptions {
  /** Emptied first. */
  outDirectory: string;
  /** Default `functions/slipway.ts`; the entry file is named after it. */
  entryPoint?: string;
  /** Default `presets/`; its data files are checked first, since the app trusts them. */
  presetsDirectory?: string;
}

/** Packages in the bundle still call `require` for built-in modules, which an ES module lacks. */
const requireBanner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/**
 * Bundles the function app. SDKs behind `import()` become chunks of their own, loaded on first use, so that a cold
 * start parses little. The result is a complete app directory, which is also what is deployed.
 */
export async function buildApp(options: BuildOptions): Promise<BuiltApp> {
  await checkPresets(options.presetsDirectory);
  const outDirectory = resolve(options.outDirectory);
  const entryPoint = options.entryPoint ?? join(repository, 'functions/slipway.ts');
  // A failed build must leave the last good one in place.
  const fresh = `${outDirectory}.${process.pid}.partial`;
  await rm(fresh, { recursive: true, force: true });
  try {
    const result = await build({
      entryPoints: [entryPoint],
      absWorkingDir: repository,
      outdir: fresh,
      bundle: true,
      format: 'esm',
      splitting: true,
      platform: 'node',
      target: 'node22',
      // The Functions worker supplies this module at run time; no package of that name is installed.
      external: ['@azure/functions-core'],
      keepNames: true,
      // Half the bytes to parse and 22 MB less memory for the Kubernetes client (measured); identifiers stay readable.
      minifyWhitespace: true,
      minifySyntax: true,
      sourcemap: true,
      banner: { js: requireBanner },
      // Chunks must not be matched by `main` in package.json: the host would load each as an entry point.
      chunkNames: 'chunks/[name]-[hash]',
      metafile: true,
      logLevel: 'warning',
    });
    refuseLazyCommonJs(result.metafile.inputs);
    const entry = `${basename(entryPoint).replace(/\.[^.]+$/, '')}.js`;
    await writeAppFiles(fresh, entry);
    await mkdir(dirname(outDirectory), { recursive: true });
    await rm(outDirectory, { recursive: true, force: true });
    await rename(fresh, outDirectory);
    return describe(outDirectory, entry, { outputs: result.metafile.outputs, builtIn: fresh });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

interface Input {
  format?: string;
  imports: { path: string; kind: string; external?: boolean }[];
}

/**
 * A CommonJS package behind `import()` would lose its named exports in the bundle, though not in Node: the chunk exports
 * `default` alone. Our own code must then import it statically in a module of its own, and that module lazily.
 */
function refuseLazyCommonJs(inputs: Record<string, Input>): void {
  for (const [file, { imports }] of Object.entries(inputs)) {
    if (file.includes('node_modules/')) continue;
    const lost = imports.find(
      ({ kind, path }) => kind === 'dynamic-import' && inputs[path]?.format === 'cjs',
    );
    if (lost !== undefined)
      throw new Error(`${file} loads the CommonJS file ${lost.path} by import(): see infra/build.ts`);
  }
}

const manifest = z.object({ name: z.string(), version: z.string() });

/** A package.json without dependencies and scripts: a remote build in Azure then has nothing to install or run. */
async function writeAppFiles(directory: string, entry: string): Promise<void> {
  const { name, version } = manifest.parse(
    JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')),
  );
  const packageJson = { name, version, private: true, type: 'module', main: entry };
  await writeFile(join(directory, 'package.json'), `${JSON.stringify(packageJson, null, 2)}\n`);
  await copyFile(join(repository, 'host.json'), join(directory, 'host.json'));
}

interface Output {
  bytes: number;
  imports: { path: string; kind: string; external?: boolean }[];
}

function describe(
  directory: string,
  entry: string,
  { outputs, builtIn }: { outputs: Record<string, Output>; builtIn: string },
): BuiltApp {
  const local = (path: string): string => relative(builtIn, resolve(repository, path));
  const code = new Map(Object.entries(outputs).map(([path, output]) => [local(path), output]));
  const loaded = new Set<string>();
  const visit = (path: string): void => {
    const output = code.get(path);
    if (output === undefined || loaded.has(path)) return;
    loaded.add(path);
    for (const imported of output.imports) {
      if (imported.kind === 'import-statement' && imported.external !== true) visit(local(imported.path));
    }
  };
  visit(entry);
  const files = [...code]
    .filter(([path]) => path.endsWith('.js'))
    .map(([path, { bytes }]) => ({ path, bytes }))
    .sort((a, b) => b.bytes - a.bytes);
  const startBytes = [...loaded].reduce((sum, path) => sum + (code.get(path)?.bytes ?? 0), 0);
  return { directory, entry: join(directory, entry), files, startBytes };
}

const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024)} kB`;

async function main(): Promise<void> {
  const started = performance.now();
  const app = await buildApp({ outDirectory: join(repository, 'dist') });
  const total = app.files.reduce((sum, file) => sum + file.bytes, 0);
  for (const file of app.files.slice(0, 10))
    console.log(`${kilobytes(file.bytes).padStart(9)}  dist/${file.path}`);
  if (app.files.length > 10) console.log(`           and ${app.files.length - 10} smaller chunks`);
  const { size } = await stat(app.entry);
  console.log(
    `dist/${basename(app.entry)} ${kilobytes(size)}; loaded at start ${kilobytes(app.startBytes)}; ` +
      `in all ${kilobytes(total)}, built in ${Math.round(performance.now() - started)} ms`,
  );
}

if (import.meta.main) await main();
