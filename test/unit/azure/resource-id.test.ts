import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseManagedClusterId, readClusterResource } from '../../../shared/azure/resource-id.ts';

const subscriptionId = '11111111-2222-3333-4444-555555555555';
const group = `/subscriptions/${subscriptionId}/resourceGroups/rg-1.(a)`;
const provider = '/providers/Microsoft.ContainerService/managedClusters';

describe('a cluster’s resource id', () => {
  it('gives its parts', () => {
    assert.deepEqual(parseManagedClusterId(`${group}${provider}/aks_1`), {
      subscriptionId,
      resourceGroup: 'rg-1.(a)',
      clusterName: 'aks_1',
    });
  });

  for (const id of [
    '',
    group,
    `${group}${provider}`,
    `${group}${provider}/`,
    `${group}${provider}/a/agentPools/b`,
    `https://management.azure.com${group}${provider}/a`,
    `/subscriptions/not-a-guid/resourceGroups/a${provider}/a`,
    `${group}/providers/Microsoft.Compute/virtualMachines/a`,
  ]) {
    it(`is not ${id || 'empty'}`, () => assert.equal(parseManagedClusterId(id), undefined));
  }
});

describe('what Azure tells about a resource', () => {
  const cluster = `${group}${provider}/aks_1`;

  it('is about the cluster itself, one of its pools, or what such a pool has', () => {
    assert.deepEqual(readClusterResource(cluster), { cluster });
    assert.deepEqual(readClusterResource(`${cluster}/agentPools/ws1`), { cluster, pool: 'ws1' });
    assert.deepEqual(readClusterResource(`${cluster}/agentPools/ws1/machines/m0`), { cluster, pool: 'ws1' });
  });

  it('is read in any case, as Azure writes ids', () => {
    const shouted = `${cluster}/agentPools/ws1`.toUpperCase();
    assert.deepEqual(readClusterResource(shouted), { cluster: cluster.toUpperCase(), pool: 'WS1' });
  });

  for (const id of [
    '',
    group,
    `${cluster}/`,
    `${cluster}/agentPools/`,
    `${cluster}/maintenanceConfigurations/default`,
    `${group}/providers/Microsoft.Compute/virtualMachineScaleSets/aks-ws1-12345678-vmss`,
    `/subscriptions/not-a-guid/resourceGroups/a${provider}/a/agentPools/b`,
    `x${cluster}`,
  ]) {
    it(`is about nothing of ours: ${id || 'empty'}`, () => assert.equal(readClusterResource(id), undefined));
  }
});
