import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { deletePool, makePool, poolExists } from '../harness/azure-portal.ts';
import {
  askForDelete,
  makeReady,
  orchestrationOf,
  startPlatform,
  untilNothingLeft,
  untilPhase,
  workspaceType,
} from '../harness/lives.ts';
import type { PlatformHarness } from '../harness/platform.ts';
import { objectsOf, phaseOf, pools, readState, workspaceDocument } from '../harness/workspaces.ts';

const statefulSets = { group: 'apps', version: 'v1', plural: 'statefulsets' };

describe('what somebody else takes away', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await startPlatform();
  });
  afterEach(() => platform.azure.faults.clear());
  after(() => platform.stop());

  const poolsOf = async (uid: string): Promise<string[]> =>
    (await pools(platform)).filter((pool) => pool.uid === uid).map(({ name }) => name);

  it('a pool deleted behind our back is replaced by a fresh one, and the model answers again', async () => {
    const uid = await makeReady(platform, workspaceDocument('lost-pool'));
    const [lost = ''] = await poolsOf(uid);
    await deletePool(platform, lost);
    await untilPhase(platform, 'lost-pool', 'Degraded');
    assert.equal(readState(platform, 'lost-pool')?.state, 'NotReady');
    await untilPhase(platform, 'lost-pool', 'Ready');
    const held = await poolsOf(uid);
    assert.equal(held.length, 1);
    assert.notEqual(held[0], lost);
    await askForDelete(platform, 'http', 'lost-pool');
    await untilNothingLeft(platform, 'lost-pool', uid);
  });

  it('a deleted StatefulSet is made again on the same pool', async () => {
    const uid = await makeReady(platform, workspaceDocument('lost-set'));
    const held = await poolsOf(uid);
    const key = { namespace: 'default', name: 'lost-set' };
    const lost = platform.store.get(statefulSets, key)?.metadata.uid;
    platform.store.remove(statefulSets, key);
    await platform.until('it serves again', () => {
      const now = platform.store.get(statefulSets, key)?.metadata.uid;
      return now !== undefined && now !== lost && phaseOf(platform, 'lost-set') === 'Ready';
    });
    assert.deepEqual(await poolsOf(uid), held);
    await askForDelete(platform, 'http', 'lost-set');
    await untilNothingLeft(platform, 'lost-set', uid);
  });

  it('a node that falls silent for a while makes it Degraded, then Ready on the same pool', async () => {
    const uid = await makeReady(platform, workspaceDocument('silent-node'));
    const held = await poolsOf(uid);
    const [node = ''] = readState(platform, 'silent-node')?.workerNodes ?? [];
    platform.azure.faults.set({
      nodes: [{ match: { node }, effect: 'notReady', afterSeconds: 0, forSeconds: 900 }],
    });
    await untilPhase(platform, 'silent-node', 'Degraded');
    await untilPhase(platform, 'silent-node', 'Ready');
    assert.deepEqual(await poolsOf(uid), held);
    await askForDelete(platform, 'http', 'silent-node');
    await untilNothingLeft(platform, 'silent-node', uid);
  });

  for (const phase of ['Provisioning', 'Deploying', 'Ready']) {
    it(`a record torn out by hand while ${phase} takes its pool and objects with it`, async () => {
      const name = `torn-${phase.toLowerCase()}`;
      const answer = await platform.request('POST', '/workspaces', workspaceDocument(name));
      assert.equal(answer.status, 202, answer.text);
      await untilPhase(platform, name, phase);
      await platform.until('it holds a pool', async () => {
        const state = readState(platform, name);
        return state !== undefined && (await poolsOf(state.uid)).length === 1;
      });
      const uid = readState(platform, name)?.uid ?? '';
      const key = { namespace: 'default', name };
      platform.store.mutate(workspaceType, key, (object) => {
        delete object.metadata.finalizers;
      });
      platform.store.remove(workspaceType, key);
      assert.equal(phaseOf(platform, name), 'Gone');
      await platform.until('its pool is gone', async () => (await poolsOf(uid)).length === 0);
      await platform.until(
        'its orchestration has ended',
        async () => (await orchestrationOf(platform, name, uid)) === 'Completed',
      );
      assert.deepEqual(objectsOf(platform, name), []);
    });
  }

  it('a pool with our tags and no record goes after a grace, a pool without them is never touched', async () => {
    const tags = {
      'slipway-workspace': 'demo/default/nobody',
      'slipway-workspace-uid': '00000000-0000-4000-8000-000000000000',
      'slipway-generation': '1',
      'slipway-owner': 'test',
    };
    await makePool(platform, 'wsabandoned', tags);
    await makePool(platform, 'wsforeign', { team: 'research' });
    await platform.pass(300);
    assert.equal(await poolExists(platform, 'wsabandoned'), true, 'not before its grace is over');
    await platform.until('the orphan is gone', async () => !(await poolExists(platform, 'wsabandoned')));
    await platform.pass(3600);
    assert.equal(await poolExists(platform, 'wsforeign'), true);
  });

  it('a model too large for one machine is served by three nodes of one pool', async () => {
    const document = workspaceDocument('large', { preset: 'llama-3.3-70b-instruct' });
    const uid = await makeReady(platform, withAccess(document));
    const state = readState(platform, 'large');
    assert.equal(state?.workerNodes.length, 3);
    assert.equal((await poolsOf(uid)).length, 1);
    assert.equal(objectsOf(platform, 'large').filter((object) => object.startsWith('pods/')).length, 3);
    await askForDelete(platform, 'http', 'large');
    await untilNothingLeft(platform, 'large', uid);
  });
});

/** Llama is gated: its preset wants the secret that opens the weights. */
function withAccess(document: Record<string, unknown>): Record<string, unknown> {
  return {
    ...document,
    inference: {
      preset: { name: 'llama-3.3-70b-instruct', presetOptions: { modelAccessSecret: 'hub-token' } },
    },
  };
}
