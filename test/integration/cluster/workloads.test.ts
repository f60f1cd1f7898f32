import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startCluster } from './cluster-harness.ts';
import type { ClusterHarness } from './cluster-harness.ts';
import { deployment, job, ordered } from './manifests.ts';

const namespace = 'default';

describe('workload controllers', () => {
  let cluster: ClusterHarness;
  before(async () => {
    cluster = await startCluster();
  });
  after(() => cluster.stop());

  const pods = async (labelSelector: string) => {
    const { items } = await cluster.core.listNamespacedPod({ namespace, labelSelector });
    return items.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
  };
  const readReplicas = async (name: string) =>
    (await cluster.apps.readNamespacedDeployment({ namespace, name })).status;

  it('brings a Deployment to its replicas through a ReplicaSet', async () => {
    await cluster.apps.createNamespacedDeployment({ namespace, body: deployment('web') });
    await cluster.until(
      'three available replicas',
      async () => (await readReplicas('web'))?.availableReplicas === 3,
    );
    const [set] = (await cluster.apps.listNamespacedReplicaSet({ namespace })).items;
    assert.equal(set?.metadata?.ownerReferences?.[0]?.name, 'web');
    const [pod] = await pods('app=web');
    assert.equal(pod?.metadata?.labels?.['pod-template-hash'], set.metadata.labels?.['pod-template-hash']);
    const status = await readReplicas('web');
    assert.equal(status?.conditions?.find(({ type }) => type === 'Available')?.status, 'True');
    assert.equal(
      status.conditions.find(({ type }) => type === 'Progressing')?.reason,
      'NewReplicaSetAvailable',
    );
  });

  it('rolls a Deployment over without ever falling below what may be unavailable', async () => {
    const body = deployment('web', { image: 'nginx:2' });
    await cluster.apps.replaceNamespacedDeployment({ namespace, name: 'web', body });
    let least = 3;
    await cluster.until('three updated replicas', async () => {
      const status = await readReplicas('web');
      least = Math.min(least, status?.readyReplicas ?? 0);
      return (
        status?.observedGeneration === 2 &&
        status.updatedReplicas === 3 &&
        status.replicas === 3 &&
        status.readyReplicas === 3
      );
    });
    assert.ok(least >= 3, `only ${least} pods were ready at some moment`);
    assert.deepEqual(
      new Set((await pods('app=web')).map(({ spec }) => spec?.containers[0]?.image)),
      new Set(['nginx:2']),
    );
  });

  it('replaces a pod that somebody deletes, after its grace', async () => {
    const [victim] = await pods('app=web');
    await cluster.core.deleteNamespacedPod({ namespace, name: victim!.metadata!.name! });
    await cluster.until('three other pods', async () => {
      const names = (await pods('app=web')).map(({ metadata }) => metadata?.name);
      return names.length === 3 && !names.includes(victim!.metadata!.name);
    });
  });

  it('starts an ordered StatefulSet one pod after another, each with its claim', async () => {
    await cluster.apps.createNamespacedStatefulSet({ namespace, body: ordered('db') });
    let most = 0;
    await cluster.until('three ready members', async () => {
      const members = await pods('app=db');
      const unready = members.filter(
        ({ status }) =>
          !status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
      );
      most = Math.max(most, unready.length);
      return members.length === 3 && unready.length === 0;
    });
    assert.equal(most, 1, 'never two members start at once');
    assert.deepEqual(
      (await pods('app=db')).map(({ metadata }) => metadata?.name),
      ['db-0', 'db-1', 'db-2'],
    );
    const claims = (await cluster.core.listNamespacedPersistentVolumeClaim({ namespace })).items;
    assert.deepEqual(
      claims.map(({ metadata, status }) => `${metadata?.name ?? ''} ${status?.phase ?? ''}`),
      ['data-db-0 Bound', 'data-db-1 Bound', 'data-db-2 Bound'],
    );
  });

  it('updates a StatefulSet from the highest ordinal down and tells its revisions', async () => {
    const old = (await cluster.apps.readNamespacedStatefulSet({ namespace, name: 'db' })).status;
    await cluster.apps.replaceNamespacedStatefulSet({
      namespace,
      name: 'db',
      body: ordered('db', { image: 'redis:2' }),
    });
    const order: string[] = [];
    await cluster.until('three updated members', async () => {
      for (const { metadata, spec } of await pods('app=db')) {
        const name = metadata?.name ?? '';
        if (spec?.containers[0]?.image === 'redis:2' && !order.includes(name)) order.push(name);
      }
      const status = (await cluster.apps.readNamespacedStatefulSet({ namespace, name: 'db' })).status;
      return (
        status?.readyReplicas === 3 &&
        status.updatedReplicas === 3 &&
        status.currentRevision === status.updateRevision
      );
    });
    assert.deepEqual(order, ['db-2', 'db-1', 'db-0']);
    const status = (await cluster.apps.readNamespacedStatefulSet({ namespace, name: 'db' })).status;
    assert.notEqual(status?.currentRevision, old?.currentRevision);
  });

  it('leaves nothing of a deleted StatefulSet, its claims included', async () => {
    await cluster.apps.deleteNamespacedStatefulSet({ namespace, name: 'db' });
    await cluster.until('nothing left', async () => {
      const claims = (await cluster.core.listNamespacedPersistentVolumeClaim({ namespace })).items;
      return (await pods('app=db')).length === 0 && claims.length === 0;
    });
  });

  it('completes a Job, and removes it after its time to live', async () => {
    await cluster.batch.createNamespacedJob({ namespace, body: job('tune') });
    const read = async () =>
      (await cluster.batch.listNamespacedJob({ namespace, fieldSelector: 'metadata.name=tune' })).items[0];
    await cluster.until(
      'a complete job',
      async () =>
        (await read())?.status?.conditions?.some(
          ({ type, status }) => type === 'Complete' && status === 'True',
        ) === true,
    );
    const done = await read();
    assert.equal(done?.status?.succeeded, 1);
    const [pod] = await pods('batch.kubernetes.io/job-name=tune');
    assert.equal(pod?.status?.phase, 'Succeeded');
    assert.equal(pod.status.containerStatuses?.[0]?.state?.terminated?.reason, 'Completed');
    const seconds = await cluster.until('a removed job', async () => (await read()) === undefined);
    assert.ok(seconds >= 590, `went after ${seconds} s`);
  });

  it('gives a failing Job up after its back-off limit', async () => {
    cluster.azure.faults.set({
      pods: [{ match: { name: 'bad-*' }, effect: 'fails', exitCode: 3, afterSeconds: 10 }],
    });
    await cluster.batch.createNamespacedJob({ namespace, body: job('bad') });
    await cluster.until('a failed job', async () => {
      const status = (await cluster.batch.readNamespacedJob({ namespace, name: 'bad' })).status;
      const failed = status?.conditions?.find(({ type }) => type === 'Failed');
      return failed?.reason === 'BackoffLimitExceeded' && status?.failed === 2;
    });
    cluster.azure.faults.clear();
  });
});
