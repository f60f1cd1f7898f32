import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FaultyPlatform } from './support/faulty-platform.ts';

const hours = 3600;

describe('a cluster that is stopped, started and deleted', () => {
  let platform: FaultyPlatform;
  before(async () => {
    platform = await FaultyPlatform.start();
  });
  after(() => platform.stop());

  const generations = (name: string): (number | undefined)[] =>
    (platform.state(name)?.pools ?? []).map(({ generation }) => generation);

  it('stopped: workspaces are parked, nothing is deleted, and HTTP says what to do', async () => {
    await platform.submit('served');
    await platform.untilPhase('served', 'Ready');
    await platform.submit('loading');
    await platform.untilPhase('loading', 'Deploying');
    await platform.operateCluster('POST', '/stop');
    await platform.harness.pass(600);
    const deletes = (): number => platform.harness.azure.counts().methods['DELETE'] ?? 0;
    const before = deletes();
    const refused = await platform.post('refused');
    assert.equal(refused.status, 503, refused.text);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    assert.match(refused.text, /az aks show/);
    await platform.harness.pass(6 * hours);
    assert.equal(deletes(), before);
    assert.deepEqual(generations('served'), [1]);
    assert.deepEqual(generations('loading'), [1]);
  });

  it('started again: both go on, on the pools they had', async () => {
    await platform.operateCluster('POST', '/start');
    await platform.untilAll(['served', 'loading'], 'Ready');
    await platform.harness.pass(1200);
    await platform.untilAll(['served', 'loading'], 'Ready');
    assert.deepEqual(generations('served'), [1]);
    assert.deepEqual(generations('loading'), [1]);
    assert.equal((await platform.poolsOf('served')).length, 1);
    await platform.deleteCleanly('served');
  });

  it('deleted: its orchestrations end, and nobody asks for it for ever', async () => {
    assert.ok((await platform.runningOrchestrations()).some((id) => id.startsWith('ws-')));
    await platform.operateCluster('DELETE');
    await platform.harness.pass(3 * hours);
    const left = await platform.runningOrchestrations();
    assert.deepEqual(
      left.filter((id) => id.startsWith('ws-')),
      [],
    );
    assert.deepEqual(platform.secretsTold(), []);
  });
});
