import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { accessByArm, accessByFile } from '../../../shared/azure/cluster-access.ts';
import { Retryable, SlipwayError } from '../../../shared/errors/slipway-error.ts';
import type { ClusterAccess } from '../../../shared/kubernetes/access.ts';
import type { ClusterConnection } from '../../../shared/kubernetes/cluster.ts';
import { connectCluster } from '../../../shared/kubernetes/connect-cluster.ts';
import { workspaceCustomResourceDefinition } from '../../../shared/manifests/workspace-crd.ts';
import { codeOf, workspace } from './cluster-under-test.ts';
import type { SimulatedAzure } from './simulated-azure.ts';
import { startSimulatedAzure } from './simulated-azure.ts';

const definition = workspaceCustomResourceDefinition();
const phi = { namespace: 'default', name: 'phi' };

describe('a cluster that misbehaves', () => {
  let simulated: SimulatedAzure;
  let connection: ClusterConnection;
  let loads = 0;
  let tokens = 0;

  before(async () => {
    simulated = await startSimulatedAzure();
    connection = await connectCluster({ name: 'main', access: counted(), definition });
    await simulated.until('established', async () => (await connection.system.install()).established);
    await connection.records.create(workspace('phi'));
  });
  beforeEach(() => simulated.cluster.api.setFaults([]));
  after(() => simulated.stop());

  /** Access by ARM that counts how often it is used. */
  function counted(): ClusterAccess {
    const { client, clusterId, credential } = simulated;
    const access = accessByArm({ client, cluster: clusterId, credential });
    return {
      async load() {
        loads++;
        const document = await access.load();
        const { token } = document;
        assert.ok(token);
        return { ...document, token: () => ((tokens += 1), token()) };
      },
    };
  }

  it('asks ARM for the kubeconfig once, and for a token each time', async () => {
    const [loadsBefore, tokensBefore] = [loads, tokens];
    for (let call = 0; call < 5; call++) await connection.records.get(phi);
    assert.deepEqual([loads - loadsBefore, tokens - tokensBefore], [0, 5]);
  });

  it('is observed by a constant number of reads', async () => {
    const total = (): number =>
      Object.values(simulated.cluster.api.requestCounts()).reduce((sum, count) => sum + count, 0);
    const before = total();
    await connection.workloads.list();
    await connection.workloads.nodes();
    await connection.records.list({});
    assert.equal(total() - before, 5);
  });

  it('keeps its connections: many calls, few sockets', async () => {
    const sockets = new Set<unknown>();
    simulated.cluster.api.addRoute((exchange) => {
      sockets.add(exchange.request.socket);
      return Promise.resolve(false);
    });
    for (let call = 0; call < 20; call++) await connection.records.get(phi);
    await Promise.all(Array.from({ length: 4 }, () => connection.workloads.list()));
    assert.ok(sockets.size >= 1 && sockets.size <= 15, `${sockets.size} sockets`);
    sockets.clear();
    for (let call = 0; call < 20; call++) await connection.records.get(phi);
    assert.ok(sockets.size <= 2, `${sockets.size} sockets for 20 calls in a row`);
  });

  it('gets one fresh sign-in after a 401, unseen by the caller', async () => {
    const before = loads;
    simulated.cluster.api.setFaults([{ action: 'expire-token', times: 1 }]);
    assert.equal((await connection.records.get(phi)).value?.metadata.name, 'phi');
    assert.equal(loads - before, 1);
  });

  it('is unreachable for now when it refuses the fresh token too', async () => {
    simulated.cluster.api.setFaults([{ action: 'expire-token' }]);
    assert.equal(await codeOf(connection.records.get(phi)), 'ClusterUnreachable');
  });

  it('says how long to wait when it is busy', async () => {
    simulated.cluster.api.setFaults([{ action: 'status', code: 429, retryAfterSeconds: 7 }]);
    await assert.rejects(
      connection.workloads.nodes(),
      (error) =>
        error instanceof Retryable && error.code === 'TooManyRequests' && error.retryAfterSeconds === 7,
    );
  });

  for (const action of ['unavailable', 'reset'] as const) {
    it(`is unreachable for now when connections end (${action})`, async () => {
      simulated.cluster.api.setFaults([{ action }]);
      assert.equal(await codeOf(connection.workloads.list()), 'ClusterUnreachable');
      simulated.cluster.api.setFaults([]);
      assert.ok(Array.isArray(await connection.workloads.list()));
    });
  }

  it('is unreachable for now on 500 and 503', async () => {
    for (const code of [500, 503]) {
      simulated.cluster.api.setFaults([{ action: 'status', code }]);
      assert.equal(await codeOf(connection.system.identity()), 'ClusterUnreachable');
    }
  });

  it('is given up when it does not answer in time', async () => {
    simulated.cluster.api.setFaults([{ action: 'delay', milliseconds: 3_600_000 }]);
    const impatient = await connectCluster({ name: 'main', access: counted(), definition, timeout: 200 });
    await assert.rejects(impatient.records.get(phi), {
      code: 'ClusterUnreachable',
      message: /no answer in time/,
    });
  });

  it('has a write done although its answer is lost, and the next try tells', async () => {
    simulated.cluster.api.setFaults([{ action: 'applied-then-reset', times: 1, match: { method: 'POST' } }]);
    assert.equal(await codeOf(connection.records.create(workspace('lost'))), 'ClusterUnreachable');
    assert.equal(await codeOf(connection.records.create(workspace('lost'))), 'AlreadyExists');
  });

  it('repeats no token in any error', async () => {
    const text: string[] = [];
    for (const fault of [
      { action: 'expire-token' },
      { action: 'reset' },
      { action: 'status', code: 500 },
    ] as const) {
      simulated.cluster.api.setFaults([fault]);
      await connection.records.get(phi).catch((error: unknown) => {
        assert.ok(error instanceof SlipwayError);
        text.push(error.message, error.remedy ?? '');
      });
    }
    assert.equal(text.length, 6);
    assert.doesNotMatch(text.join('\n'), /development|Bearer/);
  });

  it('tells a watcher whose version is too old, as an event', async () => {
    const old = (await connection.records.get(phi)).value;
    assert.ok(old);
    await connection.records.replaceStatus({ ...old, status: { state: 'Ready' } });
    simulated.cluster.api.compact();
    const stop = new AbortController();
    const options = { resourceVersion: '1', timeoutSeconds: 60, signal: stop.signal };
    for await (const event of connection.records.watch(phi, options)) {
      assert.equal(event.type, 'ERROR');
      assert.equal(event.object['code'], 410);
      return;
    }
    assert.fail('the watch ended without a word');
  });

  it('refuses a watch as it refuses any call', async () => {
    simulated.cluster.api.setFaults([{ action: 'status', code: 429, retryAfterSeconds: 3 }]);
    const events = connection.records.watch(phi, { timeoutSeconds: 5, signal: new AbortController().signal });
    assert.equal(await codeOf(firstOf(events)), 'TooManyRequests');
  });

  it('breaks a watch, which the caller learns', async () => {
    const events = connection.records.watch(phi, {
      timeoutSeconds: 60,
      signal: new AbortController().signal,
    });
    const iterator = events[Symbol.asyncIterator]();
    assert.equal((await iterator.next()).done, false);
    const next = iterator.next();
    next.catch(() => undefined);
    await simulated.until('the watch cut', () => simulated.cluster.api.dropWatches() > 0);
    assert.equal(await codeOf(next), 'ClusterUnreachable');
  });

  it('holds no connection for a watcher who has seen enough', { timeout: 30_000 }, async () => {
    const closed = new Promise((resolve) => {
      simulated.cluster.api.addRoute((exchange) => {
        if (exchange.url.searchParams.has('watch')) exchange.response.once('close', resolve);
        return Promise.resolve(false);
      });
    });
    const events = connection.records.watch(phi, {
      timeoutSeconds: 60,
      signal: new AbortController().signal,
    });
    assert.ok(await firstOf(events));
    await closed;
  });

  it('is left alone at once by a watcher who aborts', async () => {
    const stop = new AbortController();
    const events = connection.records.watch(phi, { timeoutSeconds: 60, signal: stop.signal });
    const iterator = events[Symbol.asyncIterator]();
    await iterator.next();
    const next = iterator.next();
    stop.abort();
    assert.equal((await next).done, true);
  });
});

async function firstOf<T>(events: AsyncIterable<T>): Promise<T | undefined> {
  for await (const event of events) return event;
  return undefined;
}

describe('access to a cluster', () => {
  let simulated: SimulatedAzure;
  let directory: string;
  before(async () => {
    simulated = await startSimulatedAzure();
    directory = await mkdtemp(join(tmpdir(), 'slipway-kubeconfig-'));
  });
  after(async () => {
    await simulated.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const connect = (access: ClusterAccess): Promise<ClusterConnection> =>
    connectCluster({ name: 'main', access, definition });

  it('may be a kubeconfig file', async () => {
    const connection = await connect(accessByFile(simulated.cluster.kubeconfigFile));
    assert.match(await connection.system.identity(), /-/);
  });

  it('follows a kubeconfig file that gets a new token', async () => {
    const file = join(directory, 'config');
    const good = await readFile(simulated.cluster.kubeconfigFile, 'utf8');
    await writeFile(file, good.replace(/token: \S+/, 'token: stale'));
    const connection = await connect(accessByFile(file));
    assert.equal(await codeOf(connection.system.identity()), 'ClusterUnreachable');
    await writeFile(file, good);
    assert.match(await connection.system.identity(), /-/);
  });

  it('is missing when the file is', async () => {
    const connection = await connect(accessByFile(join(directory, 'none')));
    await assert.rejects(connection.system.identity(), {
      code: 'ClusterUnreachable',
      message: /none cannot be read/,
    });
  });

  it('is forbidden with the role to grant when ARM says so, and comes back once it is granted', async () => {
    const { client, clusterId, credential, azure } = simulated;
    const connection = await connect(accessByArm({ client, cluster: clusterId, credential }));
    const code = 'AuthorizationFailed';
    azure.faults.set({
      http: [
        { match: { method: 'POST' }, times: 1, action: { type: 'status', status: 403, code, message: 'no' } },
      ],
    });
    await assert.rejects(connection.system.identity(), { code: 'Forbidden', remedy: /Cluster User Role/ });
    assert.match(await connection.system.identity(), /-/);
  });

  it('fails for now when ARM does not answer or no token can be had', async () => {
    const { client, clusterId, credential, azure } = simulated;
    azure.faults.set({ http: [{ match: { method: 'POST' }, times: 1, action: { type: 'reset' } }] });
    const unanswered = await connect(accessByArm({ client, cluster: clusterId, credential }));
    assert.equal(await codeOf(unanswered.system.identity()), 'ClusterUnreachable');
    const without = { getToken: () => Promise.reject(new Error('no identity here')) };
    const anonymous = await connect(accessByArm({ client, cluster: clusterId, credential: without }));
    await assert.rejects(anonymous.system.identity(), { code: 'ClusterUnreachable', message: /Entra ID/ });
  });
});
