import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { costSoFar, nodesOf, poolOf, untilSuspended, waitingFor } from '../harness/lifetimes.ts';
import { PlatformHarness } from '../harness/platform.ts';
import { objectsOf, phaseOf, pools, readState, workspaceDocument } from '../harness/workspaces.ts';

describe('a workspace that is suspended and resumed', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await PlatformHarness.start();
    await platform.until(
      'the CRD is installed',
      async () => (await platform.request('GET', '/healthz')).status === 200,
    );
  });
  after(() => platform.stop());

  const post = async (name: string, annotations?: Record<string, string>): Promise<void> => {
    const document = workspaceDocument(name, annotations === undefined ? {} : { annotations });
    const posted = await platform.request('POST', '/workspaces', document);
    assert.equal(posted.status, 202, posted.text);
  };
  const steer = async (name: string, verb: 'suspend' | 'resume', body?: unknown): Promise<void> => {
    const answer = await platform.request('POST', `/workspaces/default/${name}/${verb}`, body);
    assert.equal(answer.status, 202, answer.text);
    assert.equal(answer.headers.get('location'), `/api/workspaces/default/${name}`);
  };
  const ready = (name: string): Promise<void> =>
    platform.until(`${name} Ready`, () => phaseOf(platform, name) === 'Ready');
  const drop = async (name: string): Promise<void> => {
    assert.equal((await platform.request('DELETE', `/workspaces/default/${name}`)).status, 202);
    await platform.until(`${name} gone`, () => phaseOf(platform, name) === 'Gone');
    assert.deepEqual(await pools(platform), []);
  };

  it('scaled to zero: nodes and bill go, pool and workload stay; resumed, it is Ready in the same pool', async () => {
    await post('zero');
    await ready('zero');
    const [pool] = readState(platform, 'zero')?.pools ?? [];
    const workload = objectsOf(platform, 'zero').filter((object) => object.startsWith('statefulsets/'));
    assert.equal(workload.length, 1);

    await steer('zero', 'suspend');
    await steer('zero', 'suspend');
    await untilSuspended(platform, 'zero');
    assert.deepEqual(nodesOf(platform, 'zero'), []);
    const state = readState(platform, 'zero');
    assert.deepEqual([state?.state, state?.workerNodes], ['NotReady', []]);
    assert.deepEqual(
      ['ResourceReady', 'InferenceReady', 'WorkspaceSucceeded'].map((type) => state?.conditions[type]),
      ['False', 'False', 'False'],
    );
    const kept = await poolOf(platform, 'zero');
    assert.deepEqual([kept?.name, kept?.count, kept?.power], [pool?.pool, 0, 'Running']);
    assert.deepEqual(
      objectsOf(platform, 'zero').filter((object) => object.startsWith('statefulsets/')),
      workload,
    );
    assert.equal(waitingFor(platform, 'zero'), 'a resume: POST /api/workspaces/default/zero/resume');
    const paid = await costSoFar(platform, 'zero');
    await platform.pass(2 * 3600);
    assert.equal(await costSoFar(platform, 'zero'), paid);
    assert.ok(paid > 0);

    await steer('zero', 'resume');
    await steer('zero', 'resume');
    await ready('zero');
    assert.equal((await poolOf(platform, 'zero'))?.name, pool?.pool);
    await platform.pass(3600);
    assert.ok((await costSoFar(platform, 'zero')) > paid + 3);
    await drop('zero');
  });

  it('stopped: the machines keep their names, and answer again after the start', async () => {
    await post('stopped');
    await ready('stopped');
    const nodes = nodesOf(platform, 'stopped');
    await steer('stopped', 'suspend', { mode: 'stop' });
    await untilSuspended(platform, 'stopped');
    assert.deepEqual(nodesOf(platform, 'stopped'), []);
    assert.deepEqual((await poolOf(platform, 'stopped'))?.power, 'Stopped');
    await steer('stopped', 'resume');
    await ready('stopped');
    assert.deepEqual(nodesOf(platform, 'stopped'), nodes);
    await drop('stopped');
  });

  it('until a time: it resumes by itself', async () => {
    await post('nap');
    await ready('nap');
    const until = new Date(platform.clock.now() + 2 * 3_600_000).toISOString();
    await steer('nap', 'suspend', { until });
    await untilSuspended(platform, 'nap');
    assert.equal(waitingFor(platform, 'nap'), `to be resumed at ${until}`);
    await ready('nap');
    assert.ok(platform.clock.now() >= Date.parse(until));
    assert.ok(platform.clock.now() < Date.parse(until) + 3_600_000);
    await drop('nap');
  });

  it('while its pool is being made: the pool goes, and a resume asks for another', async () => {
    await post('early');
    await platform.until('a pool', async () => (await pools(platform)).length === 1);
    const [first] = await pools(platform);
    await steer('early', 'suspend');
    await platform.until('no pool', async () => (await pools(platform)).length === 0);
    assert.equal(phaseOf(platform, 'early'), 'Suspended');
    await steer('early', 'resume');
    await ready('early');
    assert.notEqual((await poolOf(platform, 'early'))?.name, first?.name);
    await drop('early');
  });

  it('and deleted meanwhile: nothing is left', async () => {
    await post('gone');
    await ready('gone');
    await steer('gone', 'suspend');
    await untilSuspended(platform, 'gone');
    await drop('gone');
    assert.deepEqual(objectsOf(platform, 'gone'), []);
  });

  it('and created so: it never asks for a node', async () => {
    await post('never', { 'slipway.dev/suspended': 'true' });
    await platform.until('Suspended', () => phaseOf(platform, 'never') === 'Suspended');
    await platform.pass(3600);
    assert.deepEqual(await pools(platform), []);
    await drop('never');
  });

  it('with a spec that changed meanwhile: it comes back as the new one', async () => {
    await post('changed');
    await ready('changed');
    const document = workspaceDocument('changed', {
      annotations: { 'kaito.sh/runtime': 'transformers', 'slipway.dev/suspended': 'true' },
    });
    assert.equal((await platform.request('PUT', '/workspaces/default/changed', document)).status, 202);
    await untilSuspended(platform, 'changed');
    await steer('changed', 'resume');
    await ready('changed');
    const { text } = await platform.request('GET', '/workspaces/default/changed');
    assert.match(text, /"runtime":"transformers"/);
    await drop('changed');
  });

  it('resumed without quota: it says why, and comes on a retry when quota is there', async () => {
    await post('short');
    await ready('short');
    await steer('short', 'suspend');
    await untilSuspended(platform, 'short');
    platform.azure.faults.set({ limits: { quota: { StandardNCADSA100v4Family: 0 } } });
    await steer('short', 'resume');
    await platform.until('Failed', () => phaseOf(platform, 'short') === 'Failed');
    const failure = readState(platform, 'short')?.failure;
    assert.match(`${failure?.code} ${failure?.message}`, /InsufficientQuota.*StandardNCADSA100v4Family/);
    assert.ok(failure?.remedy);
    platform.azure.faults.set({});
    const retry = workspaceDocument('short', { annotations: { 'slipway.dev/retry': 'now' } });
    assert.equal((await platform.request('PUT', '/workspaces/default/short', retry)).status, 202);
    await ready('short');
    await drop('short');
  });

  it('resumed where the machines are gone meanwhile: another size takes their place', async () => {
    // A family that no other test here is refused: refusals are remembered.
    const instanceType = 'Standard_NC40ads_H100_v5';
    const annotations = { 'slipway.dev/fallback-instance-types': 'Standard_NC80adis_H100_v5' };
    const document = workspaceDocument('climbs', { instanceType, annotations });
    assert.equal((await platform.request('POST', '/workspaces', document)).status, 202);
    await ready('climbs');
    await steer('climbs', 'suspend');
    await untilSuspended(platform, 'climbs');
    const first = await poolOf(platform, 'climbs');
    const details = [{ code: 'AllocationFailed', message: 'No capacity.' }];
    const outcome = {
      type: 'fail' as const,
      afterSeconds: 300,
      code: 'ReconcileVMSSAgentPoolFailed',
      message: 'failed',
      details,
    };
    platform.azure.faults.set({ outcomes: [{ match: { vmSize: instanceType }, outcome }] });
    await steer('climbs', 'resume');
    await ready('climbs');
    platform.azure.faults.set({});
    await platform.until('one pool', async () => (await pools(platform)).length === 1);
    assert.notEqual((await poolOf(platform, 'climbs'))?.name, first?.name);
    const events = await platform.request('GET', '/workspaces/default/climbs/events');
    assert.match(
      events.text,
      /"what":"Resumed".*"what":"FallbackChosen","why":"rung 1: 1 x Standard_NC80adis/s,
    );
    await drop('climbs');
  });
});
