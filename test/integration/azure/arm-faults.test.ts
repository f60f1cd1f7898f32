import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { gpuPool, pathOf, refusal, resourceGroup, startArm } from './arm-harness.ts';
import type { ArmHarness } from './arm-harness.ts';
import { rawRequest } from './raw-request.ts';

describe('what can go wrong at ARM', () => {
  let arm: ArmHarness;
  beforeEach(async () => {
    arm = await startArm([{ name: 'aks' }, { name: 'narrow', operationLock: 'cluster' }]);
  });
  afterEach(() => arm.stop());

  const put = (name: string, pool = gpuPool, cluster = 'aks') =>
    arm.client.agentPools.createOrUpdate(resourceGroup, cluster, name, pool).submitted();
  const faults = () => arm.subscription.context.state.faults;

  it('refuses a second operation on the same pool with 409, whatever the lock', async () => {
    await put('a');
    const error = await refusal(put('a'));
    assert.equal(error.statusCode, 409);
    assert.equal(error.code, 'OperationNotAllowed');
    assert.match(error.message, /in progress create node pool operation/);
  });

  it('runs different pools side by side with a lock per pool, one at a time with a lock per cluster', async () => {
    await put('a');
    await put('b');
    await put('a', gpuPool, 'narrow');
    const error = await refusal(put('b', gpuPool, 'narrow'));
    assert.equal(error.statusCode, 409);
    assert.match(error.message, /Another agentpool operation \(a - Creating\)/);
    arm.clock.advanceTo(arm.clock.now() + 600_000);
    await put('b', gpuPool, 'narrow');
  });

  it('leaves a pool Failed after a failed create, with the telling code in the details', async () => {
    faults().set({
      outcomes: [
        {
          match: { vmSize: 'Standard_NC24*', pool: 'a' },
          times: 1,
          outcome: {
            type: 'fail',
            afterSeconds: 700,
            code: 'ResourceOperationFailure',
            message: 'The operation failed.',
            details: [{ code: 'ZonalAllocationFailed', message: 'Allocation failed in zone 1.' }],
          },
        },
      ],
    });
    const poller = arm.client.agentPools.createOrUpdate(resourceGroup, 'aks', 'a', gpuPool);
    await poller.submitted();
    arm.clock.step();
    await assert.rejects(poller.pollUntilDone(), /ResourceOperationFailure/);
    const pool = await arm.client.agentPools.get(resourceGroup, 'aks', 'a');
    assert.equal(pool.provisioningState, 'Failed');
    assert.equal(pool.status?.provisioningError?.details?.[0]?.code, 'ZonalAllocationFailed');
    await put('a');
  });

  it('never ends a stuck create until it is deleted', async () => {
    faults().set({ outcomes: [{ match: { pool: 'a' }, outcome: { type: 'stuck' } }] });
    await put('a');
    arm.clock.advanceTo(arm.clock.now() + 24 * 3_600_000);
    assert.equal((await arm.client.agentPools.get(resourceGroup, 'aks', 'a')).provisioningState, 'Creating');
    faults().clear();
    await arm.client.agentPools.delete(resourceGroup, 'aks', 'a').submitted();
    arm.clock.step();
    assert.equal((await refusal(arm.client.agentPools.get(resourceGroup, 'aks', 'a'))).statusCode, 404);
  });

  it('knows which capacity reservation groups there are, and of which size', async () => {
    const group =
      '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/capacityReservationGroups/gpus';
    const reserved = { ...gpuPool, capacityReservationGroupID: group };
    faults().set({ limits: { capacityReservations: [] } });
    assert.equal((await refusal(put('a', reserved))).statusCode, 404);
    faults().set({ limits: { capacityReservations: [{ group, vmSizes: ['Standard_ND96isr_H100_v5'] }] } });
    assert.match((await refusal(put('a', reserved))).message, /no capacity reservation for VM size/);
    faults().set({ limits: { capacityReservations: [{ group, vmSizes: [gpuPool.vmSize] }] } });
    await put('a', reserved);
  });

  it('refuses with the numbers that its usages list', async () => {
    faults().set({ limits: { quota: { StandardNCADSA100v4Family: 30 } } });
    await put('a');
    const error = await refusal(put('b'));
    assert.equal(error.code, 'ErrCode_InsufficientVCPUQuota');
    assert.match(error.message, /requested 24, remaining 6 for family StandardNCADSA100v4Family/);
    const spot = { ...gpuPool, scaleSetPriority: 'Spot' };
    faults().set({ limits: { quota: { lowPriorityCores: 10 } } });
    assert.match(
      (await refusal(put('c', spot))).message,
      /LowPriorityCores quota.*Current Limit: 10, Current Usage: 0/,
    );
  });

  it('refuses by script only the zone and priority it names', async () => {
    faults().set({
      outcomes: [
        {
          match: { zone: '1', priority: 'Spot' },
          outcome: {
            type: 'refuse',
            status: 409,
            code: 'SkuNotAvailable',
            message: 'Capacity Restrictions',
            shape: 'arm',
          },
        },
      ],
    });
    await put('a');
    await put('b', { ...gpuPool, ...{ availabilityZones: ['1'] } });
    const spot = { ...gpuPool, availabilityZones: ['1'], scaleSetPriority: 'Spot' };
    const error = await refusal(put('c', spot));
    assert.equal(error.code, 'SkuNotAvailable');
    await put('d', { ...gpuPool, ...{ availabilityZones: ['2'], scaleSetPriority: 'Spot' } });
    const pool = await arm.client.agentPools.get(resourceGroup, 'aks', 'd');
    assert.deepEqual(pool.nodeTaints?.at(-1), 'kubernetes.azure.com/scalesetpriority=spot:NoSchedule');
  });

  it('refuses what exceeds the quota, and its usages say the same', async () => {
    faults().set({ limits: { quota: { StandardNCADSA100v4Family: 24 } } });
    await put('a');
    const error = await refusal(put('b'));
    assert.equal(error.code, 'ErrCode_InsufficientVCPUQuota');
    assert.match(error.message, /requested 24, remaining 0 for family StandardNCADSA100v4Family/);
    const path = `/subscriptions/${arm.subscription.context.subscriptionId}/providers/Microsoft.Compute/locations/eastus/usages?api-version=2024-07-01`;
    const usages = (await rawRequest(arm, 'GET', path)).text;
    assert.match(usages, /"currentValue":24,"limit":24,"name":\{"value":"StandardNCADSA100v4Family"/);
  });

  it('shows a restricted size in the SKU list and refuses it at create', async () => {
    faults().set({ limits: { restrictedSizes: [{ vmSize: 'Standard_NC24ads_A100_v4' }] } });
    assert.equal((await refusal(put('a'))).code, 'BadRequest');
    const path = `/subscriptions/${arm.subscription.context.subscriptionId}/providers/Microsoft.Compute/skus?api-version=2021-07-01&$filter=location eq 'eastus'`;
    const skus = (await rawRequest(arm, 'GET', encodeURI(path))).text;
    assert.match(skus, /"name":"Standard_NC24ads_A100_v4".*?"reasonCode":"NotAvailableForSubscription"/);
  });

  it('throttles reads with 429 and Retry-After until virtual time has passed', async () => {
    for (let call = 0; call < 60; call++) await arm.client.agentPools.get(resourceGroup, 'aks', 'nodepool1');
    const error = await refusal(arm.client.agentPools.get(resourceGroup, 'aks', 'nodepool1'));
    assert.equal(error.statusCode, 429);
    assert.equal(error.code, 'Throttled');
    assert.equal(error.response?.headers.get('retry-after'), '1');
    arm.clock.advanceTo(arm.clock.now() + 1000);
    await arm.client.agentPools.get(resourceGroup, 'aks', 'nodepool1');
  });

  it('breaks, breaks after applying, and refuses by HTTP fault, as often as the rule says', async () => {
    faults().set({
      http: [
        { match: { method: 'PUT', path: '*/agentPools/a' }, times: 1, action: { type: 'reset' } },
        {
          match: { operation: 'AgentPools_CreateOrUpdate', path: '*/a' },
          skip: 0,
          times: 1,
          action: { type: 'applyThenReset' },
        },
        {
          match: { operation: 'AgentPools_Get' },
          skip: 1,
          times: 1,
          action: { type: 'status', status: 503, retryAfterSeconds: 7 },
        },
      ],
    });
    await assert.rejects(put('a'), /ECONNRESET|socket hang up/);
    assert.equal((await refusal(arm.client.agentPools.get(resourceGroup, 'aks', 'a'))).statusCode, 404);
    await assert.rejects(put('a'), /ECONNRESET|socket hang up/);
    const busy = await refusal(arm.client.agentPools.get(resourceGroup, 'aks', 'a'));
    assert.equal(busy.statusCode, 503);
    assert.equal(busy.response?.headers.get('retry-after'), '7');
    assert.equal((await arm.client.agentPools.get(resourceGroup, 'aks', 'a')).provisioningState, 'Creating');
  });

  it('answers a delayed request once virtual time has come', async () => {
    faults().set({
      http: [{ match: { operation: 'AgentPools_List' }, action: { type: 'delay', seconds: 30 } }],
    });
    const list = rawRequest(arm, 'GET', pathOf('aks', '/agentPools'));
    while (arm.clock.nextDue() === undefined) await new Promise((resolve) => setImmediate(resolve));
    arm.clock.step();
    assert.equal((await list).status, 200);
  });

  it('speaks all three error shapes', async () => {
    const aks = await rawRequest(arm, 'GET', pathOf('aks', '/agentPools/none'));
    assert.match(aks.text, /^\{"code":"NotFound","details":null,"message":"[^"]+","subcode":"[^"]*"\}$/);
    const parent = await rawRequest(arm, 'GET', pathOf('none', '/agentPools/none'));
    assert.match(parent.text, /^\{"error":\{"code":"ParentResourceNotFound",/);
    const unknown = await rawRequest(arm, 'GET', pathOf('none'));
    assert.match(unknown.text, /^\{"error":\{"code":"ResourceNotFound",/);
  });

  it('refuses callers without the development token', async () => {
    const answer = await rawRequest(arm, 'GET', pathOf('aks'), { authorization: 'Bearer other' });
    assert.equal(answer.status, 401);
    assert.match(answer.text, /InvalidAuthenticationToken/);
  });

  it('allows a hundred pools per cluster', async () => {
    for (let index = 1; index < 100; index++) await put(`p${index}`);
    assert.equal((await refusal(put('p100'))).code, 'MaxAgentPoolCountReached');
  });
});
