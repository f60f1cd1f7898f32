import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProvisionerSettings } from '../../../shared/config/provisioner-settings.ts';
import { regionalOnDemand } from '../../../shared/planning/placement.ts';
import { createNodeProvisioner } from '../../../shared/provisioning/create-node-provisioner.ts';
import type {
  NodeProvisioner,
  PoolRequest,
  PoolView,
} from '../../../shared/provisioning/node-provisioner.ts';
import { PoolTag, ProvisioningError } from '../../../shared/provisioning/node-provisioner.ts';
import type { SimulatedAzure } from './simulated-azure.ts';
import { startSimulatedAzure } from './simulated-azure.ts';

const request: PoolRequest = {
  name: 'ws1',
  instanceType: 'Standard_NC24ads_A100_v4',
  count: 2,
  diskGiB: 256,
  labels: { 'kaito.sh/workspace': 'phi' },
  userLabels: { apps: 'phi' },
  taints: ['sku=gpu:NoSchedule'],
  tags: { [PoolTag.workspace]: 'main/default/phi', [PoolTag.uid]: 'uid', [PoolTag.owner]: 'test' },
  osSku: 'Ubuntu',
  placement: regionalOnDemand,
};

interface Way {
  name: string;
  nodeProvisioning?: 'Auto' | 'NodeClaims';
  settings?: ProvisionerSettings;
}

const ways: Way[] = [
  { name: 'agent pools' },
  {
    name: 'NodePools',
    nodeProvisioning: 'Auto',
    settings: { kind: 'karpenter', objects: 'NodePool', nodeClasses: [] },
  },
  {
    name: 'bare NodeClaims',
    nodeProvisioning: 'NodeClaims',
    settings: { kind: 'karpenter', objects: 'NodeClaim', nodeClasses: [] },
  },
];

for (const { name, nodeProvisioning, settings } of ways) {
  describe(`machines made anew: ${name}`, () => {
    const withCloud = async (
      test: (simulated: SimulatedAzure, provisioner: NodeProvisioner) => Promise<void>,
    ): Promise<void> => {
      const simulated = await startSimulatedAzure(nodeProvisioning === undefined ? {} : { nodeProvisioning });
      try {
        await simulated.connection.system.install();
        const { client, clusterId, connection } = simulated;
        const cluster = { ...clusterId, ...(settings === undefined ? {} : { provisioner: settings }) };
        await test(simulated, createNodeProvisioner({ client, cluster, connection }));
      } finally {
        await simulated.stop();
      }
    };
    const nodesOf = async ({ connection }: SimulatedAzure): Promise<string[]> =>
      (await connection.workloads.nodes())
        .filter(({ labels, deleting }) => labels['kaito.sh/workspace'] === 'phi' && !deleting)
        .map((node) => node.name)
        .sort();
    const uidOf = ({ cluster }: SimulatedAzure, node: string): string | undefined =>
      cluster.api.store.get({ group: '', version: 'v1', plural: 'nodes' }, { name: node })?.metadata.uid;
    const viewOf = async (provisioner: NodeProvisioner): Promise<PoolView | undefined> =>
      (await provisioner.list()).find((pool) => pool.name === 'ws1');
    const complete = (simulated: SimulatedAzure, provisioner: NodeProvisioner): Promise<void> =>
      simulated.until('two nodes', async () => {
        const pool = await viewOf(provisioner);
        return pool?.state === 'succeeded' && pool.count === 2 && (await nodesOf(simulated)).length === 2;
      });

    it('a dead one is replaced, the other stays', () =>
      withCloud(async (simulated, provisioner) => {
        await provisioner.create(request);
        await complete(simulated, provisioner);
        const [dead = '', kept = ''] = await nodesOf(simulated);
        const uids = [uidOf(simulated, dead), uidOf(simulated, kept)];
        assert.equal(await provisioner.repair('ws1', { count: 2, machines: [dead] }), 'started');
        await simulated.until('it is gone', () => uidOf(simulated, dead) !== uids[0]);
        const pool = await viewOf(provisioner);
        if (pool?.count !== 2) {
          await simulated.until(
            'it may be resized',
            async () => (await viewOf(provisioner))?.state === 'succeeded',
          );
          assert.equal(await provisioner.scale('ws1', 2), 'started');
        }
        await complete(simulated, provisioner);
        assert.equal(uidOf(simulated, kept), uids[1], 'the other is the one that it was');
        // A bare claim has the name of the one whose place it takes.
        assert.notEqual(uidOf(simulated, dead), uids[0]);
      }));

    it('those of a pool that is not there are refused', () =>
      withCloud(async (_simulated, provisioner) => {
        await assert.rejects(
          provisioner.repair('wsnone', { count: 1, machines: ['any'] }),
          ProvisioningError,
        );
      }));
  });
}

describe('machines that are missing', () => {
  it('come again when the pool is asked for the count that it has', async () => {
    const simulated = await startSimulatedAzure();
    try {
      const { client, clusterId, connection, azure } = simulated;
      const provisioner = createNodeProvisioner({ client, cluster: clusterId, connection });
      await provisioner.create(request);
      const names = async (): Promise<string[]> =>
        (await connection.workloads.nodes())
          .filter(({ labels }) => labels['agentpool'] === 'ws1')
          .map(({ name }) => name);
      await simulated.until('two nodes', async () => (await names()).length === 2);
      const [lost = ''] = await names();
      azure.faults.set({ nodes: [{ match: { node: lost }, effect: 'lost' }] });
      await simulated.until('one is lost', async () => (await names()).length === 1);
      const [pool] = (await provisioner.list()).filter(({ name }) => name === 'ws1');
      assert.deepEqual([pool?.state, pool?.count], ['succeeded', 2], 'Azure is content');
      assert.equal(await provisioner.scale('ws1', 2), 'unchanged');
      assert.equal(await provisioner.repair('ws1', { count: 2, machines: [] }), 'started');
      await simulated.until('two nodes again', async () => (await names()).length === 2);
    } finally {
      await simulated.stop();
    }
  });
});
