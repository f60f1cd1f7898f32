import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { newest } from '../../../infra/local/platform/app-build.ts';
import { endpointsFile, readEndpoints } from '../../../infra/local/platform/endpoints.ts';
import type { Endpoints } from '../../../infra/local/platform/endpoints.ts';
import { tryLock } from '../../../infra/local/platform/file-lock.ts';
import { emptyStateFolder } from '../../../infra/local/platform/fresh-state.ts';
import { parseOperationLock, parsePort, parseSpeed } from '../../../infra/local/platform/option-parsers.ts';
import {
  choosePorts,
  firstFreePort,
  isFree,
  lastPorts,
  rememberPorts,
} from '../../../infra/local/platform/ports.ts';
import { readyCommands } from '../../../infra/local/platform/ready-commands.ts';
import { lockStateFolder, StateFolderInUse } from '../../../infra/local/platform/state-lock.ts';
import { writeJson } from '../../../infra/local/platform/write-file.ts';

function folder(test: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-state-'));
  test.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function endpoints(stateDirectory: string): Endpoints {
  return {
    functionsUrl: 'http://127.0.0.1:7071',
    adminUrl: 'http://127.0.0.1:7071/admin',
    serviceBusConnectionString: 'Endpoint=sb://127.0.0.1:5672;SharedAccessKey=development',
    armUrl: 'https://127.0.0.1:8443',
    caFile: '/my state/ca.pem',
    clusters: [
      {
        name: 'demo',
        resourceId: '/subscriptions/s',
        kubernetesUrl: 'https://127.0.0.1:6443',
        kubeconfigFile: '/my state/kubeconfig',
      },
    ],
    speed: 30,
    stateDirectory,
    processes: { functions: 11, azure: 13 },
  };
}

/** Somebody else's server on a port of its own. */
async function takenPort(test: TestContext): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  test.after(() => server.close());
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

describe('ports', () => {
  it('are those of the last run, unless a stranger has one of them', async (test) => {
    const directory = folder(test);
    const taken = await takenPort(test);
    const free = await firstFreePort(20_000 + (process.pid % 10_000));
    rememberPorts(directory, { functions: free, servicebus: taken, arm: 0, kubernetes: 0 });
    assert.deepEqual(await choosePorts(directory, {}), {
      functions: free,
      servicebus: 0,
      arm: 0,
      kubernetes: 0,
    });
    assert.equal(lastPorts(directory).servicebus, taken);
  });

  it('are the wished ones, or the next that is free', async (test) => {
    const directory = folder(test);
    const taken = await takenPort(test);
    const { functions } = await choosePorts(directory, { functions: taken });
    assert.ok(functions > taken && functions < taken + 10, `${functions} beside ${taken}`);
    assert.ok(await isFree(functions));
    assert.equal(await isFree(taken), false);
  });

  it('are free to choose on first use', async (test) => {
    const directory = folder(test);
    assert.deepEqual(await choosePorts(directory, {}), {
      functions: 0,
      servicebus: 0,
      arm: 0,
      kubernetes: 0,
    });
    assert.deepEqual(lastPorts(directory), {});
    assert.equal(await firstFreePort(0), 0);
  });
});

describe('the lock of a state folder', () => {
  it('is held once, and can be taken again after its release', (test) => {
    const directory = folder(test);
    const lock = lockStateFolder(directory);
    assert.throws(() => lockStateFolder(directory), StateFolderInUse);
    lock.release();
    lock.release();
    lockStateFolder(directory).release();
  });

  it('makes the folder, for its owner only', (test) => {
    const directory = join(folder(test), 'deep', 'state');
    lockStateFolder(directory).release();
    assert.equal(statSync(directory).mode & 0o777, 0o700);
  });

  it('reports what is no lock as what it is', (test) => {
    const file = join(folder(test), 'platform.lock');
    writeFileSync(file, 'this is no database, and longer than the header of one would be'.repeat(20));
    assert.throws(() => tryLock(file), /not a database/);
  });
});

describe('endpoints.json', () => {
  it('is read back as it was written, by its owner only', (test) => {
    const directory = folder(test);
    assert.equal(readEndpoints(directory), undefined);
    writeJson(endpointsFile(directory), endpoints(directory));
    assert.deepEqual(readEndpoints(directory), endpoints(directory));
    assert.equal(statSync(endpointsFile(directory)).mode & 0o777, 0o600);
  });

  it('that is damaged is named, with what to do', (test) => {
    const directory = folder(test);
    writeFileSync(endpointsFile(directory), '{"functionsUrl":');
    assert.throws(() => readEndpoints(directory), /endpoints\.json is damaged: delete it/);
  });
});

describe('a fresh state folder', () => {
  it('keeps the locks and loses the rest', (test) => {
    const directory = folder(test);
    const lock = lockStateFolder(directory);
    for (const name of ['functions', 'servicebus', 'azure', 'logs']) {
      mkdirSync(join(directory, name));
      writeFileSync(join(directory, name, 'data'), 'x');
    }
    writeFileSync(join(directory, 'clock.json'), '{}');
    emptyStateFolder(directory);
    assert.throws(
      () => lockStateFolder(directory),
      new RegExp(`process ${process.pid}`),
      'the owner is still named',
    );
    assert.equal(existsSync(join(directory, 'azure')), false);
    assert.equal(existsSync(join(directory, 'clock.json')), false);
    assert.throws(() => lockStateFolder(directory), StateFolderInUse);
    lock.release();
  });

  it('is refused where somebody keeps other files', (test) => {
    const directory = folder(test);
    writeFileSync(join(directory, 'clock.json'), '{}');
    writeFileSync(join(directory, 'letters.txt'), 'dear');
    assert.throws(() => emptyStateFolder(directory), /letters\.txt/);
    assert.equal(readFileSync(join(directory, 'clock.json'), 'utf8'), '{}');
  });
});

describe('a build', () => {
  it('is as old as the newest file or folder it was made of', (test) => {
    const directory = folder(test);
    mkdirSync(join(directory, 'shared', 'deep'), { recursive: true });
    writeFileSync(join(directory, 'shared', 'deep', 'a.ts'), '');
    const at = (path: string, seconds: number): void => utimesSync(join(directory, path), seconds, seconds);
    at('shared/deep/a.ts', 5_000);
    at('shared/deep', 4_000);
    at('shared', 3_000);
    assert.equal(newest([join(directory, 'shared'), join(directory, 'gone')]), 5_000_000);
    at('shared', 6_000);
    assert.equal(newest([join(directory, 'shared')]), 6_000_000, 'a removed file leaves its folder newer');
    assert.equal(newest([join(directory, 'gone')]), 0);
  });
});

describe('command line options', () => {
  it('refuse what makes no sense, naming what does', () => {
    assert.equal(parseSpeed('0.5'), 0.5);
    for (const speed of ['0', '-1', 'fast', '1e9', 'NaN'])
      assert.throws(() => parseSpeed(speed), /from 0\.1 to 1000/);
    assert.equal(parsePort('7071'), 7071);
    for (const port of ['-1', '65536', '7.5', 'http']) assert.throws(() => parsePort(port), /0 .* to 65535/);
    assert.equal(parseOperationLock('cluster'), 'cluster');
    assert.throws(() => parseOperationLock('region'), /pool or cluster/);
  });
});

describe('the commands to paste', () => {
  it('name the running platform, with paths that a shell takes as one', () => {
    const text = readyCommands(endpoints('/my state'));
    assert.match(text, /curl -X POST http:\/\/127\.0\.0\.1:7071\/api\/workspaces /);
    assert.match(text, /send\.ts --state '\/my state' --queue workspace-created examples\//);
    assert.match(text, /kubectl --kubeconfig '\/my state\/kubeconfig' get/);
    assert.match(
      text,
      /--cacert '\/my state\/ca\.pem' .*https:\/\/127\.0\.0\.1:6443\/api\/v1\/namespaces\/default\/services\//,
    );
    assert.match(text, /curl -X DELETE http:/);
  });
});
