import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseManagedClusterId } from '../../../shared/azure/resource-id.ts';

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
