import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { resourceGroup, startCluster } from './cluster-harness.ts';
import type { ClusterHarness } from './cluster-harness.ts';
import { deployment, devicePlugin, inference, secret, serviceOf } from './manifests.ts';

const namespace = 'default';

describe('what can go wrong in a cluster', () => {
  let cluster: ClusterHarness;
  beforeEach(async () => {
    cluster = await startCluster();
    await cluster.apps.createNamespacedDaemonSet({ namespace: 'kube-system', body: devicePlugin() });
  });
  afterEach(() => cluster.stop());

  const node = async (pool: string) =>
    (await cluster.core.listNode({ labelSelector: `agentpool=${pool}` })).items[0];
  const readiness = async (pool: string) =>
    (await node(pool))?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  const pod = async (name = 'phi-0') =>
    (await cluster.core.listNamespacedPod({ namespace, fieldSelector: `metadata.name=${name}` })).items[0];
  const container = async () => (await pod())?.status?.containerStatuses?.[0];
  const isReady = async () =>
    (await pod())?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ===
    true;
  const gpus = async () => (await node('ws1'))?.status?.allocatable?.['nvidia.com/gpu'];

  async function deploy(options = {}): Promise<void> {
    await cluster.createPool('ws1');
    await cluster.core.createNamespacedService({ namespace, body: serviceOf('phi') });
    await cluster.apps.createNamespacedStatefulSet({ namespace, body: inference('phi', options) });
  }

  it('shows a node without a GPU as Ready with nothing allocatable', async () => {
    cluster.azure.faults.set({ nodes: [{ match: { pool: 'ws1' }, effect: 'noGpu' }] });
    await cluster.createPool('ws1');
    await cluster.until('a Ready node', async () => (await readiness('ws1')) === 'True');
    await cluster.pass(900);
    assert.equal(await gpus(), undefined);
    cluster.azure.faults.clear();
    await cluster.until('a GPU once the fault is gone', async () => (await gpus()) === '1');
  });

  it('takes the GPUs back when the device plugin goes', async () => {
    await cluster.createPool('ws1');
    await cluster.until('a GPU', async () => (await gpus()) === '1');
    await cluster.apps.deleteNamespacedDaemonSet({
      namespace: 'kube-system',
      name: 'nvidia-device-plugin-daemonset',
    });
    await cluster.until('no GPU', async () => (await gpus()) === undefined);
  });

  it('keeps a node NotReady, or away altogether, while the pool says Succeeded', async () => {
    cluster.azure.faults.set({
      nodes: [
        { match: { pool: 'ws1' }, effect: 'neverReady' },
        { match: { pool: 'ws2' }, effect: 'neverJoins' },
      ],
    });
    await cluster.createPool('ws1');
    await cluster.createPool('ws2');
    await cluster.pass(3600);
    assert.equal(
      (await cluster.arm.agentPools.get(resourceGroup, 'aks', 'ws2')).provisioningState,
      'Succeeded',
    );
    assert.equal(await readiness('ws1'), 'False');
    assert.equal(await node('ws2'), undefined);
  });

  it('evicts the pods of a silent node after their toleration, and it comes back', async () => {
    await deploy();
    await cluster.until('a ready pod', isReady);
    const before = (await pod())?.metadata?.uid;
    const silent = { match: { pool: 'ws1' }, effect: 'notReady', forSeconds: 3600 } as const;
    const readyAt = (await node('ws1'))!
      .status!.conditions!.find(({ type }) => type === 'Ready')!
      .lastTransitionTime!.getTime();
    cluster.azure.faults.set({
      nodes: [{ ...silent, afterSeconds: (cluster.clock.now() - readyAt) / 1000 + 10 }],
    });
    await cluster.until('an Unknown node', async () => (await readiness('ws1')) === 'Unknown');
    assert.equal((await cluster.serve('phi', '/health')).status, 503);
    assert.ok(
      (await node('ws1'))?.spec?.taints?.some(
        ({ key, effect }) => key === 'node.kubernetes.io/unreachable' && effect === 'NoExecute',
      ),
    );
    const seconds = await cluster.until(
      'an evicted pod',
      async () => (await pod())?.metadata?.deletionTimestamp !== undefined,
    );
    assert.ok(seconds >= 299, `evicted after ${seconds} s`);
    await cluster.until('a Ready node', async () => (await readiness('ws1')) === 'True');
    await cluster.until(
      'another ready pod',
      async () => (await isReady()) && (await pod())?.metadata?.uid !== before,
    );
  });

  it('loses a machine for good: the node goes, the pool stays', async () => {
    await deploy();
    await cluster.until('a ready pod', isReady);
    cluster.azure.faults.set({ nodes: [{ match: { pool: 'ws1' }, effect: 'lost' }] });
    await cluster.until('no node', async () => (await node('ws1')) === undefined);
    await cluster.until('a pending pod', async () => (await pod())?.spec?.nodeName === undefined);
    const machines = [];
    for await (const machine of cluster.arm.machines.list(resourceGroup, 'aks', 'ws1'))
      machines.push(machine.name);
    assert.deepEqual(machines, []);
  });

  it('backs off from an image that cannot be pulled until it can', async () => {
    cluster.azure.faults.set({ pods: [{ match: { namespace, name: 'phi-*' }, effect: 'imagePullBackOff' }] });
    await deploy();
    await cluster.until(
      'ImagePullBackOff',
      async () => (await container())?.state?.waiting?.reason === 'ImagePullBackOff',
    );
    cluster.azure.faults.clear();
    await cluster.until('a ready pod', isReady);
  });

  it('crash-loops with a growing back-off and counts restarts', async () => {
    cluster.azure.faults.set({ pods: [{ match: { name: 'phi-0' }, effect: 'crashLoop' }] });
    await deploy();
    await cluster.until('a crash loop', async () => (await container())?.restartCount === 4);
    const status = await container();
    assert.equal(status?.state?.waiting?.reason, 'CrashLoopBackOff');
    assert.equal(status.lastState?.terminated?.exitCode, 1);
    const seconds = await cluster.until(
      'the next crash',
      async () => (await container())?.restartCount === 5,
    );
    assert.ok(seconds >= 80, `crashed again after ${seconds} s`);
  });

  it('kills for memory, and says so', async () => {
    cluster.azure.faults.set({ pods: [{ match: { name: 'phi-0' }, effect: 'oomKilled', afterSeconds: 20 }] });
    await deploy();
    await cluster.until(
      'a kill',
      async () => (await container())?.lastState?.terminated?.reason === 'OOMKilled',
    );
    assert.equal((await container())?.lastState?.terminated?.exitCode, 137);
  });

  it('never turns ready by fault; the startup probe restarts it when its budget is spent', async () => {
    cluster.azure.faults.set({ pods: [{ match: { name: 'phi-0' }, effect: 'neverReady' }] });
    await deploy({ failureThreshold: 30 });
    const seconds = await cluster.until(
      'a running container',
      async () => (await pod())?.status?.phase === 'Running',
    );
    const more = await cluster.until('a restart', async () => (await container())?.restartCount === 1);
    assert.ok(more >= 299 && more < 330, `${seconds} s, then ${more} s`);
    assert.equal(await isReady(), false);
  });

  it('hits as many pods as a rule allows, and remembers which through a restart', async () => {
    cluster.azure.faults.set({ pods: [{ match: { name: 'web-*' }, times: 1, effect: 'neverReady' }] });
    await cluster.apps.createNamespacedDeployment({ namespace, body: deployment('web', { replicas: 3 }) });
    await cluster.pass(60);
    await cluster.restart();
    await cluster.pass(600);
    const status = (await cluster.apps.readNamespacedDeployment({ namespace, name: 'web' })).status;
    assert.equal(status?.replicas, 3);
  });

  it('holds a pod that needs a missing secret, and starts it when that comes', async () => {
    const env = '[{ name: TOKEN, valueFrom: { secretKeyRef: { name: hf, key: HF_TOKEN } } }]';
    const body = deployment('web', { replicas: 1, env });
    await cluster.apps.createNamespacedDeployment({ namespace, body });
    const first = async () => (await cluster.core.listNamespacedPod({ namespace })).items[0]?.status;
    await cluster.until(
      'a config error',
      async () =>
        (await first())?.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError',
    );
    await cluster.core.createNamespacedSecret({ namespace, body: secret('hf') });
    await cluster.until('a running pod', async () => (await first())?.phase === 'Running');
  });

  it('stops with its cluster: the API is gone, nothing moves, and all comes back at start', async () => {
    await deploy();
    await cluster.until('a ready pod', isReady);
    await cluster.arm.managedClusters.stop(resourceGroup, 'aks').submitted();
    await cluster.until(
      'a stopped cluster',
      async () =>
        (await cluster.arm.managedClusters.get(resourceGroup, 'aks')).powerState?.code === 'Stopped',
    );
    await assert.rejects(cluster.core.listNode(), /fetch failed/);
    await cluster.pass(3600);
    await cluster.arm.managedClusters.start(resourceGroup, 'aks').submitted();
    await cluster.until(
      'a running cluster',
      async () =>
        (await cluster.arm.managedClusters.get(resourceGroup, 'aks')).powerState?.code === 'Running',
    );
    await cluster.until('the pod again', isReady);
    assert.equal((await container())?.restartCount, 1);
  });

  it('is idle, so that the clock may move, while a fault delays a request', async () => {
    cluster.azure.faults.set({
      http: [{ match: { operation: 'AgentPools_List' }, action: { type: 'delay', seconds: 30 } }],
    });
    const listed = cluster.arm.agentPools.list(resourceGroup, 'aks').next();
    let answered = false;
    void listed.then(() => (answered = true));
    while (cluster.azure.counts().total === 0) await new Promise((resolve) => setImmediate(resolve));
    const seconds = await cluster.until('the delayed answer', () => answered);
    assert.ok(seconds >= 30, `answered after ${seconds} s`);
  });

  it('resumes after a crash at any step of a start', async () => {
    await deploy();
    for (let crash = 0; crash < 12; crash++) {
      if (await isReady()) break;
      await cluster.pass(60);
      await cluster.restart();
    }
    await cluster.until('a ready pod', isReady);
    assert.equal((await container())?.restartCount, 0);
    assert.equal((await cluster.core.listNamespacedPod({ namespace })).items.length, 1);
  });
});
