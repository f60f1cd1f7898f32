import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { AppsV1Api, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import {
  listAt,
  numberAt,
  objectAt,
  stringAt,
  type JsonObject,
} from '../../../infra/local/kubernetes/json.ts';
import { mediaType, startCluster, type Answer, type TestCluster } from './support/cluster.ts';
import { car, carDefinition, configMap, deployment, path } from './support/manifests.ts';

describe('server-side apply', () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startCluster();
    await cluster.call('POST', path.definitions, { body: carDefinition });
  });
  after(() => cluster.close());

  function apply(
    target: string,
    body: unknown,
    { manager = 'slipway', force = false } = {},
  ): Promise<Answer> {
    const query = `fieldManager=${manager}${force ? '&force=true' : ''}`;
    return cluster.call('PATCH', `${target}?${query}`, { body, contentType: mediaType.apply });
  }

  function managers(body: JsonObject): string[] {
    return listAt(body, 'metadata', 'managedFields').map(
      (entry) =>
        `${stringAt(entry, 'manager')}/${stringAt(entry, 'operation')}/${stringAt(entry, 'subresource') ?? ''}`,
    );
  }

  it('the real client creates, and applying the same again changes nothing', async () => {
    const apps = cluster.kubeConfig.makeApiClient(AppsV1Api);
    const request = {
      namespace: 'default',
      name: 'same',
      body: deployment('same'),
      fieldManager: 'slipway',
      force: true,
    };
    const options = setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply);
    const first = await apps.patchNamespacedDeployment(request, options);
    cluster.clock.advanceTo(cluster.clock.now() + 60_000);
    const second = await apps.patchNamespacedDeployment(request, options);
    assert.equal(second.metadata?.resourceVersion, first.metadata?.resourceVersion);
    assert.equal(second.metadata?.uid, first.metadata?.uid);
  });

  it('answers 201 when it creates and 200 when it changes, and reads YAML', async () => {
    const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\ndata: {a: "1"}\n';
    assert.equal((await apply(`${path.configMaps}/yaml`, yaml)).code, 201);
    const changed = await apply(`${path.configMaps}/yaml`, yaml.replace('"1"', '"2"'));
    assert.deepEqual([changed.code, changed.body['data']], [200, { a: '2' }]);
  });

  it('needs a field manager', async () => {
    const { code, body } = await cluster.call('PATCH', `${path.configMaps}/x`, {
      body: {},
      contentType: mediaType.apply,
    });
    assert.equal(code, 422);
    assert.equal(
      body['message'],
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  });

  it("another manager's value is a conflict that names field and owner, unless forced", async () => {
    const target = `${path.deployments}/contested`;
    await apply(target, deployment('contested', { replicas: 1 }), { manager: 'kaito' });
    const mine = deployment('contested', { replicas: 2 });
    const refused = await apply(target, mine);
    assert.equal(refused.code, 409);
    assert.equal(
      refused.body['message'],
      'Apply failed with 1 conflict: conflict with "kaito": .spec.replicas',
    );
    assert.deepEqual(listAt(refused.body, 'details', 'causes'), [
      { reason: 'FieldManagerConflict', message: 'conflict with "kaito"', field: '.spec.replicas' },
    ]);
    const forced = await apply(target, mine, { force: true });
    assert.equal(numberAt(forced.body, 'spec', 'replicas'), 2);
    const back = await apply(target, deployment('contested', { replicas: 1 }), { manager: 'kaito' });
    assert.equal(back.code, 409);
  });

  it('equal values are owned together, and go only when the last owner gives them up', async () => {
    const target = `${path.configMaps}/shared`;
    const body = (data: object) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'shared' },
      data,
    });
    await apply(target, body({ a: '1', b: '1' }), { manager: 'one' });
    await apply(target, body({ a: '1' }), { manager: 'two' });
    const first = await apply(target, body({}), { manager: 'one' });
    assert.deepEqual(first.body['data'], { a: '1' });
    const second = await apply(target, body({}), { manager: 'two' });
    assert.deepEqual(second.body['data'], {});
  });

  it('list items merge by key, and only those no longer applied go', async () => {
    const target = `${path.deployments}/listed`;
    const withContainers = (containers: object[]) =>
      deployment('listed', { template: { metadata: { labels: { app: 'listed' } }, spec: { containers } } });
    const env = (name: string) => ({ name, value: '1' });
    await apply(
      target,
      withContainers([
        { name: 'web', image: 'w', env: [env('A'), env('B')] },
        { name: 'side', image: 's' },
      ]),
    );
    await cluster.call('PATCH', target, {
      body: { spec: { template: { spec: { containers: [{ name: 'injected', image: 'i' }] } } } },
      contentType: mediaType.strategic,
    });
    const { body } = await apply(
      target,
      withContainers([{ name: 'web', image: 'w', env: [env('B'), env('C')] }]),
    );
    const containers = listAt(body, 'spec', 'template', 'spec', 'containers');
    assert.deepEqual(containers.map((container) => stringAt(container, 'name')).sort(), ['injected', 'web']);
    const web = containers.find((container) => stringAt(container, 'name') === 'web');
    assert.deepEqual(listAt(web, 'env'), [env('B'), env('C')]);
  });

  it('an ordinary update takes ownership without asking, and apply then conflicts with it', async () => {
    const target = `${path.deployments}/updated`;
    await apply(target, deployment('updated', { replicas: 1 }));
    await cluster.call('PATCH', `${target}?fieldManager=hand`, {
      body: { spec: { replicas: 5 } },
      contentType: mediaType.merge,
    });
    const refused = await apply(target, deployment('updated', { replicas: 1 }));
    assert.equal(refused.code, 409);
    assert.match(String(refused.body['message']), /conflict with "hand" using apps\/v1: \.spec\.replicas/);
    const kept = await apply(target, deployment('updated'));
    assert.equal(numberAt(kept.body, 'spec', 'replicas'), 5);
  });

  it('the status endpoint has a set of its own and leaves the rest alone', async () => {
    const target = `${path.cars}/reported`;
    await apply(target, car('reported'));
    const { body } = await apply(
      `${target}/status`,
      car('reported', { engine: { model: 'v8' }, status: { phase: 'Built' } }),
    );
    assert.equal(stringAt(body, 'engine', 'model'), 'v6');
    assert.deepEqual(body['status'], { phase: 'Built' });
    assert.deepEqual(managers(body), ['slipway/Apply/', 'slipway/Apply/status']);
    const again = await apply(target, car('reported', { engine: { model: 'v8' } }));
    assert.deepEqual(again.body['status'], { phase: 'Built' });
    const cleared = await apply(`${target}/status`, car('reported'));
    assert.equal(objectAt(cleared.body, 'status')?.['phase'], undefined);
  });

  it('a field the schema does not know fails without a reason, as on a real server', async () => {
    const { code, body } = await apply(`${path.deployments}/unknown`, deployment('unknown', { replica: 2 }));
    assert.equal(code, 500);
    assert.equal(body['reason'], undefined);
    assert.equal(
      body['message'],
      'failed to create typed patch object (default/unknown; apps/v1, Kind=Deployment): .spec.replica: field not declared in schema',
    );
  });

  it('finalizers and owner references of several managers live side by side', async () => {
    const target = `${path.configMaps}/held`;
    const body = (metadata: object) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'held', ...metadata },
    });
    const owner = async (name: string) => {
      const created = await cluster.call('POST', path.configMaps, { body: configMap(name) });
      return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: stringAt(created.body, 'metadata', 'uid') };
    };
    const [first, second] = [await owner('owner-1'), await owner('owner-2')];
    await apply(target, body({ finalizers: ['example.com/a'], ownerReferences: [first] }), {
      manager: 'one',
    });
    const both = await apply(target, body({ finalizers: ['example.com/b'], ownerReferences: [second] }), {
      manager: 'two',
    });
    assert.deepEqual(listAt(both.body, 'metadata', 'finalizers'), ['example.com/a', 'example.com/b']);
    assert.equal(listAt(both.body, 'metadata', 'ownerReferences').length, 2);
    const left = await apply(target, body({}), { manager: 'one' });
    assert.deepEqual(listAt(left.body, 'metadata', 'finalizers'), ['example.com/b']);
  });

  it('a wrong resourceVersion in the applied body is a conflict', async () => {
    const target = `${path.configMaps}/guarded`;
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'guarded' }, data: {} };
    await apply(target, body);
    const { code } = await apply(target, { ...body, metadata: { name: 'guarded', resourceVersion: '1' } });
    assert.equal(code, 409);
  });
});
