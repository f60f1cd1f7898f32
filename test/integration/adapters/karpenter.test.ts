import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { StoredObject } from '../../../infra/local/kubernetes/contract.ts';
import type { ProvisionerSettings } from '../../../shared/config/provisioner-settings.ts';
import { regionalOnDemand } from '../../../shared/planning/placement.ts';
import { createNodeProvisioner } from '../../../shared/provisioning/create-node-provisioner.ts';
import type { NodeProvisioner, PoolRequest } from '../../../shared/provisioning/node-provisioner.ts';
import { PoolTag, ProvisioningError } from '../../../shared/provisioning/node-provisioner.ts';
import type { Nature } from './node-provisioner.contract.ts';
import { nodeProvisionerContract } from './node-provisioner.contract.ts';
import type { SimulatedAzure } from './simulated-azure.ts';
import { startSimulatedAzure } from './simulated-azure.ts';

const instanceType = 'Standard_NC24ads_A100_v4';
const nodePoolKind = { group: 'karpenter.sh', version: 'v1', plural: 'nodepools' };
const nodeClaimKind = { group: 'karpenter.sh', version: 'v1', plural: 'nodeclaims' };
const nodeClassKind = { group: 'karpenter.azure.com', version: 'v1beta1', plural: 'aksnodeclasses' };
const byNodePools: ProvisionerSettings = { kind: 'karpenter', objects: 'NodePool', nodeClasses: [] };
const byNodeClaims: ProvisionerSettings = { kind: 'karpenter', objects: 'NodeClaim', nodeClasses: [] };

const nature: Nature = {
  instanceType,
  begins: 'creating',
  ends: 'deleting',
  unreachable: 'ClusterUnreachable',
  namesNodes: true,
  mayLackCapacity: true,
};

nodeProvisionerContract('Karpenter NodePools', nature, async () => {
  const simulated = await startSimulatedAzure({ nodeProvisioning: 'Auto' });
  await simulated.connection.system.install();
  const { azure, cluster } = simulated;
  const provisioner = provisionerOf(simulated, byNodePools);
  return {
    provisioner,
    until: (what, condition) => simulated.until(what, condition),
    stop: () => simulated.stop(),
    async makeForeignPool(name) {
      cluster.api.store.create(nodeClass('default'));
      cluster.api.store.create(nodePool(name));
      await simulated.until(
        `${name} made`,
        async () => (await viewOf(provisioner, name))?.state === 'succeeded',
      );
    },
    failNextCreate(pool) {
      azure.faults.add({ outcomes: [{ match: { pool, operation: 'create' }, outcome: noCapacity }] });
    },
    loseAnswer() {
      const match = { method: 'POST', resource: 'nodepools' };
      cluster.api.setFaults([{ match, times: 1, action: 'applied-then-reset' }]);
    },
  };
});

nodeProvisionerContract('bare NodeClaims', nature, async () => {
  const simulated = await startSimulatedAzure({ nodeProvisioning: 'NodeClaims' });
  await simulated.connection.system.install();
  const { azure, cluster } = simulated;
  return {
    provisioner: provisionerOf(simulated, byNodeClaims),
    until: (what, condition) => simulated.until(what, condition),
    stop: () => simulated.stop(),
    makeForeignPool(name) {
      cluster.api.store.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: `pool-${name}`,
          namespace: 'slipway-system',
          labels: { 'slipway.dev/kind': 'pool' },
        },
        data: { order: '{"count":1}' },
      });
      return Promise.resolve();
    },
    failNextCreate() {
      azure.faults.add({ outcomes: [{ match: { operation: 'create' }, times: 1, outcome: noCapacity }] });
    },
    loseAnswer() {
      const match = { method: 'POST', resource: 'nodeclaims' };
      cluster.api.setFaults([{ match, times: 1, action: 'applied-then-reset' }]);
    },
  };
});

const noCapacity = {
  type: 'fail' as const,
  afterSeconds: 20,
  code: 'AllocationFailed',
  message: 'Allocation failed.',
};

describe('Karpenter NodePools', () => {
  let simulated: SimulatedAzure;
  let provisioner: NodeProvisioner;
  before(async () => {
    simulated = await startSimulatedAzure({ nodeProvisioning: 'Auto' });
    provisioner = provisionerOf(simulated, byNodePools);
  });
  after(() => simulated.stop());

  const stored = (name: string): StoredObject =>
    simulated.cluster.api.store.get(nodePoolKind, { name }) ?? assert.fail(`no NodePool ${name}`);

  it('ask for a fixed number of one size, regional, on demand, never to be disrupted', async () => {
    await provisioner.create(request('np1', { count: 2 }));
    assert.deepEqual(stored('np1')['spec'], {
      replicas: 2,
      template: {
        metadata: {
          labels: {
            'slipway.dev/pool': 'np1',
            'kaito.sh/workspace': 'phi',
            'kaito.sh/workspacenamespace': 'default',
            apps: 'phi',
          },
          annotations: {
            'karpenter.sh/do-not-disrupt': 'true',
            'tags.slipway.dev/slipway-workspace': 'main/default/phi',
            'tags.slipway.dev/slipway-workspace-uid': 'uid',
            'tags.slipway.dev/slipway-owner': 'test',
          },
        },
        spec: {
          nodeClassRef: { group: 'karpenter.azure.com', kind: 'AKSNodeClass', name: 'slipway-ubuntu-256' },
          taints: [{ key: 'sku', value: 'gpu', effect: 'NoSchedule' }],
          expireAfter: 'Never',
          requirements: [
            { key: 'node.kubernetes.io/instance-type', operator: 'In', values: [instanceType] },
            { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
            { key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand'] },
            { key: 'karpenter.azure.com/placement-scope', operator: 'In', values: ['regional'] },
          ],
        },
      },
      disruption: { consolidationPolicy: 'WhenEmpty', consolidateAfter: 'Never', budgets: [{ nodes: '0' }] },
    });
    assert.equal(stored('np1').metadata.labels?.['karpenter.kaito.sh/workspace-name'], 'phi');
    await simulated.until('both nodes', async () => (await viewOf(provisioner, 'np1'))?.nodes?.length === 2);
    await simulated.until('np1', async () => (await viewOf(provisioner, 'np1'))?.state === 'succeeded');
  });

  it('get disk and image by a node class of their own, which all that need the same share', async () => {
    await provisioner.create(request('np2', { diskGiB: 512, osSku: 'AzureLinux' }));
    await provisioner.create(request('np3', { diskGiB: 512, osSku: 'AzureLinux' }));
    const name = 'slipway-azurelinux-512';
    const made = simulated.cluster.api.store.get(nodeClassKind, { name });
    assert.deepEqual(made?.['spec'], { imageFamily: 'AzureLinux', osDiskSizeGB: 512 });
    await simulated.until('np2', async () => (await viewOf(provisioner, 'np2'))?.state === 'succeeded');
    await simulated.until('np3', async () => (await viewOf(provisioner, 'np3'))?.state === 'succeeded');
  });

  it('take the node class that the user names, else the first of the deployment', async () => {
    const settings: ProvisionerSettings = { kind: 'karpenter', objects: 'NodePool', nodeClasses: ['ours'] };
    const withClasses = provisionerOf(simulated, settings);
    const classOf = (name: string): unknown =>
      JSON.stringify(stored(name)['spec']).match(/AKSNodeClass","name":"([^"]+)/)?.[1];
    await withClasses.create(request('np4'));
    await withClasses.create(request('np5', { nodeClass: 'theirs' }));
    assert.deepEqual([classOf('np4'), classOf('np5')], ['ours', 'theirs']);
  });

  it('are asked for in zones by the names of the region, and on spot terms', async () => {
    const placement = { ...regionalOnDemand, zones: ['2'], priority: 'spot' as const, spotMaxPrice: 1.5 };
    await provisioner.create(request('np6', { placement }));
    const spec = JSON.stringify(stored('np6')['spec']);
    assert.match(spec, /"topology.kubernetes.io\/zone","operator":"In","values":\["eastus-2"\]/);
    assert.match(spec, /"karpenter.sh\/capacity-type","operator":"In","values":\["spot"\]/);
    assert.match(spec, /"karpenter.azure.com\/placement-scope","operator":"In","values":\["zonal"\]/);
    const nodeClass = simulated.cluster.api.store.get(nodeClassKind, { name: 'slipway-ubuntu-256-spot-1.5' });
    assert.deepEqual(nodeClass?.['spec'], { imageFamily: 'Ubuntu', osDiskSizeGB: 256, spotMaxPrice: '1.5' });
    await simulated.until('np6', async () => (await viewOf(provisioner, 'np6'))?.state === 'succeeded');
    const [node = ''] = (await viewOf(provisioner, 'np6'))?.nodes ?? [];
    const labels = simulated.cluster.api.store.get(
      { group: '', version: 'v1', plural: 'nodes' },
      { name: node },
    )?.metadata.labels;
    assert.equal(labels?.['topology.kubernetes.io/zone'], 'eastus-2');
  });

  it('leave a reservation to another rung', async () => {
    const group = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/capacityReservationGroups/c';
    const placement = { ...regionalOnDemand, capacityReservationGroup: group };
    const failure = await failing(provisioner.create(request('np7', { placement })));
    assert.deepEqual([failure.class, failure.code], ['next-rung', 'ReservationNotSupported']);
  });

  it('say which quota is used up', async () => {
    simulated.azure.faults.set({ limits: { quota: { StandardNCADSA100v4Family: 0 } } });
    await provisioner.create(request('np8'));
    await simulated.until('np8 failed', async () => (await viewOf(provisioner, 'np8'))?.state === 'failed');
    const failure = (await viewOf(provisioner, 'np8'))?.failure;
    assert.deepEqual([failure?.class, failure?.code], ['next-rung', 'InsufficientQuota']);
    assert.match(failure?.message ?? '', /vCPU quota for Standard_NC24ads_A100_v4 has been reached/);
    simulated.azure.faults.clear();
  });

  it('cost two reads to list, however many there are', async () => {
    const reads = (): number => {
      const counts = simulated.cluster.api.requestCounts();
      return (counts['list nodepools'] ?? 0) + (counts['list nodeclaims'] ?? 0);
    };
    const before = reads();
    assert.ok((await provisioner.list()).length >= 7);
    assert.equal(reads() - before, 2);
  });

  it('are scaled only as they were read: a change in between is told, not overwritten', async () => {
    const { connection } = simulated;
    const seen = await connection.objects.get(
      { apiVersion: 'karpenter.sh/v1', kind: 'NodePool', plural: 'nodepools' },
      'np1',
    );
    assert.ok(seen);
    const objects = {
      get: () => Promise.resolve(seen),
      patch: connection.objects.patch.bind(connection.objects),
    };
    const stale = provisionerOf(
      { ...simulated, connection: { ...connection, objects: { ...unused, ...objects } } },
      byNodePools,
    );
    await provisioner.scale('np1', 1);
    const failure = await failing(stale.scale('np1', 3));
    assert.deepEqual([failure.class, failure.code], ['retry', 'PoolChanged']);
  });

  it('whose NodePool somebody removed are seen to go, machine by machine', async () => {
    simulated.cluster.api.store.remove(nodePoolKind, { name: 'np2' });
    assert.equal((await viewOf(provisioner, 'np2'))?.state, 'deleting');
    await simulated.until('np2 gone', async () => (await viewOf(provisioner, 'np2')) === undefined);
  });

  it('belong to a cluster where Karpenter runs', async () => {
    const manual = await startSimulatedAzure();
    const failure = await failing(provisionerOf(manual, byNodePools).list()).finally(() => manual.stop());
    assert.deepEqual([failure.class, failure.code], ['operator', 'KarpenterMissing']);
    assert.match(failure.remedy ?? '', /node-provisioning-mode Auto/);
  });

  it('need a Karpenter that knows static capacity, and say so', async () => {
    const old = await startSimulatedAzure({ nodeProvisioning: 'NodeClaims' });
    const failure = await failing(provisionerOf(old, byNodePools).create(request('np9'))).finally(() =>
      old.stop(),
    );
    assert.deepEqual([failure.class, failure.code], ['operator', 'StaticCapacityMissing']);
    assert.match(failure.remedy ?? '', /"karpenterObjects": "NodeClaim"/);
  });
});

describe('bare NodeClaims', () => {
  it('ask for nothing but what they can say: other terms are another rung’s', async (test) => {
    const simulated = await startSimulatedAzure({ nodeProvisioning: 'NodeClaims' });
    test.after(() => simulated.stop());
    await simulated.connection.system.install();
    const provisioner = provisionerOf(simulated, byNodeClaims);
    for (const terms of [{ priority: 'spot' as const }, { zones: ['1'] }]) {
      const placement = { ...regionalOnDemand, ...terms };
      const failure = await failing(provisioner.create(request('nc0', { placement })));
      assert.deepEqual([failure.class, failure.code], ['next-rung', 'TermsNotSupported']);
    }
    assert.deepEqual(await provisioner.list(), []);
  });

  it('refer to a class of Azure’s own Karpenter where one is named, in a form that its CRD takes', async (test) => {
    const simulated = await startSimulatedAzure({ nodeProvisioning: 'NodeClaims' });
    test.after(() => simulated.stop());
    await simulated.connection.system.install();
    const provisioner = provisionerOf(simulated, { ...byNodeClaims, nodeClasses: ['default'] });
    await provisioner.create(request('nc2'));
    const [claim] = simulated.cluster.api.store.list(nodeClaimKind);
    const spec = JSON.stringify(claim?.['spec']);
    assert.match(spec, /"group":"karpenter.azure.com","kind":"AKSNodeClass","name":"default"/);
    assert.match(spec, /"expireAfter":"Never"/);
    assert.doesNotMatch(spec, /karpenter.sh\/nodepool/);
    await simulated.until('its node', async () => (await viewOf(provisioner, 'nc2'))?.state === 'succeeded');
  });

  it('have the form that KAITO gives them', async (test) => {
    const simulated = await startSimulatedAzure({ nodeProvisioning: 'NodeClaims' });
    await simulated.connection.system.install();
    test.after(() => simulated.stop());
    await provisionerOf(simulated, byNodeClaims).create(request('nc1', { count: 2 }));
    const claims = simulated.cluster.api.store.list(nodeClaimKind);
    assert.equal(claims.length, 2);
    for (const { metadata } of claims) assert.match(metadata.name, /^ws[0-9a-f]{9}$/);
    const [first] = claims;
    assert.deepEqual(first?.metadata.labels, {
      'karpenter.sh/nodepool': 'kaito',
      'kaito.sh/workspace': 'phi',
      'kaito.sh/workspacenamespace': 'default',
      apps: 'phi',
      'app.kubernetes.io/managed-by': 'slipway',
      'slipway.dev/pool': 'nc1',
      'karpenter.kaito.sh/workspace-name': 'phi',
      'karpenter.kaito.sh/workspace-namespace': 'default',
    });
    assert.equal(first.metadata.annotations?.['karpenter.sh/do-not-disrupt'], 'true');
    assert.deepEqual(first['spec'], {
      nodeClassRef: { group: 'kaito.sh', kind: 'KaitoNodeClass', name: 'default' },
      taints: [{ key: 'sku', value: 'gpu', effect: 'NoSchedule' }],
      requirements: [
        { key: 'karpenter.sh/nodepool', operator: 'In', values: ['kaito'] },
        { key: 'node.kubernetes.io/instance-type', operator: 'In', values: [instanceType] },
        { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
        { key: 'karpenter.azure.com/sku-name', operator: 'In', values: [instanceType] },
      ],
      resources: { requests: { storage: '256Gi' } },
    });
  });
});

function provisionerOf(
  { client, clusterId, connection }: Pick<SimulatedAzure, 'client' | 'clusterId' | 'connection'>,
  settings: ProvisionerSettings,
): NodeProvisioner {
  return createNodeProvisioner({ client, cluster: { ...clusterId, provisioner: settings }, connection });
}

/** Operations that a test does not expect. */
const unused: SimulatedAzure['connection']['objects'] = {
  list: () => assert.fail('listed'),
  get: () => assert.fail('read'),
  create: () => assert.fail('created'),
  patch: () => assert.fail('patched'),
  delete: () => assert.fail('deleted'),
};

async function viewOf(
  provisioner: NodeProvisioner,
  name: string,
): Promise<Awaited<ReturnType<NodeProvisioner['list']>>[number] | undefined> {
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

function request(name: string, more: Partial<PoolRequest> = {}): PoolRequest {
  return {
    name,
    instanceType,
    count: 1,
    diskGiB: 256,
    labels: {
      'karpenter.sh/nodepool': 'kaito',
      'kaito.sh/workspace': 'phi',
      'kaito.sh/workspacenamespace': 'default',
      apps: 'phi',
      accelerator: 'nvidia',
    },
    userLabels: { apps: 'phi' },
    taints: ['sku=gpu:NoSchedule'],
    tags: { [PoolTag.workspace]: 'main/default/phi', [PoolTag.uid]: 'uid', [PoolTag.owner]: 'test' },
    osSku: 'Ubuntu',
    placement: regionalOnDemand,
    ...more,
  };
}

function nodeClass(name: string): {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: object;
} {
  return { apiVersion: 'karpenter.azure.com/v1beta1', kind: 'AKSNodeClass', metadata: { name }, spec: {} };
}

/** A NodePool as a person makes it. */
function nodePool(name: string): ReturnType<typeof nodeClass> {
  return {
    apiVersion: 'karpenter.sh/v1',
    kind: 'NodePool',
    metadata: { name },
    spec: {
      replicas: 1,
      template: {
        spec: {
          nodeClassRef: { group: 'karpenter.azure.com', kind: 'AKSNodeClass', name: 'default' },
          requirements: [{ key: 'node.kubernetes.io/instance-type', operator: 'In', values: [instanceType] }],
        },
      },
      disruption: { consolidateAfter: '0s' },
    },
  };
}
