import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { FaultyPlatform } from './support/faulty-platform.ts';

const leases = { group: 'coordination.k8s.io', version: 'v1', plural: 'leases' };
const ours = { namespace: 'slipway-system', name: 'slipway' };

describe('a cluster that another deployment owns', () => {
  let platform: FaultyPlatform;
  before(async () => {
    platform = await FaultyPlatform.start();
  });
  after(() => platform.stop());

  /** Another deployment has taken the Lease over and lives. */
  const takeOver = (): void => {
    const taken = platform.harness.store.mutate(leases, ours, (lease) => {
      const spec = typeof lease['spec'] === 'object' ? lease['spec'] : {};
      const renewTime = new Date(platform.harness.clock.now()).toISOString().replace('Z', '000Z');
      lease['spec'] = { ...spec, holderIdentity: 'another-deployment', renewTime };
    });
    assert.ok(taken, 'there is no Lease to take over');
  };

  it('nothing is asked of Azure and no status is written; the log names the owner and the remedy', async () => {
    await platform.until('the Lease is ours', () => platform.harness.store.get(leases, ours) !== undefined);
    takeOver();
    const writes = (): number => {
      const { methods } = platform.harness.azure.counts();
      return (methods['PUT'] ?? 0) + (methods['DELETE'] ?? 0);
    };
    const before = writes();
    await platform.submit('not-ours');
    await platform.harness.pass(1800);
    assert.equal(writes(), before);
    assert.equal(platform.state('not-ours')?.phase, 'Unseen');
    const loud = platform.harness.logLines.filter((line) => line.includes('ClusterOwnedByAnother'));
    assert.ok(loud.length > 0, 'the log says nothing');
    assert.match(loud[0] ?? '', /another-deployment/);
    assert.match(loud[0] ?? '', /delete the Lease slipway-system\/slipway/);
  });

  it('when the other one is gone, this deployment takes over and the workspace becomes Ready', async () => {
    platform.harness.store.remove(leases, ours);
    await platform.untilPhase('not-ours', 'Ready');
    await platform.deleteCleanly('not-ours');
    assert.deepEqual(platform.secretsTold(), []);
  });
});
