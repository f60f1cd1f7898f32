import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readEndpoints } from '../../../infra/local/platform/endpoints.ts';
import { processNames } from '../../../infra/local/platform/process-name.ts';
import type { ProcessName } from '../../../infra/local/platform/process-name.ts';
import {
  isAlive,
  readText,
  standInPlatform,
  standInProgram,
  startedWith,
  temporaryFolder,
  until,
} from './fixture.ts';

const portOf = (url: string): string => new URL(url).port;

describe('the platform supervisor', { concurrency: true }, () => {
  it('starts the app last, with settings that lead to the other two', async (test) => {
    const stateDirectory = await temporaryFolder(test);
    const platform = await standInPlatform({ stateDirectory });
    const { endpoints } = platform;
    const { environment, arguments: given } = await startedWith(portOf(endpoints.functionsUrl));
    assert.equal(environment['ServiceBusConnection'], endpoints.serviceBusConnectionString);
    assert.equal(environment['SLIPWAY_ARM_ENDPOINT'], endpoints.armUrl);
    assert.equal(environment['NODE_EXTRA_CA_CERTS'], endpoints.caFile);
    assert.equal(environment['SLIPWAY_CREDENTIAL'], 'development');
    assert.equal(environment['SLIPWAY_OWNER'], 'local');
    assert.equal(environment['AzureWebJobsStorage'], 'UseDevelopmentStorage=true');
    assert.deepEqual(JSON.parse(environment['SLIPWAY_CLUSTERS'] ?? ''), [
      { name: 'demo', resourceId: endpoints.clusters[0]?.resourceId, default: true },
    ]);
    assert.match(environment['NO_PROXY'] ?? '', /127\.0\.0\.1/);
    assert.equal(given['app'], '/tmp/no-app-needed');
    assert.equal(environment['NODE_TEST_CONTEXT'], undefined);
  });

  it('names everything that runs in endpoints.json, and takes the file away when it stops', async (test) => {
    const stateDirectory = await temporaryFolder(test);
    const platform = await standInPlatform({ stateDirectory });
    assert.deepEqual(readEndpoints(stateDirectory), platform.endpoints);
    assert.equal(platform.endpoints.adminUrl, `${platform.endpoints.functionsUrl}/admin`);
    for (const name of processNames) assert.ok(isAlive(platform.endpoints.processes[name]!));
    const log = await readText(stateDirectory, 'logs', 'servicebus.log');
    assert.match(log, /^starting$/m);
    assert.doesNotMatch(log, /secret-key/, 'the key of the broker stays out of the logs');
    const pids = Object.values(platform.endpoints.processes);
    await platform.stop();
    assert.deepEqual(pids.filter(isAlive), [], 'and no process is left');
    assert.equal(readEndpoints(stateDirectory), undefined);
  });

  it('gives simulator and host the same clock, faults and locks as asked', async (test) => {
    const stateDirectory = await temporaryFolder(test);
    const platform = await standInPlatform({
      stateDirectory,
      speed: 45,
      faultsFile: '/tmp/faults.yaml',
      operationLock: 'cluster',
    });
    const azure = await startedWith(portOf(platform.endpoints.armUrl));
    const functions = await startedWith(portOf(platform.endpoints.functionsUrl));
    assert.equal(azure.arguments['faults'], '/tmp/faults.yaml');
    assert.equal(azure.arguments['operation-lock'], 'cluster');
    assert.equal(azure.arguments['clock'], functions.arguments['clock']);
    assert.match(azure.arguments['clock'] ?? '', /"speed":45/);
  });

  it('brings each process back alone, on its old port, after kill -9', async (test) => {
    const stateDirectory = await temporaryFolder(test);
    const platform = await standInPlatform({ stateDirectory });
    for (const name of processNames) {
      const before = platform.endpoints;
      await platform.kill(name);
      assert.equal(isAlive(before.processes[name]!), false, name);
      await platform.restarted(name);
      const after = platform.endpoints;
      assert.notEqual(after.processes[name], before.processes[name]);
      assert.deepEqual({ ...after, processes: {} }, { ...before, processes: {} });
      for (const other of processNames.filter((each) => each !== name)) {
        assert.equal(after.processes[other], before.processes[other], `${other} while ${name} was killed`);
      }
      assert.deepEqual(readEndpoints(stateDirectory), after);
    }
  });

  it('brings a process back that was killed many times over', async (test) => {
    const platform = await standInPlatform({ stateDirectory: await temporaryFolder(test) });
    for (let round = 0; round < 5; round++) {
      await platform.kill('functions');
      await platform.restarted('functions');
    }
    const { environment } = await startedWith(portOf(platform.endpoints.functionsUrl));
    assert.equal(environment['SLIPWAY_ARM_ENDPOINT'], platform.endpoints.armUrl);
  });

  it('keeps its URLs over a restart', async (test) => {
    const stateDirectory = await temporaryFolder(test);
    const first = await standInPlatform({ stateDirectory });
    await first.stop();
    const second = await standInPlatform({ stateDirectory });
    assert.deepEqual({ ...second.endpoints, processes: {} }, { ...first.endpoints, processes: {} });
  });

  it('moves to another port when a stranger has taken the old one', async (test) => {
    const stateDirectory = await temporaryFolder(test);
    const first = await standInPlatform({ stateDirectory });
    await first.stop();
    const oldPort = Number(portOf(first.endpoints.armUrl));
    const stranger = createServer().listen(oldPort, '127.0.0.1');
    test.after(() => stranger.close());
    await once(stranger, 'listening');
    const second = await standInPlatform({ stateDirectory });
    assert.notEqual(portOf(second.endpoints.armUrl), String(oldPort));
    assert.equal(second.endpoints.functionsUrl, first.endpoints.functionsUrl);
  });

  it('ends a process that ignores SIGTERM', { timeout: 60_000 }, async (test) => {
    const platform = await standInPlatform({
      stateDirectory: await temporaryFolder(test),
      programs: { functions: standInProgram('stubborn') },
    });
    const pid = platform.endpoints.processes.functions!;
    await platform.stop();
    assert.equal(isAlive(pid), false);
  });

  it('says why a process would not start, and stops the others', async (test) => {
    const stateDirectory = await temporaryFolder(test);
    const lines: [ProcessName, string][] = [];
    await assert.rejects(
      standInPlatform({
        stateDirectory,
        programs: { functions: standInProgram('broken') },
        log: (name, line) => void lines.push([name, line]),
      }),
      (error: Error) => {
        assert.match(error.message, /functions .*exit code 3/);
        assert.match(error.message, /the configuration names no queue/);
        assert.ok(error.message.includes(join(stateDirectory, 'logs', 'functions.log')));
        return true;
      },
    );
    for (const name of ['servicebus', 'azure'] as const) {
      assert.deepEqual(lines.filter(([from]) => from === name).at(-1), [name, 'stopping']);
    }
    const again = await standInPlatform({ stateDirectory });
    assert.ok(again.endpoints.functionsUrl);
  });

  it('refuses a second platform on the same state folder', async (test) => {
    const stateDirectory = await temporaryFolder(test);
    await standInPlatform({ stateDirectory });
    await assert.rejects(standInPlatform({ stateDirectory }), {
      name: 'StateFolderInUse',
      message: new RegExp(`process ${process.pid}.*--state`),
    });
  });

  it('empties the state folder when asked, and never one with files of somebody else', async (test) => {
    const stateDirectory = await temporaryFolder(test);
    const first = await standInPlatform({ stateDirectory });
    await first.stop();
    await mkdir(join(stateDirectory, 'functions'), { recursive: true });
    await writeFile(join(stateDirectory, 'functions', 'hub.db'), 'old');
    const second = await standInPlatform({ stateDirectory, fresh: true });
    assert.equal(existsSync(join(stateDirectory, 'functions', 'hub.db')), false);
    await second.stop();
    await writeFile(join(stateDirectory, 'thesis.tex'), 'mine');
    await assert.rejects(standInPlatform({ stateDirectory, fresh: true }), /thesis\.tex/);
  });

  it('takes its processes with it when it is killed', async (test) => {
    const stateDirectory = await temporaryFolder(test);
    const supervisor = spawn(
      process.execPath,
      [fileURLToPath(new URL('stand-ins/supervisor.ts', import.meta.url)), stateDirectory],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    await until('the platform is up', () => readEndpoints(stateDirectory) !== undefined);
    const before = readEndpoints(stateDirectory)!;
    const pids = Object.values(before.processes);
    assert.equal(pids.length, 3);
    supervisor.kill('SIGKILL');
    await once(supervisor, 'exit');
    // At once, while the slowest of them still has its port: the next platform waits until it has let go of everything.
    const next = await standInPlatform({ stateDirectory });
    assert.equal(next.endpoints.functionsUrl, before.functionsUrl);
    await until('its processes are gone', () => !pids.some(isAlive));
  });
});
