import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FaultRule } from '../../infra/local/kubernetes/faults.ts';
import { phaseOf, workspaceDocument } from '../harness/workspaces.ts';
import { FaultyPlatform } from './support/faulty-platform.ts';

/** Requests that a life makes, each to be struck by every fault below. */
const steps: Record<string, FaultRule['match']> = {
  'creating the record': { verb: 'create', resource: 'workspaces' },
  'adding the finalizer': { verb: 'update', resource: 'workspaces' },
  'writing the status': { method: 'PUT', path: '/apis/kaito.sh/**/workspaces/*/status' },
  'writing what was observed': { method: 'PATCH', path: '/apis/kaito.sh/**/workspaces/*/status' },
  'applying the workload': { method: 'PATCH', path: '/apis/apps/v1/namespaces/default/statefulsets/*' },
  'creating a service': { verb: 'create', resource: 'services' },
  'deleting the record': { verb: 'delete', resource: 'workspaces' },
  'reading a record': { method: 'GET', path: '/apis/kaito.sh/**/workspaces/*' },
  'listing records': { method: 'GET', path: '/apis/kaito.sh/v1beta1/workspaces' },
  'listing nodes': { method: 'GET', path: '/api/v1/nodes' },
  'checking the Lease': { method: 'GET', path: '/apis/coordination.k8s.io/**/leases/*' },
  'deleting the workload': { method: 'DELETE', path: '/apis/apps/v1/namespaces/default/statefulsets/*' },
};

const faults: Record<string, (match: FaultRule['match']) => FaultRule> = {
  'an expired token': (match) => ({ match, times: 1, action: 'expire-token' }),
  'a conflict': (match) => ({ match, times: 2, action: 'status', code: 409 }),
  'a throttle with Retry-After': (match) => ({
    match,
    times: 2,
    action: 'status',
    code: 429,
    retryAfterSeconds: 20,
  }),
  'an internal error': (match) => ({ match, times: 3, action: 'status', code: 500 }),
  'a broken connection': (match) => ({ match, times: 2, action: 'reset' }),
  'a lost answer to an applied request': (match) => ({ match, times: 2, action: 'applied-then-reset' }),
};

describe('a Kubernetes API server that fails', () => {
  let platform: FaultyPlatform;
  before(async () => {
    platform = await FaultyPlatform.start();
  });
  after(() => platform.stop());

  const accepted = async (name: string): Promise<void> => {
    const answer = await platform.post(name);
    assert.equal(answer.status, 202, answer.text);
  };
  const send = (name: string): Promise<void> =>
    platform.harness.send('workspace-created', workspaceDocument(name), { sessionId: name, messageId: name });

  for (const [index, [what, toRule]] of Object.entries(faults).entries()) {
    it(`${what} at every step: Ready on one pool, then gone without a trace`, async () => {
      const name = `struck-${index}`;
      platform.faults({ kubernetes: Object.values(steps).map((match) => toRule(match)) });
      await platform.submit(name);
      await platform.untilPhase(name, 'Ready');
      const live = platform.state(name)?.pools ?? [];
      assert.deepEqual(
        live.map(({ generation }) => generation),
        [1],
      );
      assert.equal((await platform.poolsOf(name)).length, 1);
      await platform.deleteCleanly(name);
      const struck = platform.harness.cluster.api.faults();
      for (const [at, step] of Object.keys(steps).entries()) {
        assert.ok((struck[at]?.hits ?? 0) > 0, `${step} was never struck`);
      }
      platform.heal();
    });
  }

  it('down for a while: HTTP answers 503 with what to do and when, queued requests wait, nothing is lost', async () => {
    await accepted('before-outage');
    await platform.untilPhase('before-outage', 'Ready');
    await accepted('amid-outage');
    await platform.untilPhase('amid-outage', 'Provisioning');
    platform.faults({ kubernetes: [{ action: 'unavailable' }] });
    await platform.harness.quiet();
    for (const [method, path, body] of [
      ['POST', '/workspaces', workspaceDocument('by-http')],
      ['PUT', '/workspaces/default/before-outage', workspaceDocument('before-outage')],
      ['GET', '/workspaces', undefined],
    ] as const) {
      const answer = await platform.harness.request(method, path, body);
      assert.equal(answer.status, 503, `${method} ${path}: ${answer.text}`);
      assert.ok(Number(answer.headers.get('retry-after')) > 0, `${method} ${path} names no Retry-After`);
      assert.match(answer.text, /az aks show/, `${method} ${path} names no remedy`);
    }
    const known = await platform.get('/workspaces/default/before-outage');
    assert.equal(known.status, 200, known.text);
    assert.match(known.text, /slipway\.dev\/stale-since/);
    const deleted = await platform.delete('before-outage');
    assert.equal(deleted.status, 202, deleted.text);
    assert.match(deleted.text, /is deleted as soon as it does/);
    await send('during-outage');
    await platform.harness.pass(1800);
    assert.equal(phaseOf(platform.harness, 'during-outage'), 'Gone');
    assert.equal(platform.state('before-outage')?.deleting, false);
    const rejected = await platform.get('/rejected');
    assert.match(rejected.text, /"items":\[\]/);
    platform.heal();
    await platform.redelivered();
    await platform.untilAll(['amid-outage', 'during-outage'], 'Ready');
    assert.deepEqual(
      platform.state('amid-outage')?.pools.map(({ generation }) => generation),
      [1],
    );
    await platform.untilPhase('before-outage', 'Gone');
    await platform.deleteCleanly('amid-outage', 'during-outage');
  });

  it('tells no secret', () => {
    assert.deepEqual(platform.secretsTold(), []);
  });
});
