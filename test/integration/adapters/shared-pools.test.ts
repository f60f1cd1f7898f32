import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { regionalOnDemand } from '../../../shared/planning/placement.ts';
import { createNodeProvisioner } from '../../../shared/provisioning/create-node-provisioner.ts';
import type {
  NodeProvisioner,
  PoolRequest,
  PoolView,
} from '../../../shared/provisioning/node-provisioner.ts';
import { isRecord } from '../../../shared/workspace/json-object.ts';
import { PoolTag, ProvisioningError } from '../../../shared/provisioning/node-provisioner.ts';
import type { Nature } from './node-provisioner.contract.ts';
import { nodeProvisionerContract } from './node-provisioner.contract.ts';
import type { SimulatedAzure } from './simulated-azure.ts';
import { startSimulatedAzure } from './simulated-azure.ts';

const maps = { group: '', version: 'v1', plural: 'configmaps' };
const instanceType = 'Standard_NC24ads_A100_v4';

const nature: Nature = {
  instanceType,
  begins: 'creating',
  ends: 'deleting',
  unreachable: 'ClusterUnreachable',
  namesNodes: true,
  mayLackCapacity: true,
  shared: true,
};

nodeProvisionerContract('shares of a pool', nature, async () => {
  const simulated = await startSimulatedAzure();
  await simulated.connection.system.install();
  const { azure, cluster, client, clusterId } = simulated;
  const provisioner = sharing(provisionerOf(simulated));
  return {
    provisioner,
    until: (what, condition) => tending(simulated, provisioner, what, condition),
    stop: () => simulated.stop(),
    async makeForeignPool(name) {
      const { resourceGroup, clusterName } = clusterId;
      const pool = { count: 1, vmSize: 'Standard_D4ds_v5', mode: 'User', osType: 'Linux' };
      await client.agentPools.createOrUpdate(resourceGroup, clusterName, name, pool).submitted();
      cluster.api.store.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: `node-claim-${name}`,
          namespace: 'slipway-system',
          labels: { 'slipway.dev/kind': 'node-claim' },
        },
        data: { order: 'edited by hand' },
      });
      await simulated.until(
        `${name} made`,
        async () => (await viewOf(provisioner, name))?.state === 'succeeded',
      );
    },
    failNextCreate() {
      azure.faults.add({ outcomes: [{ match: { operation: 'create' }, times: 1, outcome: noCapacity }] });
    },
    loseAnswer() {
      const match = { method: 'POST', resource: 'configmaps' };
      cluster.api.setFaults([{ match, times: 1, action: 'applied-then-reset' }]);
    },
  };
});

const noCapacity = {
  type: 'fail' as const,
  afterSeconds: 60,
  code: 'ReconcileVMSSAgentPoolFailed',
  message: 'failed',
  details: [{ code: 'AllocationFailed', message: 'No capacity.' }],
};

describe('pools that allocations share', () => {
  let simulated: SimulatedAzure;
  let provisioner: NodeProvisioner;
  before(async () => {
    simulated = await startSimulatedAzure();
    await simulated.connection.system.install();
    provisioner = sharing(provisionerOf(simulated));
  });
  after(() => simulated.stop());

  const until = (what: string, condition: () => boolean | Promise<boolean>): Promise<void> =>
    tending(simulated, provisioner, what, condition);
  const view = async (name: string): Promise<PoolView> =>
    (await viewOf(provisioner, name)) ?? assert.fail(`${name} is not listed`);
  const succeeded = (...names: string[]): Promise<void> =>
    until(`${names.join()} succeeded`, async () =>
      (await Promise.all(names.map(view))).every(({ state }) => state === 'succeeded'),
    );
  const sharedPools = async (): Promise<PoolView[]> =>
    (await provisioner.list()).filter(({ name }) => name.startsWith('sh'));
  const counts = (): Record<string, number> => ({ ...simulated.azure.counts().operations });
  const nodeLabels = (name: string): Record<string, string> =>
    simulated.cluster.api.store.get({ group: '', version: 'v1', plural: 'nodes' }, { name })?.metadata
      .labels ?? assert.fail(`no node ${name}`);

  it('are one pool, made once for all claims there are', async () => {
    const before = counts();
    for (const name of ['c1', 'c2', 'c3']) await provisioner.create(request(name));
    assert.deepEqual(counts(), before, 'claims ask nothing of ARM');
    await succeeded('c1', 'c2', 'c3');
    const [pool, ...others] = await sharedPools();
    assert.deepEqual(others, []);
    assert.equal(pool?.count, 3);
    const puts = (counts()['AgentPools_CreateOrUpdate'] ?? 0) - (before['AgentPools_CreateOrUpdate'] ?? 0);
    assert.equal(puts, 1);
  });

  it('give each claim nodes of its own, with the labels of its workspace', async () => {
    const nodes = await Promise.all(['c1', 'c2', 'c3'].map(async (name) => (await view(name)).nodes ?? []));
    assert.equal(new Set(nodes.flat()).size, 3);
    const labels = nodeLabels(nodes[0]?.[0] ?? assert.fail('c1 has no node'));
    assert.equal(labels['kaito.sh/workspace'], 'phi-c1');
    assert.equal(labels['apps'], 'c1');
    assert.equal(labels['slipway.dev/pool'], 'c1');
  });

  it('lose exactly the machines of the claim that goes, by one call', async () => {
    const before = counts();
    const [kept, going, other] = await Promise.all(['c1', 'c2', 'c3'].map(view));
    await provisioner.delete('c2');
    await until('c2 gone', async () => (await viewOf(provisioner, 'c2')) === undefined);
    const names = (await simulated.connection.workloads.nodes()).map(({ name }) => name);
    for (const node of going?.nodes ?? []) assert.ok(!names.includes(node));
    for (const node of [...(kept?.nodes ?? []), ...(other?.nodes ?? [])]) assert.ok(names.includes(node));
    const [pool] = await sharedPools();
    assert.deepEqual([pool?.count, pool?.state], [2, 'succeeded']);
    const calls = (counts()['AgentPools_DeleteMachines'] ?? 0) - (before['AgentPools_DeleteMachines'] ?? 0);
    assert.equal(calls, 1);
  });

  it('grow by one write for several claims, and no node serves a second claim', async () => {
    const before = counts();
    const served = (await Promise.all(['c1', 'c3'].map(view))).flatMap(({ nodes = [] }) => nodes);
    for (const name of ['c4', 'c5']) await provisioner.create(request(name));
    await provisioner.delete('c3');
    await succeeded('c1', 'c4', 'c5');
    await until('c3 gone', async () => (await viewOf(provisioner, 'c3')) === undefined);
    for (const name of ['c4', 'c5']) {
      for (const node of (await view(name)).nodes ?? []) assert.ok(!served.includes(node), node);
    }
    const puts = (counts()['AgentPools_CreateOrUpdate'] ?? 0) - (before['AgentPools_CreateOrUpdate'] ?? 0);
    assert.equal(puts, 1);
    assert.equal((await sharedPools())[0]?.count, 3);
  });

  it('tell a claim that no quota is left, and let those that are served be', async () => {
    simulated.azure.faults.set({ limits: { quota: { StandardNCADSA100v4Family: 4 * 24 } } });
    for (const name of ['c6', 'c7', 'c8']) await provisioner.create(request(name));
    await until('one refused', async () => (await view('c8')).state === 'failed');
    await succeeded('c1', 'c4', 'c5', 'c6');
    const refused = await Promise.all(['c7', 'c8'].map(view));
    for (const { state, failure } of refused) {
      assert.deepEqual([state, failure?.class, failure?.code], ['failed', 'next-rung', 'InsufficientQuota']);
    }
    for (const name of ['c7', 'c8']) await provisioner.delete(name);
    await until('refused ones gone', async () => (await viewOf(provisioner, 'c7')) === undefined);
    simulated.azure.faults.clear();
    await succeeded('c1', 'c4', 'c5', 'c6');
    assert.equal((await sharedPools())[0]?.count, 4);
  });

  it('keep what a claim has when its growth is refused', async () => {
    simulated.azure.faults.set({ limits: { quota: { StandardNCADSA100v4Family: 0 } } });
    await provisioner.scale('c6', 2);
    await until('refused', async () => (await view('c6')).provisioningState === 'NotGrown');
    assert.deepEqual([(await view('c6')).state, (await view('c6')).count], ['succeeded', 1]);
    assert.equal((await failing(provisioner.scale('c6', 2))).code, 'InsufficientQuota');
    simulated.azure.faults.clear();
    assert.equal(await provisioner.scale('c6', 1), 'started');
    await succeeded('c6');
  });

  it('fail the claims whose machines Azure has not, once it took them up, and serve those that come later', async () => {
    simulated.azure.faults.add({
      outcomes: [{ match: { operation: 'update' }, times: 1, outcome: noCapacity }],
    });
    await provisioner.create(request('c9'));
    await until('c9 taken up', async () => (await view('c9')).count === 1);
    await provisioner.create(request('d1'));
    await until('c9 failed', async () => (await view('c9')).state === 'failed');
    assert.equal((await view('c9')).failure?.code, 'AllocationFailed');
    await succeeded('d1', 'c1', 'c4', 'c5', 'c6');
    await provisioner.delete('c9');
    await until('c9 gone', async () => (await viewOf(provisioner, 'c9')) === undefined);
  });

  it('replace a machine that is lost', async () => {
    const { nodes: [lost = ''] = [] } = await view('c4');
    loseMachine(simulated, lost);
    await until('it is missed', async () => (await view('c4')).state !== 'succeeded');
    await succeeded('c4');
    assert.notDeepEqual((await view('c4')).nodes, [lost]);
    assert.equal((await sharedPools())[0]?.count, 5);
  });

  it('replace a node that is dead', async () => {
    const { nodes: [dead = ''] = [] } = await view('c4');
    await provisioner.repair('c4', { count: 1, machines: [dead] });
    await until('another node', async () => {
      const { state, nodes = [] } = await view('c4');
      return state === 'succeeded' && !nodes.includes(dead);
    });
  });

  it('give back the nodes of a claim that is suspended, and get them again', async () => {
    await provisioner.scale('c5', 1, 'stopped');
    await until('stopped', async () => (await view('c5')).power === 'stopped');
    await until('fewer', async () => (await sharedPools())[0]?.count === 4);
    assert.equal(await provisioner.scale('c5', 1, 'stopped'), 'unchanged');
    await provisioner.scale('c5', 1);
    await succeeded('c5');
    assert.equal((await view('c5')).power, undefined);
  });

  it('end an operation that never ends', async () => {
    simulated.azure.faults.add({
      outcomes: [{ match: { operation: 'update' }, times: 1, outcome: { type: 'stuck' } }],
    });
    await provisioner.create(request('d2'));
    await until('taken up', async () => (await view('d2')).count === 1);
    const [pool] = await sharedPools();
    assert.equal(await provisioner.tend?.(pool?.name ?? '', { stuck: true }), 'started');
    await until('d2 failed', async () => (await view('d2')).state === 'failed');
    assert.equal((await view('d2')).failure?.class, 'retry');
    await provisioner.delete('d2');
    await until('d2 gone', async () => (await viewOf(provisioner, 'd2')) === undefined);
    await succeeded('c1', 'c4', 'c5', 'c6', 'd1');
  });

  it('hold a claim that somebody deletes by hand', async () => {
    const { store } = simulated.cluster.api;
    store.remove(maps, { namespace: 'slipway-system', name: 'node-claim-d1' });
    assert.equal((await view('d1')).state, 'succeeded');
    const { tend } = await view('d1');
    assert.equal(tend, undefined);
  });

  it('hold a claim that somebody breaks by hand', async () => {
    const { store } = simulated.cluster.api;
    const key = { namespace: 'slipway-system', name: 'node-claim-c6' };
    for (const broken of ['no JSON', '{"released":"yes","awaited":7}', '[]']) {
      store.mutate(maps, key, (map) => {
        map['data'] = { ...(isRecord(map['data']) ? map['data'] : {}), claim: broken };
      });
      const { state, count, tend } = await view('c6');
      assert.deepEqual([state, count, tend], ['succeeded', 1, undefined], broken);
    }
  });

  it('tell a claim whose node may not be labelled, with the remedy, and leave the others be', async () => {
    const match = { method: 'PATCH', resource: 'nodes' };
    simulated.cluster.api.setFaults([{ match, times: 1, action: 'status', code: 403 }]);
    await provisioner.create(request('d3'));
    await until('d3 failed', async () => (await view('d3')).state === 'failed');
    const { failure } = await view('d3');
    assert.deepEqual([failure?.class, failure?.code], ['operator', 'Forbidden']);
    assert.match(failure?.remedy ?? '', /rbac\.yaml/);
    await provisioner.delete('d3');
    await until('d3 gone', async () => (await viewOf(provisioner, 'd3')) === undefined);
    await succeeded('c1', 'c4', 'c5', 'c6', 'd1');
  });

  it('are left alone when their name is somebody else’s', async () => {
    await provisioner.create(request('f1', { diskGiB: 300 }));
    const { sharedPool = '' } = await view('f1');
    const { resourceGroup, clusterName } = simulated.clusterId;
    const theirs = { count: 1, vmSize: instanceType, mode: 'User', osType: 'Linux' };
    await simulated.client.agentPools
      .createOrUpdate(resourceGroup, clusterName, sharedPool, theirs)
      .submitted();
    await until('f1 failed', async () => (await view('f1')).state === 'failed');
    assert.equal((await view('f1')).failure?.code, 'PoolNameTaken');
    await provisioner.delete('f1');
    await until('f1 gone', async () => (await viewOf(provisioner, 'f1')) === undefined);
    assert.ok(await simulated.client.agentPools.get(resourceGroup, clusterName, sharedPool));
    await simulated.client.agentPools.delete(resourceGroup, clusterName, sharedPool).submitted();
    await until('theirs gone', async () => (await viewOf(provisioner, sharedPool)) === undefined);
  });

  it('are another pool for another size, disk or priority', async () => {
    await provisioner.create(request('e1', { placement: { ...regionalOnDemand, priority: 'spot' } }));
    await provisioner.create(request('e2', { diskGiB: 512 }));
    await succeeded('e1', 'e2');
    assert.equal((await sharedPools()).length, 3);
  });

  it('go with the last claim', async () => {
    const claims = (await provisioner.list()).filter(({ sharedPool }) => sharedPool !== undefined);
    for (const { name } of claims) await provisioner.delete(name);
    await until('all gone', async () => {
      const views = await provisioner.list();
      return views.every(({ name, sharedPool }) => sharedPool === undefined && !name.startsWith('sh'));
    });
    assert.equal(
      (await simulated.connection.workloads.nodes()).some(({ name }) => name.includes('-sh')),
      false,
    );
  });

  it('cost an unshared cluster one list of claims a look, and no other call of ARM', async () => {
    const before = simulated.azure.counts().total;
    await provisioner.list();
    assert.equal(simulated.azure.counts().total - before, 1);
  });
});

function provisionerOf({ client, clusterId, connection }: SimulatedAzure): NodeProvisioner {
  return createNodeProvisioner({ client, cluster: clusterId, connection });
}

/** Asks for a share, whatever is asked for. */
function sharing(provisioner: NodeProvisioner): NodeProvisioner {
  return {
    list: () => provisioner.list(),
    create: (wanted, options) => provisioner.create({ ...wanted, sharing: 'shared' }, options),
    scale: (name, count, power) => provisioner.scale(name, count, power),
    repair: (name, wanted) => provisioner.repair(name, wanted),
    delete: (name) => provisioner.delete(name),
    tend: (name, options) => provisioner.tend?.(name, options) ?? assert.fail('it cannot tend'),
    powerState: () => provisioner.powerState(),
  };
}

/** Virtual milliseconds between two looks: ARM's buckets are those of Azure. */
const betweenLooks = 5_000;

/** Lets time pass, tending as the cluster orchestration does. */
function tending(
  simulated: SimulatedAzure,
  provisioner: NodeProvisioner,
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  let next = 0;
  return simulated.until(what, async () => {
    if (simulated.clock.now() < next) return false;
    next = simulated.clock.now() + betweenLooks;
    const asking = (await provisioner.list()).filter(({ tend }) => tend === true);
    for (const name of new Set(asking.map((pool) => pool.sharedPool ?? pool.name))) {
      try {
        await provisioner.tend?.(name);
      } catch (error) {
        const passes = error instanceof ProvisioningError && ['wait', 'retry'].includes(error.failure.class);
        if (!passes) throw error;
      }
    }
    return condition();
  });
}

async function viewOf(provisioner: NodeProvisioner, name: string): Promise<PoolView | undefined> {
  return (await provisioner.list()).find((pool) => pool.name === name);
}

async function failing(call: Promise<unknown>): Promise<ProvisioningError['failure']> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ProvisioningError, String(error));
  return error.failure;
}

/** As a spot eviction does: machine and node are gone, and Azure is content with the pool. */
function loseMachine({ azure }: SimulatedAzure, node: string): void {
  azure.faults.add({ nodes: [{ match: { node }, times: 1, effect: 'lost' }] });
}

function request(name: string, more: Partial<PoolRequest> = {}): PoolRequest {
  return {
    name,
    instanceType,
    count: 1,
    diskGiB: 256,
    labels: {
      'karpenter.sh/nodepool': 'kaito',
      'kaito.sh/workspace': `phi-${name}`,
      'kaito.sh/workspacenamespace': 'default',
      apps: name,
      accelerator: 'nvidia',
    },
    userLabels: { apps: name },
    taints: ['sku=gpu:NoSchedule'],
    tags: {
      [PoolTag.workspace]: `main/default/phi-${name}`,
      [PoolTag.uid]: `uid-${name}`,
      [PoolTag.owner]: 'test',
    },
    osSku: 'Ubuntu',
    placement: regionalOnDemand,
    ...more,
  };
}
