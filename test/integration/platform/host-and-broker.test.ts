import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { buildApp, repository } from '../../../infra/build.ts';
import { ownPrograms } from '../../../infra/local/platform/process-arguments.ts';
import type { Platform } from '../../../infra/local/platform/platform.ts';
import { standInPlatform, temporaryFolder, until } from './fixture.ts';

const run = promisify(execFile);
const sendProgram = fileURLToPath(new URL('../../../infra/local/platform/send.ts', import.meta.url));
const example = join(repository, 'examples/workspace-phi-3-mini.yaml');

const receivedSchema = z.object({
  items: z.array(z.object({ body: z.string(), sessionId: z.string() })),
  arm: z.string(),
});

async function received(platform: Platform): Promise<z.output<typeof receivedSchema>> {
  const response = await fetch(`${platform.endpoints.functionsUrl}/api/received`);
  return receivedSchema.parse(await response.json());
}

/** The real broker and Functions host under the supervisor, with a built sample app and nothing in Azure. */
describe('host and broker under the supervisor', () => {
  it('carry a file from the send command to a queue function, also after both were killed', async (test) => {
    const folder = await temporaryFolder(test);
    const { directory } = await buildApp({
      outDirectory: join(folder, 'app'),
      entryPoint: fileURLToPath(new URL('sample-app/sample.ts', import.meta.url)),
    });
    const stateDirectory = await temporaryFolder(test);
    const platform = await standInPlatform({
      stateDirectory,
      appDirectory: directory,
      programs: { functions: ownPrograms.functions, servicebus: ownPrograms.servicebus },
    });
    const send = (): Promise<unknown> =>
      run(process.execPath, [
        sendProgram,
        '--state',
        stateDirectory,
        '--queue',
        'workspace-created',
        example,
      ]);

    await send();
    await until('the function has the message', async () => (await received(platform)).items.length === 1);
    const [message] = (await received(platform)).items;
    assert.equal(message?.body, readFileSync(example, 'utf8'), 'byte for byte');
    assert.match(message.sessionId, /^[0-9a-f]{64}$/);
    assert.equal((await received(platform)).arm, platform.endpoints.armUrl);

    await Promise.all([platform.kill('functions'), platform.kill('servicebus')]);
    await Promise.all([platform.restarted('functions'), platform.restarted('servicebus')]);
    await send();
    await until(
      'the new function has the next message',
      async () => (await received(platform)).items.length === 1,
    );

    const hello = await fetch(`${platform.endpoints.functionsUrl}/api/hello/you`);
    assert.deepEqual(await hello.json(), { hello: 'you', parsed: '{"a":[1,2]}' });
    const status = await fetch(`${platform.endpoints.adminUrl}/host/status`);
    assert.equal(z.object({ state: z.string() }).parse(await status.json()).state, 'Running');
  });
});
