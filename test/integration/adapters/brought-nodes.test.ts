import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { regionalOnDemand } from '../../../shared/planning/placement.ts';
import { createNodeProvisioner } from '../../../shared/provisioning/create-node-provisioner.ts';
import type {
  NodeProvisioner,
  PoolRequest,
  PoolView,
} from '../../../shared/provisioning/node-provisioner.ts';
import { PoolTag } from '../../../shared/provisioning/node-provisioner.ts';
import type { Nature } from './node-provisioner.contract.ts';
import { nodeProvisionerContract } from './node-provisioner.contract.ts';
import type { SimulatedAzure } from './simulated-azure.ts';
import { startSimulatedAzure } from './simulated-azure.ts';

const nature: Nature = {
  instanceType: '',
  begins: 'succeeded',
  ends: 'absent',
  unreachable: 'ClusterUnreachable',
  namesNodes: true,
  mayLackCapacity: false,
};

nodeProvisionerContract('nodes that the user brings', nature, async () => {
  const simulated = await startSimulatedAzure();
  await simulated.connection.system.install();
  await bring(simulated, 'theirs', { count: 2, labels: { apps: 'phi' } });
  const { api } = simulated.cluster;
  return {
    provisioner: provisionerOf(simulated),
    until: (what, condition) => simulated.until(what, condition),
    stop: () => simulated.stop(),
    makeForeignPool(name) {
      api.store.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: `pool-${name}`,
          namespace: 'slipway-system',
          labels: { 'slipway.dev/kind': 'pool' },
        },
        data: { order: 'edited by hand' },
      });
      return Promise.resolve();
    },
    failNextCreate: () => assert.fail('nodes that are there need no capacity'),
    loseAnswer() {
      const match = { method: 'POST', resource: 'configmaps' };
      api.setFaults([{ match, times: 1, action: 'applied-then-reset' }]);
    },
  };
});

describe('nodes that the user brings', () => {
  let simulated: SimulatedAzure;
  let provisioner: NodeProvisioner;
  before(async () => {
    simulated = await startSimulatedAzure();
    await simulated.connection.system.install();
    provisioner = provisionerOf(simulated);
  });
  after(() => simulated.stop());

  const view = async (name: string): Promise<PoolView> =>
    (await provisioner.list()).find((pool) => pool.name === name) ?? assert.fail(`${name} is not listed`);

  it('are waited for by their labels, in words', async () => {
    await provisioner.create(request('by1', { count: 2, userLabels: { apps: 'phi', gpu: 'a100' } }));
    assert.equal((await view('by1')).state, 'creating');
    assert.deepEqual((await view('by1')).failure, {
      class: 'wait',
      code: 'NodesAwaited',
      message: 'nodes labelled apps=phi,gpu=a100 to be Ready: 0 of 2',
    });
  });

  it('are found when they come, and only those that carry every label', async () => {
    await bring(simulated, 'half', { count: 1, labels: { apps: 'phi' } });
    await bring(simulated, 'whole', { count: 2, labels: { apps: 'phi', gpu: 'a100' } });
    await simulated.until('by1', async () => (await view('by1')).state === 'succeeded');
    const { nodes = [], failure } = await view('by1');
    assert.equal(nodes.length, 2);
    for (const node of nodes) assert.match(node, /whole/);
    assert.equal(failure, undefined);
  });

  it('are all nodes of the cluster when no label is asked for', async () => {
    await provisioner.create(request('by2', { userLabels: {} }));
    assert.ok(((await view('by2')).nodes ?? []).length >= 4);
  });

  it('are missed when they stop being Ready', async () => {
    simulated.azure.faults.set({ nodes: [{ match: { pool: 'whole' }, times: 1, effect: 'notReady' }] });
    await simulated.until('one missed', async () => (await view('by1')).state === 'creating');
    assert.match((await view('by1')).failure?.message ?? '', /1 of 2/);
    simulated.azure.faults.clear();
    await simulated.until('back', async () => (await view('by1')).state === 'succeeded');
  });

  it('stay as they are when their workspace goes', async () => {
    const nodes = (): number =>
      simulated.cluster.api.store.list({ group: '', version: 'v1', plural: 'nodes' }).length;
    const before = nodes();
    assert.equal(await provisioner.delete('by1'), 'started');
    await simulated.until(
      'forgotten',
      async () => !(await provisioner.list()).some(({ name }) => name === 'by1'),
    );
    assert.equal(nodes(), before);
  });
});

function provisionerOf({ client, clusterId, connection }: SimulatedAzure): NodeProvisioner {
  return createNodeProvisioner({
    client,
    cluster: { ...clusterId, provisioner: { kind: 'byo' } },
    connection,
  });
}

/** GPU nodes of somebody's own, labelled, Ready. */
async function bring(
  { client, clusterId, connection, ...simulated }: SimulatedAzure,
  pool: string,
  { count, labels }: { count: number; labels: Record<string, string> },
): Promise<void> {
  const wanted = {
    vmSize: 'Standard_NC24ads_A100_v4',
    count,
    mode: 'User',
    osType: 'Linux',
    nodeLabels: labels,
  };
  await client.agentPools
    .createOrUpdate(clusterId.resourceGroup, clusterId.clusterName, pool, wanted)
    .submitted();
  await simulated.until(`nodes of ${pool}`, async () => {
    const nodes = await connection.workloads.nodes();
    return nodes.filter((node) => node.labels['agentpool'] === pool && node.ready).length === count;
  });
}

function request(name: string, more: Partial<PoolRequest> = {}): PoolRequest {
  return {
    name,
    instanceType: '',
    count: 1,
    diskGiB: 256,
    labels: {},
    userLabels: { apps: 'phi' },
    taints: [],
    tags: { [PoolTag.workspace]: 'main/default/phi', [PoolTag.uid]: 'uid', [PoolTag.owner]: 'test' },
    osSku: 'Ubuntu',
    placement: regionalOnDemand,
    ...more,
  };
}
