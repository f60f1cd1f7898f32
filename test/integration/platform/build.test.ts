import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildApp, repository } from '../../../infra/build.ts';
import { z } from 'zod';
import { temporaryFolder } from './fixture.ts';

const appManifest = z.object({ version: z.string() });
const entryPoint = fileURLToPath(new URL('sample-app/sample.ts', import.meta.url));

/** Supplies `@azure/functions-core` as the Functions worker does, and notes what the app registers. */
function hostRegistrations(): string[] {
  const registered: string[] = [];
  const disposable = { dispose: () => undefined };
  Object.assign(globalThis, {
    functionsCoreOfTheBuildTest: {
      version: '4.0.0',
      hostVersion: '4.0.0',
      registerFunction: (metadata: { name: string }) => (registered.push(metadata.name), disposable),
      registerHook: () => disposable,
      setProgrammingModel: () => undefined,
      getProgrammingModel: () => undefined,
      log: () => undefined,
      Disposable: Object,
    },
  });
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@azure/functions-core'
        ? { url: 'slipway-build-test:core', shortCircuit: true, format: 'commonjs' }
        : next(specifier, context),
    load: (url, context, next) =>
      url === 'slipway-build-test:core'
        ? {
            format: 'commonjs',
            source: 'module.exports = globalThis.functionsCoreOfTheBuildTest',
            shortCircuit: true,
          }
        : next(url, context),
  });
  return registered;
}

describe('the build', () => {
  it('makes an app directory that a Functions host loads, with lazy parts beside the entry', async (test) => {
    const outDirectory = join(await temporaryFolder(test), 'dist');
    await mkdir(outDirectory, { recursive: true });
    await writeFile(join(outDirectory, 'left-over.js'), 'throw new Error("from an older build")');
    const app = await buildApp({ outDirectory, entryPoint });

    assert.equal(existsSync(join(outDirectory, 'left-over.js')), false);
    const { version } = appManifest.parse(
      JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')),
    );
    assert.deepEqual(JSON.parse(await readFile(join(outDirectory, 'package.json'), 'utf8')), {
      name: 'slipway',
      version,
      private: true,
      type: 'module',
      main: 'sample.js',
    });
    assert.equal(
      await readFile(join(outDirectory, 'host.json'), 'utf8'),
      await readFile(join(repository, 'host.json'), 'utf8'),
    );
    assert.deepEqual(readdirSync(outDirectory).sort(), [
      'chunks',
      'host.json',
      'package.json',
      'sample.js',
      'sample.js.map',
    ]);
    const lazy = app.files.filter((file) => file.path.startsWith('chunks/'));
    assert.ok(lazy.length > 0, 'the dynamic import became a chunk');
    const all = app.files.reduce((sum, file) => sum + file.bytes, 0);
    assert.ok(app.startBytes < all, 'which a cold start does not load');

    const registered = hostRegistrations();
    await import(pathToFileURL(app.entry).href);
    assert.deepEqual(registered.sort(), ['hello', 'pools', 'received', 'take']);
  });

  it('keeps the last good build when the new one fails', async (test) => {
    const folder = await temporaryFolder(test);
    const outDirectory = join(folder, 'dist');
    await buildApp({ outDirectory, entryPoint });
    const broken = join(folder, 'broken.ts');
    await writeFile(broken, 'export const = 1;');
    await assert.rejects(buildApp({ outDirectory, entryPoint: broken }), /broken\.ts/);
    assert.ok(existsSync(join(outDirectory, 'sample.js')));
    assert.deepEqual(readdirSync(folder).sort(), ['broken.ts', 'dist']);
  });

  it('refuses a lazy import that would work in Node and lose its exports in the bundle', async (test) => {
    const folder = await temporaryFolder(test);
    const lazy = join(folder, 'lazy.ts');
    await writeFile(lazy, `export const load = async () => (await import('./common.cjs')).answer;`);
    await writeFile(join(folder, 'common.cjs'), 'exports.answer = 42;');
    await assert.rejects(
      buildApp({ outDirectory: join(folder, 'dist'), entryPoint: lazy }),
      /lazy\.ts loads the CommonJS file .*common\.cjs by import\(\)/,
    );
  });
});
