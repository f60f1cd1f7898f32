import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { spawnHost, whenReady } from './support/host-process.ts';
import type { RunningProgram } from './support/child-process.ts';
import { dataDirectory, fixtureApp } from './support/fixture-app.ts';
import { until } from './support/until.ts';

const links = z.object({ id: z.string(), statusQueryGetUri: z.string() });
const status = z.object({ runtimeStatus: z.string(), output: z.unknown() });

describe('the host as a process', () => {
  let app: string;
  const running: RunningProgram[] = [];

  before(async () => {
    app = await fixtureApp('durable');
  });
  after(async () => {
    for (const { child, ended } of running) {
      child.kill('SIGKILL');
      await ended;
    }
  });

  const run = (parameters: readonly string[], environment?: Record<string, string>): RunningProgram => {
    const host = spawnHost(parameters, environment);
    running.push(host);
    return host;
  };
  const statusOf = async (url: string): Promise<z.output<typeof status>> =>
    status.parse(await (await fetch(url)).json());

  it('shares one Durable store between processes, and keeps it when the owner is killed', async () => {
    const data = await dataDirectory();
    const owned = ['--app', app, '--data', data];
    let owner = run([...owned, '--port', '0']);
    const { port, url } = await whenReady(owner);
    const front = run([
      '--app',
      app,
      '--data',
      await dataDirectory(),
      '--port',
      '0',
      '--durable-remote',
      url,
      '--functions',
      'start',
      'go',
    ]);
    const door = await whenReady(front);

    const started = await fetch(`${door.url}/api/greetings/g1`, { method: 'POST' });
    assert.equal(started.status, 202);
    const { id, statusQueryGetUri } = links.parse(await started.json());
    assert.equal(id, 'g1');
    assert.ok(statusQueryGetUri.startsWith(door.url), 'links name the host that was asked');
    await until(
      async () => (await statusOf(statusQueryGetUri)).runtimeStatus === 'Running',
      'the orchestration',
    );

    owner.child.kill('SIGKILL');
    assert.equal(await owner.ended, 'SIGKILL');
    owner = run([...owned, '--port', String(port)]);
    await whenReady(owner);
    assert.equal((await fetch(`${door.url}/api/greetings/g1/go`, { method: 'POST' })).status, 202);
    const done = await until(async () => {
      const found = await statusOf(statusQueryGetUri);
      return found.runtimeStatus === 'Completed' ? found : undefined;
    }, 'the completion');
    assert.equal(done.output, `Hello Ada from ${owner.child.pid}`, 'activities run with the owner');
    assert.equal((await fetch(`${door.url}/api/process`)).status, 404, 'not among its functions');

    front.child.kill('SIGTERM');
    owner.child.disconnect();
    assert.deepEqual(await Promise.all([front.ended, owner.ended]), [0, 0]);
  });

  it('logs to standard error what it serves', async () => {
    const host = run(['--app', app, '--data', await dataDirectory(), '--port', '0', '--verbose']);
    const { url } = await whenReady(host);
    await fetch(`${url}/api/process`);
    await until(() => /Executed 'Functions.process' \(Succeeded/.test(host.log()), 'the log line');
    assert.match(host.log(), /\tgreeting: orchestrationTrigger/);
    host.child.kill('SIGINT');
    assert.equal(await host.ended, 0);
  });

  it('ends with a message and a code when the app cannot start, crashes, or the command line is wrong', async () => {
    const data = await dataDirectory();
    const broken = run(['--app', app, '--data', data, '--port', '0'], { BREAK_AT_START: '1' });
    assert.equal(await broken.ended, 1);
    assert.match(broken.log(), /the app cannot start/);

    const crashing = run(['--app', app, '--data', data, '--port', '0'], { BREAK_LATER: '1' });
    const { url } = await whenReady(crashing);
    await fetch(`${url}/api/crash`).catch(() => undefined);
    assert.equal(await crashing.ended, 1);
    assert.match(crashing.log(), /nobody catches this/);

    const wrong = run(['--app', app, '--data', data, '--clock', '{}']);
    assert.equal(await wrong.ended, 1);
    assert.match(wrong.log(), /realStart/);
    const help = run(['--help']);
    assert.equal(await help.ended, 0);
  });
});
