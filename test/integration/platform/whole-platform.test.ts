import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { buildApp, repository } from '../../../infra/build.ts';
import { userPools } from '../../../infra/local/platform/demo/leftovers.ts';
import { readEndpoints } from '../../../infra/local/platform/endpoints.ts';
import { ownPrograms } from '../../../infra/local/platform/process-arguments.ts';
import type { Platform } from '../../../infra/local/platform/platform.ts';
import { isAlive, standInPlatform, temporaryFolder, until } from './fixture.ts';

const run = promisify(execFile);
const platformFile = (name: string): string => join(repository, 'infra/local/platform', name);
const example = join(repository, 'examples/workspace-phi-3-mini.yaml');

async function sampleApp(test: TestContext): Promise<string> {
  const { directory } = await buildApp({
    outDirectory: join(await temporaryFolder(test), 'app'),
    entryPoint: fileURLToPath(new URL('sample-app/sample.ts', import.meta.url)),
  });
  return directory;
}

const receivedSchema = z.object({ items: z.array(z.object({ body: z.string(), sessionId: z.string() })) });

async function received(platform: Platform): Promise<z.output<typeof receivedSchema>['items']> {
  return receivedSchema.parse(await json(`${platform.endpoints.functionsUrl}/api/received`)).items;
}

/** No connection is kept: the server on the other end gets killed. */
async function json(url: string): Promise<unknown> {
  const response = await fetch(url, { headers: { connection: 'close' } });
  return await response.json();
}

/** The real broker, simulator and Functions host, with a small app in place of Slipway. */
describe('the whole platform', { concurrency: true }, () => {
  it('carries a file from the send command to a queue function, also after all were killed', async (test) => {
    const stateDirectory = await temporaryFolder(test);
    const platform = await standInPlatform({
      stateDirectory,
      appDirectory: await sampleApp(test),
      programs: ownPrograms,
    });
    const { endpoints } = platform;
    const send = (): Promise<unknown> =>
      run(process.execPath, [
        ...[platformFile('send.ts'), '--state', stateDirectory],
        ...['--queue', 'workspace-created', example],
      ]);
    await send();
    await until('the function has the message', async () => (await received(platform)).length === 1);
    const [message] = await received(platform);
    assert.equal(message?.body, readFileSync(example, 'utf8'), 'byte for byte');
    assert.match(message.sessionId, /^[0-9a-f]{64}$/);

    const names = ['functions', 'servicebus', 'azure'] as const;
    await Promise.all(names.map((name) => platform.kill(name)));
    await Promise.all(names.map((name) => platform.restarted(name)));
    assert.deepEqual({ ...platform.endpoints, processes: {} }, { ...endpoints, processes: {} });
    await send();
    // At least once: the first message may come again when its function was killed before it was settled.
    await until('the new function has the next message', async () => (await received(platform)).length >= 1);

    assert.deepEqual(await json(`${endpoints.functionsUrl}/api/hello/you`), {
      hello: 'you',
      parsed: '{"a":[1,2]}',
    });
    assert.deepEqual(await json(`${endpoints.functionsUrl}/api/pools`), { status: 200 }, 'TLS is trusted');
    assert.deepEqual(await userPools(endpoints), []);
    const status = z.object({ state: z.string() }).parse(await json(`${endpoints.adminUrl}/host/status`));
    assert.equal(status.state, 'Running');
  });

  it('is what npm start runs, until Ctrl-C, once per state folder', async (test) => {
    const stateDirectory = await temporaryFolder(test);
    const options = ['--app', await sampleApp(test), '--state', stateDirectory, '--port', '0', '--quiet'];
    const start = (): { process: ChildProcess; output: () => string } => {
      const child = spawn(process.execPath, [platformFile('start.ts'), ...options]);
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
      test.after(() => child.kill('SIGKILL'));
      return { process: child, output: () => text };
    };
    const first = start();
    await until('it says so', () => first.output().includes('Ctrl-C stops it'));
    const endpoints = readEndpoints(stateDirectory);
    assert.ok(endpoints);
    for (const shown of [
      endpoints.functionsUrl,
      endpoints.armUrl,
      endpoints.caFile,
      'send.ts',
      '--kubeconfig',
    ]) {
      assert.ok(first.output().includes(shown), `${shown} in:\n${first.output()}`);
    }
    const second = start();
    await once(second.process, 'close');
    assert.equal(second.process.exitCode, 1);
    assert.match(second.output(), /in use by another platform \(process \d+\)/);

    // Twice, as under npm: the terminal sends it to both, and npm passes its own on.
    first.process.kill('SIGINT');
    first.process.kill('SIGINT');
    await once(first.process, 'close');
    assert.equal(first.process.exitCode, 0, first.output());
    assert.deepEqual(Object.values(endpoints.processes).filter(isAlive), []);
    assert.equal(readEndpoints(stateDirectory), undefined);
  });
});
