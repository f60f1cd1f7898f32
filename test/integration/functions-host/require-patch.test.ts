import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { build } from 'esbuild';
import { SteppedClock } from '../../../infra/local/clock/stepped-clock.ts';
import { startFunctionsHost } from '../../../infra/local/functions/host.ts';
import { EngineDouble } from './support/engine-double.ts';
import { dataDirectory, fixtureApp } from './support/fixture-app.ts';

const banner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;

it('serves an ESM bundle that finds @azure/functions-core the way production supplies it', async () => {
  const appDirectory = await fixtureApp('bundle');
  await build({
    entryPoints: [join(appDirectory, 'src/app.js')],
    outfile: join(appDirectory, 'dist/app.js'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['@azure/functions-core'],
    banner: { js: banner },
    logLevel: 'silent',
  });
  const engines: EngineDouble[] = [];
  const host = await startFunctionsHost({
    appDirectory,
    port: 0,
    clock: new SteppedClock(),
    dataDirectory: await dataDirectory(),
    coreResolution: 'require-patch',
    durable: (options) => {
      const engine = new EngineDouble(options);
      engines.push(engine);
      return engine;
    },
  });
  assert.equal(await (await fetch(`${host.url}/api/hello`)).text(), 'i1');
  assert.equal(engines[0]?.requests[0]?.path, 'orchestrators/none');
  const doubled = await host.runFunction('double', '21');
  assert.deepEqual(doubled.outcome === 'succeeded' && doubled.returnValue, { int: 42 });
  await host.stop();
});
