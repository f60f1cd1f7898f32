import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node';
import { gpuPool, pathOf, refusal, resourceGroup, startArm } from './arm-harness.ts';
import type { ArmHarness } from './arm-harness.ts';
import { rawRequest } from './raw-request.ts';

describe('managed clusters through the Azure SDK', () => {
  let arm: ArmHarness;
  beforeEach(async () => {
    arm = await startArm([
      { name: 'aks', location: 'westeurope' },
      { name: 'parked', powerState: 'Stopped' },
    ]);
  });
  afterEach(() => arm.stop());

  it('tells where a cluster is, how it identifies itself and whether it runs', async () => {
    const cluster = await arm.client.managedClusters.get(resourceGroup, 'aks');
    assert.equal(cluster.location, 'westeurope');
    assert.equal(cluster.powerState?.code, 'Running');
    assert.equal(cluster.provisioningState, 'Succeeded');
    assert.equal(cluster.identity?.type, 'SystemAssigned');
    assert.match(cluster.fqdn!, /^aks-dns-\d{8}\.hcp\.westeurope\.azmk8s\.io$/);
    assert.equal(cluster.agentPoolProfiles?.[0]?.name, 'nodepool1');
    const names = [];
    for await (const each of arm.client.managedClusters.listByResourceGroup(resourceGroup))
      names.push(each.name);
    assert.deepEqual(names, ['aks', 'parked']);
  });

  it('hands out a kubeconfig with server, CA and an exec section, and no secret', async () => {
    const { kubeconfigs } = await arm.client.managedClusters.listClusterUserCredentials(
      resourceGroup,
      'aks',
      { format: 'exec' },
    );
    const text = Buffer.from(kubeconfigs![0]!.value!).toString('utf8');
    const config = new KubeConfig();
    config.loadFromString(text);
    assert.equal(config.getCurrentCluster()?.server, 'https://127.0.0.1:6443/aks');
    assert.match(Buffer.from(config.getCurrentCluster()!.caData!, 'base64').toString(), /BEGIN CERTIFICATE/);
    assert.doesNotMatch(text, /token:|client-key/);
    assert.match(text, /kubelogin/);
    const admin = await refusal(arm.client.managedClusters.listClusterAdminCredentials(resourceGroup, 'aks'));
    assert.equal(admin.statusCode, 400);
  });

  it('refuses pool operations on a stopped cluster until it was started', async () => {
    const refused = await refusal(
      arm.client.agentPools.createOrUpdate(resourceGroup, 'parked', 'a', gpuPool).submitted(),
    );
    assert.equal(refused.code, 'OperationNotAllowed');
    assert.match(refused.message, /Stopped/);
    const start = arm.client.managedClusters.start(resourceGroup, 'parked');
    await start.submitted();
    const early = await refusal(
      arm.client.agentPools.createOrUpdate(resourceGroup, 'parked', 'a', gpuPool).submitted(),
    );
    assert.equal(early.statusCode, 409);
    arm.clock.step();
    await start.pollUntilDone();
    assert.equal((await arm.client.managedClusters.get(resourceGroup, 'parked')).powerState?.code, 'Running');
    await arm.client.agentPools.createOrUpdate(resourceGroup, 'parked', 'a', gpuPool).submitted();
  });

  it('forgets a deleted cluster, and a restart does not bring it back', async () => {
    const remove = arm.client.managedClusters.delete(resourceGroup, 'aks');
    await remove.submitted();
    arm.clock.step();
    await remove.pollUntilDone();
    await arm.crashAndReopen();
    const error = await refusal(arm.client.managedClusters.get(resourceGroup, 'aks'));
    assert.equal(error.code, 'ResourceNotFound');
  });

  it('finishes after a crash what fell due while it was away, and keeps its pools', async () => {
    const poller = arm.client.agentPools.createOrUpdate(resourceGroup, 'aks', 'a', gpuPool);
    await poller.submitted();
    await arm.crashAndReopen();
    assert.equal((await arm.client.agentPools.get(resourceGroup, 'aks', 'a')).provisioningState, 'Creating');
    arm.clock.advanceTo(arm.clock.now() + 3_600_000);
    await arm.crashAndReopen();
    const pool = await poller.pollUntilDone();
    assert.equal(pool.provisioningState, 'Succeeded');
  });

  it('sends what clients of long-running operations and rate limits read', async () => {
    const body = { properties: { vmSize: 'Standard_NC24ads_A100_v4', count: 1 } };
    const created = await rawRequest(arm, 'PUT', pathOf('aks', '/agentPools/a'), { body });
    assert.equal(created.status, 201);
    assert.match(
      String(created.headers['azure-asyncoperation']),
      /\/locations\/westeurope\/operations\/[0-9a-f-]{36}\?api-version=/,
    );
    assert.equal(created.headers['x-ms-ratelimit-remaining-subscription-writes'], '199');
    assert.equal(created.headers['x-ms-ratelimit-remaining-subscription-global-writes'], '2999');
    assert.ok(created.headers['retry-after']);
    const removed = await rawRequest(arm, 'DELETE', pathOf('aks', '/agentPools/a'));
    assert.equal(removed.status, 202);
    assert.match(removed.headers.location!, /operationresults/);
    assert.equal((await rawRequest(arm, 'DELETE', pathOf('aks', '/agentPools/none'))).status, 204);
  });
});
