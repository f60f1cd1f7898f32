import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Placement } from '../../../shared/planning/placement.ts';
import { regionalOnDemand } from '../../../shared/planning/placement.ts';
import { PoolTag } from '../../../shared/provisioning/node-provisioner.ts';
import type { PoolRequest } from '../../../shared/provisioning/node-provisioner.ts';
import { toAgentPool, withSize } from '../../../shared/provisioning/pool-body.ts';

const tags = {
  [PoolTag.workspace]: 'main/default/phi',
  [PoolTag.uid]: 'uid',
  [PoolTag.generation]: '1',
  [PoolTag.owner]: 'test',
  [PoolTag.expires]: '2026-03-02T08:00:00.000Z',
};
const request: PoolRequest = {
  name: 'ws1',
  instanceType: 'Standard_NC24ads_A100_v4',
  count: 2,
  diskGiB: 107,
  labels: { 'kaito.sh/workspace': 'phi' },
  userLabels: {},
  taints: ['sku=gpu:NoSchedule'],
  tags,
  osSku: 'AzureLinux',
  placement: regionalOnDemand,
};
const on = (placement: Partial<Placement>) =>
  toAgentPool({ ...request, placement: { ...regionalOnDemand, ...placement } });

describe('an agent pool as it is asked for', () => {
  it('is exactly this, on demand and anywhere in the region', () => {
    assert.deepEqual(toAgentPool(request), {
      typePropertiesType: 'VirtualMachineScaleSets',
      mode: 'User',
      osType: 'Linux',
      osSKU: 'AzureLinux',
      vmSize: 'Standard_NC24ads_A100_v4',
      count: 2,
      osDiskSizeGB: 107,
      gpuProfile: { driver: 'Install' },
      nodeLabels: { 'kaito.sh/workspace': 'phi' },
      nodeTaints: ['sku=gpu:NoSchedule'],
      tags,
    });
  });

  const drivers: [size: string, driver: string | undefined][] = [
    ['Standard_NC40ads_H100_v5', 'Install'],
    ['Standard_NC_of_tomorrow_v9', 'Install'],
    ['Standard_NG32ads_V620_v1', undefined],
    ['Standard_D8ds_v5', undefined],
  ];
  for (const [instanceType, driver] of drivers) {
    it(`${driver === undefined ? 'says nothing of a driver' : 'has NVIDIA’s driver installed'} on ${instanceType}`, () =>
      assert.equal(toAgentPool({ ...request, instanceType }).gpuProfile?.driver, driver));
  }

  it('of spot nodes says what happens at eviction and what is paid at most', () => {
    const { scaleSetPriority, scaleSetEvictionPolicy, spotMaxPrice } = on({
      priority: 'spot',
      spotMaxPrice: 1.5,
    });
    assert.deepEqual([scaleSetPriority, scaleSetEvictionPolicy, spotMaxPrice], ['Spot', 'Delete', 1.5]);
    assert.equal(on({ priority: 'spot' }).spotMaxPrice, -1, 'up to the on-demand price');
  });

  it('is in the zones and of the reservation that are asked for', () => {
    assert.deepEqual(on({ zones: ['1', '3'] }).availabilityZones, ['1', '3']);
    assert.equal(on({ capacityReservationGroup: '/groups/a' }).capacityReservationGroupID, '/groups/a');
  });

  it('keeps everything but its count when it is resized, and asks for no rollback of its image', () => {
    const read = { ...on({ priority: 'spot', zones: ['1'] }), eTag: 'e', nodeImageVersion: 'AKSUbuntu-1' };
    const { count, powerState, nodeImageVersion, ...rest } = withSize(read, 5, 'running');
    assert.deepEqual([count, powerState?.code, nodeImageVersion], [5, 'Running', undefined]);
    const { count: before, nodeImageVersion: image, ...kept } = read;
    assert.deepEqual({ ...kept, status: undefined, virtualMachineNodesStatus: undefined }, rest);
  });
});
