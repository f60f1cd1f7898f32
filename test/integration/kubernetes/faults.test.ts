import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { listAt, stringAt } from '../../../infra/local/kubernetes/json.ts';
import { startCluster, type TestCluster } from './support/cluster.ts';
import { configMap, path } from './support/manifests.ts';
import { startWatch } from './support/watching.ts';

describe('injected faults', () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startCluster();
  });
  afterEach(() => cluster.api.setFaults([]));
  after(() => cluster.close());

  const list = () => cluster.call('GET', path.configMaps);
  const create = (name: string) => cluster.call('POST', path.configMaps, { body: configMap(name) });
  const stored = (name: string) =>
    cluster.api.store.get({ group: '', version: 'v1', plural: 'configmaps' }, { namespace: 'default', name });

  it('too many requests, as often as asked, with Retry-After', async () => {
    cluster.api.setFaults([
      {
        match: { verb: 'list', resource: 'configmaps' },
        action: 'status',
        code: 429,
        retryAfterSeconds: 2,
        times: 2,
      },
    ]);
    const answers = [await list(), await list(), await list()];
    assert.deepEqual(
      answers.map(({ code }) => code),
      [429, 429, 200],
    );
    assert.equal(answers[0]?.headers['retry-after'], '2');
    assert.equal(answers[0].body['reason'], 'TooManyRequests');
    assert.equal(cluster.api.faults()[0]?.hits, 2);
  });

  it('a reset comes before the write, a lost answer after it', async () => {
    cluster.api.setFaults([
      { match: { method: 'POST', path: '/api/v1/namespaces/*/configmaps' }, action: 'reset', times: 1 },
    ]);
    await assert.rejects(create('never'), { code: 'ECONNRESET' });
    assert.equal(stored('never'), undefined);
    cluster.api.setFaults([{ match: { verb: 'create' }, action: 'applied-then-reset', times: 1 }]);
    await assert.rejects(create('applied'), { code: 'ECONNRESET' });
    assert.notEqual(stored('applied'), undefined);
    assert.equal((await create('applied')).code, 409);
  });

  it('an unavailable server refuses everything and cuts watches', async () => {
    const watching = await startWatch(cluster.kubeConfig, path.configMaps);
    cluster.api.setFaults([{ action: 'unavailable' }]);
    await watching.ended;
    await assert.rejects(list());
    await assert.rejects(cluster.call('GET', '/readyz'));
    cluster.api.setFaults([]);
    assert.equal((await list()).code, 200);
  });

  it('an expired token is a 401, a delay passes in virtual time', async () => {
    cluster.api.setFaults([{ action: 'expire-token', match: { path: '/^\\/api\\/v1\\//' }, times: 1 }]);
    assert.equal((await list()).code, 401);
    cluster.api.setFaults([{ action: 'delay', milliseconds: 3_600_000 }]);
    let answered = false;
    const slow = list().then((answer) => {
      answered = true;
      return answer.code;
    });
    while (cluster.clock.nextDue() === undefined) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(answered, false);
    cluster.clock.advanceTo(cluster.clock.now() + 3_600_000);
    assert.equal(await slow, 200);
  });

  it('chance is drawn from the seed: the same seed strikes the same requests', async () => {
    const strikes = async (): Promise<number[]> => {
      cluster.api.setFaults([{ action: 'status', code: 500, probability: 0.5, seed: 7 }]);
      const codes: number[] = [];
      for (let request = 0; request < 16; request++) codes.push((await list()).code);
      return codes;
    };
    const first = await strikes();
    assert.ok(first.includes(500) && first.includes(200), `codes ${first.join()}`);
    assert.deepEqual(await strikes(), first);
  });

  it('they are set, read and removed over HTTP, and a malformed one is refused', async () => {
    const rules = [
      { id: 'one', match: { name: 'x' }, action: 'status', code: 503 },
      { id: 'two', action: 'reset', match: { resource: 'pods' } },
    ];
    await cluster.call('PUT', '/simulator/faults', { body: rules });
    await cluster.call('GET', `${path.configMaps}/x`);
    const { body } = await cluster.call('DELETE', '/simulator/faults/two');
    assert.deepEqual(
      listAt(body, 'faults').map((fault) => stringAt(fault, 'id')),
      ['one'],
    );
    assert.equal(cluster.api.faults()[0]?.hits, 1);
    const malformed = await cluster.call('PUT', '/simulator/faults', { body: [{ action: 'explode' }] });
    assert.equal(malformed.code, 400);
    await cluster.call('DELETE', '/simulator/faults');
    assert.deepEqual(cluster.api.faults(), []);
  });

  it('requests are counted by what they were', async () => {
    const before = cluster.api.requestCounts()['list configmaps'] ?? 0;
    await list();
    assert.equal(cluster.api.requestCounts()['list configmaps'], before + 1);
  });
});
