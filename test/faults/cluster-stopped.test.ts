import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makePool, poolExists } from '../harness/azure-portal.ts';
import { isRecord, workspaceType } from '../harness/lives.ts';
import { poolName } from '../../shared/lifecycle/workspace-key.ts';
import { FaultyPlatform } from './support/faulty-platform.ts';

const hours = 3600;
const abandoned = {
  'slipway-workspace': 'demo/default/nobody',
  'slipway-workspace-uid': '00000000-0000-4000-8000-000000000000',
  'slipway-owner': 'test',
};

describe('what is wished, and what runs out, while a cluster is stopped', () => {
  let platform: FaultyPlatform;
  before(async () => {
    platform = await FaultyPlatform.start();
  });
  after(() => platform.stop());

  /** Every phase and code that its story tells. */
  const storyOf = (name: string): string[] => {
    const record = platform.harness.store.get(workspaceType, { namespace: 'default', name });
    const status = isRecord(record?.['status']) ? record['status'] : {};
    const slipway = isRecord(status['slipway']) ? status['slipway'] : {};
    const trail = Array.isArray(slipway['trail']) ? slipway['trail'].filter(isRecord) : [];
    return trail.map(({ what }) => String(what));
  };
  const deletes = (): number => platform.harness.azure.counts().methods['DELETE'] ?? 0;
  const machineRemovals = (): number =>
    platform.harness.azure.counts().operations['AgentPools_DeleteMachines'] ?? 0;

  it('nothing is deleted: no workspace that is being deleted, no orphan, no silent machine', async () => {
    await platform.submit('served');
    await platform.submit('going');
    await platform.untilAll(['served', 'going'], 'Ready');
    await platform.submit('coming');
    await platform.submit('slow');
    platform.faults({
      pods: [{ match: { name: 'coming-0' }, effect: 'neverReady' }],
      nodes: [{ match: { pool: poolName(platform.state('slow')?.uid ?? '', 1, 0) }, effect: 'neverReady' }],
      http: [{ match: { method: 'DELETE' }, action: { type: 'status', status: 500 } }],
    });
    await makePool(platform.harness, 'wsabandoned', abandoned);
    await platform.untilPhase('coming', 'Deploying');
    await platform.until('Azure is at rest', async () => (await platform.busyPools()).length === 0);
    assert.equal(platform.state('slow')?.phase, 'Provisioning');
    assert.match((await platform.get('/orphans')).text, /wsabandoned/);
    const accepted = await platform.delete('going');
    assert.equal(accepted.status, 202, accepted.text);
    await platform.untilPhase('going', 'Deleting');
    await platform.operateCluster('POST', '/stop');
    await platform.harness.pass(300);
    platform.heal();
    const before = [deletes(), machineRemovals()];
    await platform.harness.pass(6 * hours);
    assert.deepEqual([deletes(), machineRemovals()], before);
    assert.equal(await poolExists(platform.harness, 'wsabandoned'), true);
    assert.equal((await platform.poolsOf('going')).length, 1);
    assert.equal((await platform.poolsOf('served')).length, 1);
  });

  it('started again: what was wished is done, and nobody has failed because time went by', async () => {
    const removals = machineRemovals();
    await platform.operateCluster('POST', '/start');
    await platform.untilPhase('going', 'Gone');
    await platform.until(
      'the orphan is gone',
      async () => !(await poolExists(platform.harness, 'wsabandoned')),
    );
    const lives = ['served', 'coming', 'slow'];
    await platform.untilAll(lives, 'Ready');
    for (const name of lives) {
      assert.ok(!storyOf(name).includes('Failed'), `${name}: ${storyOf(name).join(', ')}`);
      assert.ok(!storyOf(name).includes('NodesReplaced'), `${name}: ${storyOf(name).join(', ')}`);
    }
    assert.equal(machineRemovals(), removals, 'silent machines had time to come back');
    await platform.deleteCleanly(...lives);
  });
});
