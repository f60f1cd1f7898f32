import { regionalOnDemand } from '../../../shared/planning/placement.ts';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createNodeProvisioner } from '../../../shared/provisioning/create-node-provisioner.ts';
import type { NodeProvisioner, PoolRequest } from '../../../shared/provisioning/node-provisioner.ts';
import { PoolTag, ProvisioningError } from '../../../shared/provisioning/node-provisioner.ts';
import type { Nature } from './node-provisioner.contract.ts';
import { nodeProvisionerContract } from './node-provisioner.contract.ts';
import type { SimulatedAzure } from './simulated-azure.ts';
import { startSimulatedAzure } from './simulated-azure.ts';

const instanceType = 'Standard_NC24ads_A100_v4';

/** A scripted refusal. */
interface Facts {
  status: number;
  code: string;
  message: string;
  details?: { code: string; message: string }[];
  retryAfterSeconds?: number;
}

const nature: Nature = {
  instanceType,
  begins: 'creating',
  ends: 'deleting',
  unreachable: 'AzureUnreachable',
  namesNodes: false,
  mayLackCapacity: true,
};

nodeProvisionerContract('AKS agent pools', nature, async () => {
  const simulated = await startSimulatedAzure();
  const { client, clusterId, azure } = simulated;
  const until: SimulatedAzure['until'] = (what, condition) => simulated.until(what, condition);
  const { resourceGroup, clusterName } = clusterId;
  const { connection } = simulated;
  const provisioner = createNodeProvisioner({ client, cluster: clusterId, connection });
  return {
    provisioner,
    until,
    stop: () => simulated.stop(),
    async makeForeignPool(name) {
      const pool = { count: 1, vmSize: 'Standard_D4ds_v5', mode: 'User', osType: 'Linux' };
      await client.agentPools.createOrUpdate(resourceGroup, clusterName, name, pool).submitted();
      await until(
        `${name} made`,
        async () => (await provisioner.list()).find((one) => one.name === name)?.state === 'succeeded',
      );
    },
    failNextCreate(pool) {
      const details = [{ code: 'AllocationFailed', message: 'No capacity.' }];
      const code = 'ReconcileVMSSAgentPoolFailed';
      const outcome = { type: 'fail' as const, afterSeconds: 60, code, message: 'failed', details };
      azure.faults.add({ outcomes: [{ match: { pool, operation: 'create' }, times: 1, outcome }] });
    },
    loseAnswer() {
      azure.faults.add({
        http: [{ match: { method: 'PUT' }, times: 1, action: { type: 'applyThenReset' } }],
      });
    },
  };
});

describe('agent pools of AKS', () => {
  let simulated: SimulatedAzure;
  let provisioner: NodeProvisioner;
  before(async () => {
    simulated = await startSimulatedAzure();
    const { client, clusterId, connection } = simulated;
    provisioner = createNodeProvisioner({ client, cluster: clusterId, connection });
  });
  after(() => simulated.stop());

  const request = (name: string, more: Partial<PoolRequest> = {}): PoolRequest => ({
    name,
    instanceType,
    count: 1,
    diskGiB: 256,
    labels: { 'kaito.sh/workspace': 'phi' },
    userLabels: { apps: 'phi' },
    taints: ['sku=gpu:NoSchedule'],
    tags: { [PoolTag.workspace]: 'main/default/phi', [PoolTag.uid]: 'uid', [PoolTag.owner]: 'test' },
    osSku: 'AzureLinux',
    placement: regionalOnDemand,
    ...more,
  });
  const failing = async (call: Promise<unknown>): Promise<ProvisioningError['failure']> => {
    const error: unknown = await call.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof ProvisioningError, String(error));
    return error.failure;
  };
  const answer = (method: string, facts: Facts): void =>
    simulated.azure.faults.set({
      http: [
        {
          match: { method, operation: 'AgentPools_*' },
          times: 1,
          action: { type: 'status', shape: 'aks', ...facts },
        },
      ],
    });

  it('are asked for with driver, labels, taints and disk, in no zone', async () => {
    await provisioner.create(request('ws1'));
    const { resourceGroup, clusterName } = simulated.clusterId;
    const pool = await simulated.client.agentPools.get(resourceGroup, clusterName, 'ws1');
    assert.equal(pool.gpuProfile?.driver, 'Install');
    assert.equal(pool.mode, 'User');
    assert.equal(pool.osSKU, 'AzureLinux');
    assert.equal(pool.osDiskSizeGB, 256);
    assert.equal(pool.typePropertiesType, 'VirtualMachineScaleSets');
    assert.deepEqual(pool.nodeLabels, { 'kaito.sh/workspace': 'phi' });
    assert.deepEqual(pool.nodeTaints, ['sku=gpu:NoSchedule']);
    assert.ok((pool.availabilityZones ?? []).length === 0);
  });

  it('are scaled to zero, stopped and started, as often as asked', async () => {
    const settled = (what: string): Promise<void> =>
      simulated.until(what, async () => {
        const pool = (await provisioner.list()).find(({ name }) => name === 'ws1');
        return pool?.state === 'succeeded';
      });
    const seen = async (): Promise<[number | undefined, string | undefined]> => {
      const pool = (await provisioner.list()).find(({ name }) => name === 'ws1');
      return [pool?.count, pool?.power];
    };
    await settled('made');
    assert.equal(await provisioner.scale('ws1', 2, 'stopped'), 'started');
    assert.deepEqual((await failing(provisioner.scale('ws1', 1))).class, 'wait');
    await settled('stopped');
    assert.deepEqual(await seen(), [1, 'stopped']);
    assert.equal(await provisioner.scale('ws1', 9, 'stopped'), 'unchanged');
    assert.equal(await provisioner.scale('ws1', 1, 'running'), 'started');
    await settled('started');
    assert.deepEqual(await seen(), [1, undefined]);
    assert.equal(await provisioner.scale('ws1', 0), 'started');
    await settled('empty');
    assert.deepEqual(await seen(), [0, undefined]);
    assert.equal(await provisioner.scale('ws1', 0), 'unchanged');
    simulated.azure.faults.set({ limits: { quota: { StandardNCADSA100v4Family: 0 } } });
    const refused = await failing(provisioner.scale('ws1', 1));
    simulated.azure.faults.set({});
    assert.deepEqual([refused.class, refused.code], ['next-rung', 'InsufficientQuota']);
    const { resourceGroup, clusterName } = simulated.clusterId;
    const pool = await simulated.client.agentPools.get(resourceGroup, clusterName, 'ws1');
    assert.deepEqual([pool.gpuProfile?.driver, pool.osDiskSizeGB], ['Install', 256]);
  });

  it('that were asked for before are looked for first and adopted by their tags: no second write', async () => {
    const { client, clusterId, azure } = simulated;
    const writes = (): number => azure.counts().operations['AgentPools_CreateOrUpdate'] ?? 0;
    const read = () => client.agentPools.get(clusterId.resourceGroup, clusterId.clusterName, 'ws8');
    assert.equal(
      await provisioner.create(request('ws8'), { repeated: true }),
      'started',
      'nothing was there',
    );
    const [before, { eTag }] = [writes(), await read()];
    assert.equal(await provisioner.create(request('ws8'), { repeated: true }), 'exists');
    assert.equal(writes(), before);
    assert.ok(eTag !== undefined && (await read()).eTag === eTag, 'the pool is as it was');
    const others = request('ws8', { tags: { ...request('ws8').tags, [PoolTag.uid]: 'another' } });
    assert.equal((await failing(provisioner.create(others, { repeated: true }))).code, 'PoolNameTaken');
    assert.equal(writes(), before);
  });

  it('wait while another operation is in progress', async () => {
    answer('PUT', {
      status: 409,
      code: 'OperationNotAllowed',
      message: 'Another operation (Updating) is in progress',
    });
    const failure = await failing(provisioner.create(request('ws2')));
    assert.deepEqual(
      [failure.class, failure.code, failure.retryAfterSeconds],
      ['wait', 'OperationInProgress', 30],
    );
  });

  it('are understood by a code that stands only in the details of a refusal', async () => {
    const details = [{ code: 'SubnetIsFull', message: 'No address is left.' }];
    answer('PUT', { status: 400, code: 'CreateVMSSAgentPoolFailed', message: 'See details.', details });
    const failure = await failing(provisioner.create(request('ws2')));
    assert.deepEqual([failure.class, failure.code], ['operator', 'SubnetUnusable']);
    assert.equal(failure.message, 'No address is left.');
  });

  it('wait as long as a throttled answer says, without holding the function', async () => {
    answer('GET', {
      status: 429,
      code: 'SubscriptionRequestsThrottled',
      message: 'slow',
      retryAfterSeconds: 77,
    });
    const failure = await failing(provisioner.list());
    assert.deepEqual([failure.class, failure.code, failure.retryAfterSeconds], ['wait', 'Throttled', 77]);
  });

  it('are tried again after a server fault and a broken connection', async () => {
    answer('GET', { status: 500, code: 'InternalServerError', message: 'oops' });
    assert.equal((await failing(provisioner.list())).code, 'AzureFault');
    simulated.azure.faults.set({ http: [{ match: { method: 'GET' }, times: 1, action: { type: 'reset' } }] });
    assert.equal((await failing(provisioner.list())).code, 'AzureUnreachable');
  });

  it('lack quota with a remedy, before anything is made', async () => {
    simulated.azure.faults.set({
      limits: { quota: { StandardNCADSA100v4Family: 0 } },
    });
    const failure = await failing(provisioner.create(request('ws3')));
    assert.deepEqual([failure.class, failure.code], ['next-rung', 'InsufficientQuota']);
    assert.match(failure.remedy ?? '', /quota/);
    assert.equal(
      (await provisioner.list()).some(({ name }) => name === 'ws3'),
      false,
    );
    simulated.azure.faults.clear();
  });

  it('are scaled only as they were read: a change in between is told, not overwritten', async () => {
    const { client, clusterId } = simulated;
    await simulated.until(
      'ws1',
      async () => (await provisioner.list()).find(({ name }) => name === 'ws1')?.state === 'succeeded',
    );
    const { get } = client.agentPools;
    const stale = await get(clusterId.resourceGroup, clusterId.clusterName, 'ws1');
    await provisioner.scale('ws1', 2);
    await simulated.until(
      'ws1 scaled',
      async () => (await provisioner.list()).find(({ name }) => name === 'ws1')?.state === 'succeeded',
    );
    client.agentPools.get = () => Promise.resolve(stale);
    const failure = await failing(provisioner.scale('ws1', 3)).finally(() => (client.agentPools.get = get));
    assert.deepEqual([failure.class, failure.code], ['retry', 'PoolChanged']);
  });

  it('cost one read, however many there are', async () => {
    const before = simulated.azure.counts();
    await provisioner.list();
    const after = simulated.azure.counts();
    assert.equal(after.total - before.total, 1);
  });

  it('belong to a cluster that is stopped, or gone', async () => {
    const { client, clusterId } = simulated;
    await client.managedClusters.stop(clusterId.resourceGroup, clusterId.clusterName).submitted();
    await simulated.until('stopped', async () => (await provisioner.powerState()) === 'stopped');
    await client.managedClusters.delete(clusterId.resourceGroup, clusterId.clusterName).submitted();
    await simulated.until('gone', async () => (await provisioner.powerState()) === 'gone');
    assert.equal(await provisioner.delete('ws1'), 'absent');
  });
});
