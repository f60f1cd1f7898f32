import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gpuPool, refusal, resourceGroup, startArm } from './arm-harness.ts';
import type { ArmHarness } from './arm-harness.ts';

describe('agent pools through the Azure SDK', () => {
  let arm: ArmHarness;
  before(async () => {
    arm = await startArm();
  });
  after(() => arm.stop());

  it('creates a pool: Creating at once, Succeeded after its time, one GET at the end', async () => {
    const poller = arm.client.agentPools.createOrUpdate(resourceGroup, 'aks', 'ws1', gpuPool);
    await poller.submitted();
    const creating = await arm.client.agentPools.get(resourceGroup, 'aks', 'ws1');
    assert.equal(creating.provisioningState, 'Creating');
    assert.equal(creating.tags?.['workspace'], 'aks/default/phi');
    arm.clock.step();
    const pool = await poller.pollUntilDone();
    assert.equal(pool.provisioningState, 'Succeeded');
    assert.equal(pool.vmSize, 'Standard_NC24ads_A100_v4');
    assert.equal(pool.count, 1);
    assert.notEqual(pool.eTag, creating.eTag);
    assert.equal(arm.server.counter.counts().operations['AgentPools_CreateOrUpdate'], 1);
  });

  it('lists the pools with the one the cluster was born with', async () => {
    const names = [];
    for await (const pool of arm.client.agentPools.list(resourceGroup, 'aks')) names.push(pool.name);
    assert.deepEqual(names, ['nodepool1', 'ws1']);
  });

  it('names machines as AKS names its nodes', async () => {
    const machines = [];
    for await (const machine of arm.client.machines.list(resourceGroup, 'aks', 'ws1')) machines.push(machine);
    assert.equal(machines.length, 1);
    assert.match(machines[0]!.name!, /^aks-ws1-\d{8}-vmss[0-9a-z]{6}$/);
    assert.match(
      machines[0]!.properties!.resourceId!,
      /virtualMachineScaleSets\/aks-ws1-\d{8}-vmss\/virtualMachines\/0$/,
    );
  });

  it('replaces a pool by PUT and refuses a stale eTag with 412', async () => {
    const before = await arm.client.agentPools.get(resourceGroup, 'aks', 'ws1');
    const poller = arm.client.agentPools.createOrUpdate(
      resourceGroup,
      'aks',
      'ws1',
      { ...gpuPool, count: 3 },
      { ifMatch: before.eTag! },
    );
    await poller.submitted();
    arm.clock.step();
    assert.equal((await poller.pollUntilDone()).count, 3);
    const stale = arm.client.agentPools.createOrUpdate(resourceGroup, 'aks', 'ws1', gpuPool, {
      ifMatch: before.eTag!,
    });
    const error = await refusal(stale.submitted());
    assert.equal(error.statusCode, 412);
    assert.equal(error.code, 'PreconditionFailed');
  });

  it('deletes single machines and lowers the count', async () => {
    const machines = [];
    for await (const machine of arm.client.machines.list(resourceGroup, 'aks', 'ws1'))
      machines.push(machine.name!);
    const poller = arm.client.agentPools.deleteMachines(resourceGroup, 'aks', 'ws1', {
      machineNames: [machines[1]!],
    });
    await poller.submitted();
    arm.clock.step();
    await poller.pollUntilDone();
    assert.equal((await arm.client.agentPools.get(resourceGroup, 'aks', 'ws1')).count, 2);
    const left = [];
    for await (const machine of arm.client.machines.list(resourceGroup, 'aks', 'ws1'))
      left.push(machine.name!);
    assert.deepEqual(left, [machines[0], machines[2]]);
  });

  it('is create-only with if-none-match: *', async () => {
    const poller = arm.client.agentPools.createOrUpdate(resourceGroup, 'aks', 'ws1', gpuPool, {
      ifNoneMatch: '*',
    });
    assert.equal((await refusal(poller.submitted())).statusCode, 412);
  });

  it('refuses to change the VM size of a pool', async () => {
    const poller = arm.client.agentPools.createOrUpdate(resourceGroup, 'aks', 'ws1', {
      ...gpuPool,
      vmSize: 'Standard_NC48ads_A100_v4',
    });
    const error = await refusal(poller.submitted());
    assert.equal(error.statusCode, 400);
    assert.match(error.message, /vmSize/);
  });

  it('deletes a pool: Deleting, then 404 in shape A, then 204 for what is absent', async () => {
    const poller = arm.client.agentPools.delete(resourceGroup, 'aks', 'ws1');
    await poller.submitted();
    assert.equal(
      (await arm.client.agentPools.get(resourceGroup, 'aks', 'ws1')).provisioningState,
      'Deleting',
    );
    arm.clock.step();
    await poller.pollUntilDone();
    const error = await refusal(arm.client.agentPools.get(resourceGroup, 'aks', 'ws1'));
    assert.equal(error.statusCode, 404);
    assert.equal(error.code, 'NotFound');
    assert.match(error.message, /Agent Pool not found/);
    await arm.client.agentPools.delete(resourceGroup, 'aks', 'ws1');
  });

  it('refuses bad names, unknown sizes and unknown zones with the field at fault', async () => {
    const badName = await refusal(
      arm.client.agentPools.createOrUpdate(resourceGroup, 'aks', 'Bad-Name', gpuPool).submitted(),
    );
    assert.equal(badName.code, 'InvalidParameter');
    const badSize = await refusal(
      arm.client.agentPools
        .createOrUpdate(resourceGroup, 'aks', 'ws2', { ...gpuPool, vmSize: 'Standard_NC6s_v3' })
        .submitted(),
    );
    assert.match(badSize.message, /not allowed in your subscription in location 'eastus'/);
    const badZone = await refusal(
      arm.client.agentPools
        .createOrUpdate(resourceGroup, 'aks', 'ws2', { ...gpuPool, availabilityZones: ['9'] })
        .submitted(),
    );
    assert.equal(badZone.code, 'AvailabilityZoneNotSupported');
  });

  it('keeps the last system pool', async () => {
    assert.equal(
      (await refusal(arm.client.agentPools.delete(resourceGroup, 'aks', 'nodepool1').submitted())).statusCode,
      400,
    );
  });

  it('ends an operation by abort, leaves the pool Canceled, and refuses an abort of nothing', async () => {
    const create = arm.client.agentPools.createOrUpdate(resourceGroup, 'aks', 'ws3', gpuPool);
    await create.submitted();
    const abort = arm.client.agentPools.abortLatestOperation(resourceGroup, 'aks', 'ws3');
    await abort.submitted();
    await assert.rejects(create.pollUntilDone());
    arm.clock.step();
    await abort.pollUntilDone();
    assert.equal(
      (await arm.client.agentPools.get(resourceGroup, 'aks', 'ws3')).provisioningState,
      'Canceled',
    );
    const again = arm.client.agentPools.abortLatestOperation(resourceGroup, 'aks', 'ws3');
    assert.equal((await refusal(again.submitted())).statusCode, 409);
  });

  it('lets a delete pre-empt the create of its own pool', async () => {
    const create = arm.client.agentPools.createOrUpdate(resourceGroup, 'aks', 'ws4', gpuPool);
    await create.submitted();
    const remove = arm.client.agentPools.delete(resourceGroup, 'aks', 'ws4');
    await remove.submitted();
    await assert.rejects(create.pollUntilDone());
    arm.clock.step();
    await remove.pollUntilDone();
    assert.equal((await refusal(arm.client.agentPools.get(resourceGroup, 'aks', 'ws4'))).statusCode, 404);
  });
});
