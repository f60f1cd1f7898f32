import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startCluster } from './cluster-harness.ts';
import type { ClusterHarness } from './cluster-harness.ts';
import { devicePlugin, inference, serviceOf } from './manifests.ts';

describe('an inference workload from agent pool to answer', () => {
  let cluster: ClusterHarness;
  before(async () => {
    cluster = await startCluster();
  });
  after(() => cluster.stop());

  const nodes = async (pool: string) =>
    (await cluster.core.listNode({ labelSelector: `agentpool=${pool}` })).items;
  const pod = async (name: string) =>
    (await cluster.core.listNamespacedPod({ namespace: 'default', fieldSelector: `metadata.name=${name}` }))
      .items[0];
  const isReady = (conditions: { type: string; status: string }[] | undefined) =>
    conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;

  it('has one Ready node in its system pool from the start', async () => {
    await cluster.until('a Ready system node', async () =>
      isReady((await nodes('nodepool1'))[0]?.status?.conditions),
    );
    assert.equal(cluster.clock.now(), Date.UTC(2026, 0, 1));
  });

  it('has a pod wait as Unschedulable while no GPU is there', async () => {
    await cluster.core.createNamespacedService({ namespace: 'default', body: serviceOf('phi') });
    await cluster.apps.createNamespacedStatefulSet({ namespace: 'default', body: inference('phi') });
    await cluster.until('an unschedulable pod', async () => {
      const scheduled = (await pod('phi-0'))?.status?.conditions?.find(({ type }) => type === 'PodScheduled');
      return scheduled?.status === 'False' && scheduled.reason === 'Unschedulable';
    });
    const events = await cluster.core.listNamespacedEvent({ namespace: 'default' });
    assert.ok(
      events.items.some(
        ({ reason, involvedObject }) => reason === 'FailedScheduling' && involvedObject.name === 'phi-0',
      ),
    );
    assert.equal((await cluster.serve('phi', '/health')).status, 503);
  });

  it('joins a node with the labels, taints and provider id of AKS, some time after the pool', async () => {
    await cluster.createPool('ws1', { nodeLabels: { 'kaito.sh/workspace': 'phi' } });
    const seconds = await cluster.until('a Ready GPU node', async () =>
      isReady((await nodes('ws1'))[0]?.status?.conditions),
    );
    assert.ok(seconds >= 240 && seconds <= 400, `took ${seconds} s`);
    const node = (await nodes('ws1'))[0]!;
    assert.match(node.metadata!.name!, /^aks-ws1-\d{8}-vmss[0-9a-z]{6}$/);
    assert.match(node.spec!.providerID!, /^azure:\/\/\/subscriptions\/.*\/virtualMachines\/0$/);
    assert.equal(node.metadata!.labels!['node.kubernetes.io/instance-type'], 'Standard_NC24ads_A100_v4');
    assert.equal(node.metadata!.labels!['kubernetes.azure.com/agentpool'], 'ws1');
    assert.equal(node.metadata!.labels!['kaito.sh/workspace'], 'phi');
    assert.equal(node.metadata!.labels!['topology.kubernetes.io/region'], 'eastus');
    assert.deepEqual(
      node.spec!.taints?.map(({ key, effect }) => `${key}:${effect}`),
      ['sku:NoSchedule'],
    );
    assert.equal(
      node.status!.capacity!['nvidia.com/gpu'],
      undefined,
      'AKS does not install the device plugin',
    );
  });

  it('offers GPUs once the device plugin runs on the node', async () => {
    await cluster.apps.createNamespacedDaemonSet({ namespace: 'kube-system', body: devicePlugin() });
    await cluster.until(
      'an allocatable GPU',
      async () => (await nodes('ws1'))[0]?.status?.allocatable?.['nvidia.com/gpu'] === '1',
    );
  });

  it('pulls the image, loads the model, runs the benchmark, and only then is ready', async () => {
    await cluster.until('a running pod', async () => (await pod('phi-0'))?.status?.phase === 'Running');
    assert.equal((await cluster.serve('phi', '/v1/models')).status, 503);
    const seconds = await cluster.until('a ready pod', async () =>
      isReady((await pod('phi-0'))?.status?.conditions),
    );
    assert.ok(seconds >= 100 && seconds < 300, `took ${seconds} s`);
    const set = await cluster.apps.readNamespacedStatefulSet({ namespace: 'default', name: 'phi' });
    assert.equal(set.status?.readyReplicas, 1);
    assert.equal(set.status.observedGeneration, set.metadata?.generation);
    assert.equal((await pod('phi-0'))?.metadata?.labels?.['apps.kubernetes.io/pod-index'], '0');
  });

  it('logs the benchmark as KAITO reads it', async () => {
    const log = await cluster.core.readNamespacedPodLog({
      namespace: 'default',
      name: 'phi-0',
      container: 'phi',
      tailLines: 500,
    });
    const result = /^KAITO_BENCHMARK_RESULT \S+Z (\{.*\})$/m.exec(log)?.[1];
    assert.match(result!, /"vllm_total_tpm":\d+/);
    assert.match(log, /^KAITO_BENCHMARK_CONFIG \S+Z \{.*\}$/m);
  });

  it('publishes endpoints of the ready pod', async () => {
    const endpoints = await cluster.core.readNamespacedEndpoints({ namespace: 'default', name: 'phi' });
    assert.equal(endpoints.subsets?.[0]?.addresses?.[0]?.targetRef?.name, 'phi-0');
    assert.equal(endpoints.subsets[0].ports?.[0]?.port, 5000);
    const slices = await cluster.discovery.listNamespacedEndpointSlice({
      namespace: 'default',
      labelSelector: 'kubernetes.io/service-name=phi',
    });
    assert.equal(slices.items[0]?.endpoints?.[0]?.conditions?.ready, true);
  });

  it('answers OpenAI requests through the service proxy, and says it is a stand-in', async () => {
    assert.equal((await cluster.serve('phi', '/health')).status, 200);
    assert.match((await cluster.serve('phi:80', '/v1/models')).text, /"id":"phi-3-mini-4k-instruct"/);
    const body = {
      model: 'phi-3-mini-4k-instruct',
      messages: [{ role: 'user', content: 'What is Kubernetes?' }],
    };
    const answer = await cluster.serve('phi:http', '/v1/chat/completions', body);
    assert.equal(answer.status, 200);
    assert.match(answer.text, /"content":"[^"]*kubernetes[^"]*stand-in/);
    assert.equal((await cluster.serve('phi', '/v1/chat/completions', body)).text, answer.text);
    const stream = await cluster.serve('phi', '/v1/chat/completions', { ...body, stream: true });
    assert.match(stream.type, /text\/event-stream/);
    assert.match(
      stream.text,
      /^data: \{.*"object":"chat.completion.chunk".*\}\n\n[\s\S]*data: \[DONE\]\n\n$/,
    );
    assert.equal(
      (await cluster.serve('phi', '/v1/completions', { prompt: 'Hello', max_tokens: 3 })).status,
      200,
    );
    assert.match((await cluster.serve('phi', '/chat', { prompt: 'Hello' })).text, /"Result":/);
    const unknown = await cluster.serve('phi', '/v1/chat/completions', { ...body, model: 'gpt' });
    assert.equal(unknown.status, 404);
    assert.equal((await cluster.serve('phi', '/v1/chat/completions', {})).status, 400);
  });

  it('goes on serving after a crash of the simulator', async () => {
    await cluster.restart();
    assert.equal((await cluster.serve('phi', '/health')).status, 200);
    assert.equal((await pod('phi-0'))?.status?.containerStatuses?.[0]?.restartCount, 0);
  });

  it('drains and removes the nodes of a deleted pool, and the pod waits again', async () => {
    await cluster.deletePool('ws1');
    await cluster.until('no node left', async () => (await nodes('ws1')).length === 0);
    await cluster.until('a pending pod', async () => (await pod('phi-0'))?.spec?.nodeName === undefined);
    assert.equal((await cluster.serve('phi', '/health')).status, 503);
    const pools = [];
    for await (const pool of cluster.arm.agentPools.list('slipway', 'aks')) pools.push(pool.name);
    assert.deepEqual(pools, ['nodepool1']);
  });
});
