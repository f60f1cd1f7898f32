import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { NewObject, ObjectStore, StoredObject } from '../../../infra/local/kubernetes/contract.ts';
import type { ClusterHarness } from './cluster-harness.ts';
import { startCluster } from './cluster-harness.ts';

const pools = { group: 'karpenter.sh', version: 'v1', plural: 'nodepools' };
const claims = { group: 'karpenter.sh', version: 'v1', plural: 'nodeclaims' };
const nodes = { group: '', version: 'v1', plural: 'nodes' };
const vmSize = 'Standard_NC24ads_A100_v4';

describe('the simulated Karpenter', () => {
  let cluster: ClusterHarness;
  before(async () => {
    cluster = await startCluster({ nodeProvisioning: 'Auto' });
    store().create({
      apiVersion: 'karpenter.azure.com/v1beta1',
      kind: 'AKSNodeClass',
      metadata: { name: 'default' },
      spec: {},
    });
  });
  after(() => cluster.stop());

  const store = (): ObjectStore => {
    const [first] = cluster.azure.clusters;
    return first?.api.store ?? assert.fail('no cluster');
  };
  const claimsOf = (pool: string): StoredObject[] =>
    store().list(claims, { labels: { 'karpenter.sh/nodepool': pool } });
  const conditions = (object: StoredObject | undefined): Record<string, string> => {
    const text = JSON.stringify(object?.['status']);
    const found = text.matchAll(/"type":"(\w+)","status":"(\w+)","reason":"(\w+)"/g);
    return Object.fromEntries(
      [...found].map(([, type = '', status = '', reason = '']) => [type, `${status} ${reason}`]),
    );
  };
  const registered = (pool: string): number =>
    claimsOf(pool).filter((claim) => conditions(claim)['Registered']?.startsWith('True')).length;

  it('makes as many nodes as a static NodePool says, with its labels and taints', async () => {
    store().create(nodePool('static', { replicas: 2 }));
    await cluster.until('both nodes', () => registered('static') === 2);
    for (const claim of claimsOf('static')) {
      const status = JSON.stringify(claim['status']);
      const node = store().get(nodes, { name: /"nodeName":"([^"]+)"/.exec(status)?.[1] ?? '' });
      assert.equal(node?.metadata.labels?.['team'], 'ml');
      assert.equal(node.metadata.labels['karpenter.sh/nodepool'], 'static');
      assert.equal(node.metadata.labels['node.kubernetes.io/instance-type'], vmSize);
      assert.equal(node.metadata.labels['agentpool'], 'aksmanagedap');
      assert.match(JSON.stringify(node['spec']), /"key":"sku"/);
    }
  });

  it('follows the number up and down', async () => {
    const scale = (replicas: number): void =>
      void store().mutate(pools, { name: 'static' }, (pool) => {
        pool['spec'] = { ...spec(pool), replicas };
      });
    scale(3);
    await cluster.until('three', () => registered('static') === 3);
    scale(1);
    await cluster.until('one', () => claimsOf('static').length === 1);
    await cluster.until('one node', () => store().list(nodes, { labels: { team: 'ml' } }).length === 1);
  });

  it('goes on after a restart where it was', async () => {
    store().create(nodePool('restarted', { replicas: 1 }));
    await cluster.pass(30);
    await cluster.restart();
    await cluster.until('its node', () => registered('restarted') === 1);
    assert.equal(registered('static'), 1);
  });

  it('makes no more than the limit', async () => {
    store().create(nodePool('limited', { replicas: 3, limits: { nodes: '1' } }));
    await cluster.until('one', () => registered('limited') === 1);
    await cluster.pass(600);
    assert.equal(claimsOf('limited').length, 1);
  });

  it('makes nothing for a NodePool whose class is missing, and says so', async () => {
    store().create(nodePool('classless', { replicas: 1 }, 'nowhere'));
    await cluster.pass(60);
    assert.equal(
      conditions(store().get(pools, { name: 'classless' }))['NodeClassReady'],
      'False NodeClassNotFound',
    );
    assert.equal(claimsOf('classless').length, 0);
  });

  it('makes nothing for a template with labels that Azure keeps for itself', async () => {
    const pool = nodePool('restricted', { replicas: 1 });
    store().create({ ...pool, spec: { ...withLabels(pool, { agentpool: 'mine' }) } });
    await cluster.pass(60);
    const ready = conditions(store().get(pools, { name: 'restricted' }));
    assert.equal(ready['ValidationSucceeded'], 'False NodePoolValidationFailed');
    assert.equal(claimsOf('restricted').length, 0);
  });

  it('tells why a machine cannot be had, tries again, and begins anew after five minutes', async () => {
    const outcome = { type: 'refuse' as const, status: 400, code: 'QuotaExceeded', message: 'none' };
    cluster.azure.faults.set({ outcomes: [{ match: { pool: 'scarce' }, outcome }] });
    store().create(nodePool('scarce', { replicas: 1 }));
    const launched = (): string => conditions(claimsOf('scarce')[0])['Launched'] ?? '';
    await cluster.until('told', () => launched() === 'Unknown SubscriptionQuotaReached');
    const [first] = claimsOf('scarce');
    await cluster.until('anew', () =>
      claimsOf('scarce').every(({ metadata }) => metadata.name !== first?.metadata.name),
    );
    cluster.azure.faults.clear();
    await cluster.until('its node', () => registered('scarce') === 1);
  });

  it('replaces a machine that is lost', async () => {
    const [before] = claimsOf('scarce');
    cluster.azure.faults.set({
      nodes: [{ match: { node: `aks-${before?.metadata.name ?? ''}` }, effect: 'lost' }],
    });
    await cluster.until('another', () => {
      const [now] = claimsOf('scarce');
      return now !== undefined && now.metadata.name !== before?.metadata.name && registered('scarce') === 1;
    });
    cluster.azure.faults.clear();
  });

  it('lets the machines of a NodePool go with it', async () => {
    store().remove(pools, { name: 'static' });
    await cluster.until('no claims', () => claimsOf('static').length === 0);
    await cluster.until(
      'no nodes',
      () => store().list(nodes, { labels: { 'karpenter.sh/nodepool': 'static' } }).length === 0,
    );
  });
});

describe('a controller of NodeClaims alone', () => {
  it('knows no static NodePools, and serves claims that somebody else makes', async (test) => {
    const cluster = await startCluster({ nodeProvisioning: 'NodeClaims' });
    test.after(() => cluster.stop());
    const { store } = cluster.azure.clusters[0]?.api ?? assert.fail('no cluster');
    assert.throws(() => store.create(nodePool('static', { replicas: 1 })), /unknown field "spec.replicas"/);
    store.create({
      apiVersion: 'karpenter.sh/v1',
      kind: 'NodeClaim',
      metadata: { name: 'ws123456789', labels: { 'karpenter.sh/nodepool': 'kaito' } },
      spec: {
        nodeClassRef: { group: 'kaito.sh', kind: 'KaitoNodeClass', name: 'default' },
        requirements: [{ key: 'node.kubernetes.io/instance-type', operator: 'In', values: [vmSize] }],
        resources: { requests: { storage: '300Gi' } },
      },
    });
    await cluster.until('its node', () => store.get(nodes, { name: 'aks-ws123456789' }) !== undefined);
    const status = JSON.stringify(store.get(nodes, { name: 'aks-ws123456789' })?.['status']);
    assert.match(status, new RegExp(`"ephemeral-storage":"${300 * 1024 * 1024}Ki"`));
  });
});

function nodePool(name: string, fields: object, nodeClass = 'default'): NewObject {
  return {
    apiVersion: 'karpenter.sh/v1',
    kind: 'NodePool',
    metadata: { name },
    spec: {
      ...fields,
      template: {
        metadata: { labels: { team: 'ml' } },
        spec: {
          nodeClassRef: { group: 'karpenter.azure.com', kind: 'AKSNodeClass', name: nodeClass },
          taints: [{ key: 'sku', value: 'gpu', effect: 'NoSchedule' }],
          requirements: [{ key: 'node.kubernetes.io/instance-type', operator: 'In', values: [vmSize] }],
        },
      },
      disruption: { consolidateAfter: '0s' },
    },
  };
}

function spec(object: NewObject | StoredObject): object {
  const { spec: value } = object;
  return typeof value === 'object' && value !== null ? value : {};
}

function withLabels(pool: NewObject, labels: Record<string, string>): object {
  const text = JSON.stringify(spec(pool)).replace('{"team":"ml"}', JSON.stringify(labels));
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === 'object' && parsed !== null ? parsed : {};
}
