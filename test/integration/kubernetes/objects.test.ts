import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ApiException, AppsV1Api, CoreV1Api, V1ConfigMap, V1ObjectMeta } from '@kubernetes/client-node';
import { listAt, numberAt, objectAt, stringAt } from '../../../infra/local/kubernetes/json.ts';
import { startCluster, type TestCluster } from './support/cluster.ts';
import { configMap, deployment, path, pod } from './support/manifests.ts';

describe('objects of the simulated API server', () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startCluster({ tokens: ['another'] });
  });
  after(() => cluster.close());

  it('the real client creates, reads, replaces and deletes through TLS', async () => {
    const core = cluster.kubeConfig.makeApiClient(CoreV1Api);
    const body = Object.assign(new V1ConfigMap(), {
      metadata: Object.assign(new V1ObjectMeta(), { generateName: 'made-' }),
      data: { a: '1' },
    });
    const created = await core.createNamespacedConfigMap({ namespace: 'default', body });
    const name = created.metadata?.name ?? '';
    assert.match(name, /^made-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    created.data = { a: '2' };
    const replaced = await core.replaceNamespacedConfigMap({ namespace: 'default', name, body: created });
    assert.equal(replaced.data?.['a'], '2');
    await core.deleteNamespacedConfigMap({ namespace: 'default', name });
    await assert.rejects(
      core.readNamespacedConfigMap({ namespace: 'default', name }),
      (error) => error instanceof ApiException && error.code === 404,
    );
  });

  it('a Deployment gets the defaults a real server fills in', async () => {
    const apps = cluster.kubeConfig.makeApiClient(AppsV1Api);
    const { body } = await cluster.call('POST', path.deployments, { body: deployment('defaults') });
    assert.deepEqual(objectAt(body, 'spec', 'strategy'), {
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' },
    });
    assert.equal(numberAt(body, 'spec', 'progressDeadlineSeconds'), 600);
    assert.equal(numberAt(body, 'metadata', 'generation'), 1);
    const read = await apps.readNamespacedDeployment({ namespace: 'default', name: 'defaults' });
    assert.equal(read.spec?.template.spec?.terminationGracePeriodSeconds, 30);
    assert.equal(read.spec.template.spec.containers[0]?.imagePullPolicy, 'IfNotPresent');
  });

  it('a Service gets a cluster IP of its own that an update cannot change', async () => {
    const service = (name: string) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { ports: [{ port: 80 }] },
    });
    const first = await cluster.call('POST', path.services, { body: service('first') });
    const second = await cluster.call('POST', path.services, { body: service('second') });
    const address = stringAt(first.body, 'spec', 'clusterIP');
    assert.match(address ?? '', /^10\.0\./);
    assert.notEqual(stringAt(second.body, 'spec', 'clusterIP'), address);
    assert.deepEqual(listAt(first.body, 'spec', 'ports'), [{ port: 80, protocol: 'TCP', targetPort: 80 }]);
    const again = await cluster.call('PUT', `${path.services}/first`, { body: service('first') });
    assert.equal(stringAt(again.body, 'spec', 'clusterIP'), address);
    const moved = await cluster.call('PUT', `${path.services}/first`, {
      body: { ...service('first'), spec: { ports: [{ port: 80 }], clusterIP: '10.0.9.9' } },
    });
    assert.equal(moved.code, 422);
  });

  it('refusals carry the bodies a real server sends', async () => {
    const missing = await cluster.call('GET', `${path.pods}/nope`);
    assert.equal(missing.code, 404);
    assert.equal(missing.body['message'], 'pods "nope" not found');
    assert.deepEqual(missing.body['details'], { name: 'nope', kind: 'pods' });
    await cluster.call('POST', path.deployments, { body: deployment('twice') });
    const twice = await cluster.call('POST', path.deployments, { body: deployment('twice') });
    assert.equal(twice.code, 409);
    assert.equal(twice.body['reason'], 'AlreadyExists');
    assert.equal(twice.body['message'], 'deployments.apps "twice" already exists');
    const faulty = await cluster.call('POST', path.deployments, {
      body: deployment('faulty', { selector: { matchLabels: { app: 'other' } }, replicas: -1 }),
    });
    assert.equal(faulty.code, 422);
    const causes = listAt(faulty.body, 'details', 'causes').map((cause) => stringAt(cause, 'field'));
    assert.deepEqual(causes.sort(), ['spec.replicas', 'spec.template.metadata.labels']);
    const typed = await cluster.call('POST', path.deployments, {
      body: deployment('typed', { replicas: 'two' }),
    });
    assert.equal(typed.code, 400);
    const nowhere = await cluster.call('POST', '/api/v1/namespaces/nowhere/pods', {
      body: { ...pod('p'), metadata: { name: 'p' } },
    });
    assert.equal(nowhere.body['message'], 'namespaces "nowhere" not found');
    const unknown = await cluster.call('GET', '/apis/none.example.com/v1/things');
    assert.deepEqual([unknown.code, unknown.text], [404, '404 page not found\n']);
  });

  it('a stale resourceVersion is a conflict, and a write without change keeps the version', async () => {
    const { body } = await cluster.call('POST', path.configMaps, { body: configMap('versioned') });
    const newer = await cluster.call('PUT', `${path.configMaps}/versioned`, {
      body: { ...body, data: { colour: 'blue' } },
    });
    assert.equal(newer.code, 200);
    const stale = await cluster.call('PUT', `${path.configMaps}/versioned`, {
      body: { ...body, data: { colour: 'green' } },
    });
    assert.equal(stale.code, 409);
    assert.match(
      String(stale.body['message']),
      /the object has been modified; please apply your changes to the latest version/,
    );
    const same = await cluster.call('PUT', `${path.configMaps}/versioned`, { body: newer.body });
    assert.equal(
      stringAt(same.body, 'metadata', 'resourceVersion'),
      stringAt(newer.body, 'metadata', 'resourceVersion'),
    );
  });

  it('unknown fields are pruned with a warning, or refused when validation is strict', async () => {
    const body = pod('typo', { spec: { containerz: [] } });
    const strict = await cluster.call('POST', `${path.pods}?fieldValidation=Strict`, { body });
    assert.deepEqual(
      [strict.code, strict.body['message']],
      [400, 'strict decoding error: unknown field "spec.containerz"'],
    );
    const warned = await cluster.call('POST', path.pods, { body });
    assert.equal(warned.code, 201);
    assert.match(String(warned.headers['warning']), /unknown field/);
    assert.equal(objectAt(warned.body, 'spec')?.['containerz'], undefined);
  });

  it('a dry run answers as the write would, and writes nothing', async () => {
    const dry = await cluster.call('POST', `${path.configMaps}?dryRun=All`, { body: configMap('dry') });
    assert.equal(dry.code, 201);
    assert.notEqual(stringAt(dry.body, 'metadata', 'uid'), undefined);
    assert.equal((await cluster.call('GET', `${path.configMaps}/dry`)).code, 404);
  });

  it('only known bearer tokens are let in', async () => {
    const refused = await cluster.call('GET', path.pods, { token: 'stolen' });
    assert.deepEqual([refused.code, refused.body['reason']], [401, 'Unauthorized']);
    assert.equal((await cluster.call('GET', path.pods, { token: 'another' })).code, 200);
    assert.equal((await cluster.call('GET', '/readyz', { token: 'stolen' })).code, 200);
  });

  it('a GPU that is requested without a limit is refused, as it cannot be overcommitted', async () => {
    const container = { name: 'main', image: 'i', resources: { requests: { 'nvidia.com/gpu': '1' } } };
    const { code, body } = await cluster.call('POST', path.pods, {
      body: pod('gpu', { spec: { containers: [container] } }),
    });
    assert.equal(code, 422);
    assert.match(String(body['message']), /Limit must be set for non overcommitable resources/);
  });

  it('replicas change through the scale subresource and count as a new generation', async () => {
    await cluster.call('POST', path.deployments, { body: deployment('scaled') });
    const { body } = await cluster.call('PATCH', `${path.deployments}/scaled/scale`, {
      body: { spec: { replicas: 4 } },
      contentType: 'application/merge-patch+json',
    });
    assert.equal(body['kind'], 'Scale');
    const read = await cluster.call('GET', `${path.deployments}/scaled`);
    assert.deepEqual(
      [numberAt(read.body, 'spec', 'replicas'), numberAt(read.body, 'metadata', 'generation')],
      [4, 2],
    );
  });
});
