import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PoolTag } from '../../../shared/provisioning/node-provisioner.ts';
import { toPoolRequest } from '../../../shared/reconcile/pool-request.ts';
import { inferenceTolerations } from '../../../shared/manifests/scheduling.ts';
import { allocation, plan } from '../lifecycle/support/snapshots.ts';
import { workspace } from '../planning/workspaces.ts';
import { FakeWorld } from './support/fake-services.ts';

const { services } = new FakeWorld();
const requested = (instanceType: string) =>
  toPoolRequest({
    services,
    cluster: 'main',
    workspace: workspace({ instanceType: 'Standard_NC24ads_A100_v4' }),
    uid: 'uid',
    allocation: allocation({ instanceType, rung: 1, generation: 3, count: 2 }),
  });

describe('the pool that an allocation wishes for', () => {
  it('has the size and the labels of the rung, not of what was asked for first', () => {
    const first = requested('Standard_NC24ads_A100_v4');
    assert.equal(first.labels['accelerator'], 'nvidia');
    const fallback = requested('Standard_NG32ads_V620_v1');
    assert.equal(fallback.instanceType, 'Standard_NG32ads_V620_v1');
    assert.equal(fallback.labels['accelerator'], undefined, 'an AMD size is no NVIDIA one');
  });

  it('carries whose it is: workspace, uid, generation, owner', () => {
    const { tags } = requested('Standard_NC24ads_A100_v4');
    const names = [PoolTag.workspace, PoolTag.uid, PoolTag.generation, PoolTag.owner];
    assert.match(tags[PoolTag.workspace] ?? '', /^main\/default\//);
    assert.deepEqual(
      names.slice(1).map((name) => tags[name]),
      ['uid', '3', 'slipway-test'],
    );
  });

  it('is tainted for GPUs, and pods tolerate that and the taint AKS puts on spot nodes', () => {
    assert.deepEqual(requested('Standard_NC24ads_A100_v4').taints, ['sku=gpu:NoSchedule']);
    const tolerated = inferenceTolerations(plan()).map(({ key, value }) => `${key ?? ''}=${value ?? ''}`);
    assert.ok(tolerated.includes('sku=gpu'));
    assert.ok(tolerated.includes('kubernetes.azure.com/scalesetpriority=spot'));
  });
});
