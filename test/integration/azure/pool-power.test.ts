import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { AgentPool } from '@azure/arm-containerservice';
import { regionUsages } from '../../../infra/local/azure/quota.ts';
import type { PoolRecord } from '../../../infra/local/azure/records.ts';
import { gpuPool, refusal, resourceGroup, startArm } from './arm-harness.ts';
import type { ArmHarness } from './arm-harness.ts';

describe('the power of agent pools', () => {
  let arm: ArmHarness;
  before(async () => {
    arm = await startArm();
  });
  after(() => arm.stop());

  /** A PUT, from acceptance to its end. Answers with what was told while it ran, and after. */
  const put = async (pool: AgentPool): Promise<{ running: AgentPool; ended: AgentPool }> => {
    const poller = arm.client.agentPools.createOrUpdate(resourceGroup, 'aks', 'ws1', pool);
    await poller.submitted();
    const running = await arm.client.agentPools.get(resourceGroup, 'aks', 'ws1');
    arm.clock.step();
    return { running, ended: await poller.pollUntilDone() };
  };
  const poolOfTest = (): PoolRecord | undefined =>
    arm.subscription.context.state.pools.values().find(({ name }) => name === 'ws1');
  /** Names of machines with a node in the cluster, or about to have one. */
  const machinesOn = (): string[] => {
    const pool = poolOfTest();
    return (pool?.machines ?? []).filter(({ deallocated }) => deallocated !== true).map(({ name }) => name);
  };
  const coresInUse = (): number =>
    regionUsages(arm.subscription.context.state, 'eastus').find(
      ({ name }) => name === 'StandardNCADSA100v4Family',
    )?.currentValue ?? 0;

  it('stopped, a pool keeps its count, its machines and their cores; started, the same machines come back', async () => {
    await put({ ...gpuPool, count: 2 });
    const names = machinesOn();
    assert.equal(names.length, 2);
    const stopped = await put({ ...gpuPool, count: 2, powerState: { code: 'Stopped' } });
    assert.equal(stopped.running.provisioningState, 'Stopping');
    assert.deepEqual(
      [stopped.ended.provisioningState, stopped.ended.powerState?.code, stopped.ended.count],
      ['Succeeded', 'Stopped', 2],
    );
    assert.deepEqual(machinesOn(), []);
    assert.equal(coresInUse(), 48);

    const started = await put({ ...gpuPool, count: 2, powerState: { code: 'Running' } });
    assert.equal(started.running.provisioningState, 'Starting');
    assert.equal(started.ended.powerState?.code, 'Running');
    assert.deepEqual(machinesOn(), names);
  });

  it('scaled to zero, a pool has no machines and uses no cores; scaled up, it has new ones', async () => {
    const names = machinesOn();
    const empty = await put({ ...gpuPool, count: 0 });
    assert.deepEqual([empty.running.provisioningState, empty.ended.count], ['Scaling', 0]);
    assert.deepEqual(machinesOn(), []);
    assert.equal(coresInUse(), 0);
    await put({ ...gpuPool, count: 1 });
    assert.equal(machinesOn().length, 1);
    assert.ok(machinesOn().every((name) => !names.includes(name)));
  });

  it('a system pool is not stopped', async () => {
    const system = await arm.client.agentPools.get(resourceGroup, 'aks', 'nodepool1');
    const stop = arm.client.agentPools.createOrUpdate(resourceGroup, 'aks', 'nodepool1', {
      ...system,
      powerState: { code: 'Stopped' },
    });
    assert.equal((await refusal(stop.submitted())).statusCode, 400);
  });
});
