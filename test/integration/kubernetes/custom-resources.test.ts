import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CustomObjectsApi, KubernetesObjectApi, PatchStrategy } from '@kubernetes/client-node';
import { listAt, numberAt, objectAt, stringAt } from '../../../infra/local/kubernetes/json.ts';
import { mediaType, startCluster, type TestCluster } from './support/cluster.ts';
import { car, carDefinition, path } from './support/manifests.ts';

describe('custom resources', () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startCluster();
    assert.equal((await cluster.call('POST', path.definitions, { body: carDefinition })).code, 201);
  });
  after(() => cluster.close());

  it('a definition becomes Established and is discoverable in both versions', async () => {
    const { body } = await cluster.call('GET', `${path.definitions}/cars.example.com`);
    const established = listAt(body, 'status', 'conditions').find(
      (condition) => stringAt(condition, 'type') === 'Established',
    );
    assert.equal(stringAt(established, 'status'), 'True');
    assert.deepEqual(listAt(body, 'status', 'storedVersions'), ['v1beta1']);
    const group = await cluster.call('GET', '/apis/example.com');
    assert.deepEqual(
      listAt(group.body, 'versions').map((version) => stringAt(version, 'version')),
      ['v1beta1', 'v1alpha1'],
    );
    const resources = await cluster.call('GET', '/apis/example.com/v1alpha1');
    assert.deepEqual(
      listAt(resources.body, 'resources').map((entry) => stringAt(entry, 'name')),
      ['cars', 'cars/status'],
    );
  });

  it('defaults are filled, unknown fields pruned, free-form ones kept', async () => {
    const engine = { model: 'v8', colour: 'red', notes: { anything: [1, null] }, fuel: '10%' };
    const { code, body } = await cluster.call('POST', path.cars, {
      body: car('pruned', { engine, trailer: {} }),
    });
    assert.equal(code, 201);
    assert.deepEqual(body['engine'], {
      model: 'v8',
      power: 100,
      notes: { anything: [1, null] },
      fuel: '10%',
    });
    assert.equal(body['trailer'], undefined);
  });

  it('every fault of a body is a cause with its field', async () => {
    const engine = { model: 'v12', power: 1000, fuel: true };
    const { code, body } = await cluster.call('POST', path.cars, {
      body: car('faulty', { engine, seats: [{}] }),
    });
    assert.equal(code, 422);
    const causes = listAt(body, 'details', 'causes').map((cause) => [
      stringAt(cause, 'field'),
      stringAt(cause, 'reason'),
    ]);
    assert.deepEqual(causes, [
      ['engine.model', 'FieldValueNotSupported'],
      ['engine.power', 'FieldValueInvalid'],
      ['engine.fuel', 'FieldValueTypeInvalid'],
      ['seats[0].row', 'FieldValueRequired'],
    ]);
    const { engine: _, ...without } = car('empty');
    const missing = await cluster.call('POST', path.cars, { body: without });
    assert.match(
      String(missing.body['message']),
      /^Car\.example\.com "empty" is invalid: engine: Required value/,
    );
  });

  it('one object is seen at both versions', async () => {
    await cluster.call('POST', path.cars, { body: car('versions') });
    const old = await cluster.call('GET', '/apis/example.com/v1alpha1/namespaces/default/cars/versions');
    assert.equal(old.body['apiVersion'], 'example.com/v1alpha1');
    const list = await cluster.call('GET', '/apis/example.com/v1alpha1/cars');
    assert.ok(
      listAt(list.body, 'items').every((item) => stringAt(item, 'apiVersion') === 'example.com/v1alpha1'),
    );
  });

  it('the main endpoint ignores status, the status endpoint everything else, payload outside spec included', async () => {
    const created = await cluster.call('POST', path.cars, {
      body: car('split', { status: { phase: 'smuggled' } }),
    });
    assert.equal(created.body['status'], undefined);
    const reported = await cluster.call('PATCH', `${path.cars}/split/status`, {
      body: { engine: { model: 'v8' }, metadata: { labels: { a: 'b' } }, status: { phase: 'Built' } },
      contentType: mediaType.merge,
    });
    assert.deepEqual(reported.body['status'], { phase: 'Built' });
    assert.equal(stringAt(reported.body, 'engine', 'model'), 'v6');
    assert.equal(objectAt(reported.body, 'metadata', 'labels'), undefined);
    assert.equal(numberAt(reported.body, 'metadata', 'generation'), 1);
    const changed = await cluster.call('PATCH', `${path.cars}/split`, {
      body: { engine: { model: 'v8' }, status: { phase: 'Scrapped' } },
      contentType: mediaType.merge,
    });
    assert.deepEqual(changed.body['status'], { phase: 'Built' });
    assert.equal(numberAt(changed.body, 'metadata', 'generation'), 2);
    const labelled = await cluster.call('PATCH', `${path.cars}/split`, {
      body: { metadata: { annotations: { a: 'b' } } },
      contentType: mediaType.merge,
    });
    assert.equal(numberAt(labelled.body, 'metadata', 'generation'), 2);
  });

  it('a replacement must name the version it replaces', async () => {
    await cluster.call('POST', path.cars, { body: car('blind') });
    assert.equal((await cluster.call('PUT', `${path.cars}/blind`, { body: car('blind') })).code, 422);
  });

  it('strategic merge patches are not for custom resources', async () => {
    await cluster.call('POST', path.cars, { body: car('strategic') });
    const { code } = await cluster.call('PATCH', `${path.cars}/strategic`, {
      body: {},
      contentType: mediaType.strategic,
    });
    assert.equal(code, 415);
  });

  it('kubectl gets the declared columns as a table', async () => {
    await cluster.call('POST', path.cars, { body: car('printed') });
    const { body } = await cluster.call('GET', `${path.cars}/printed`, {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    });
    assert.deepEqual(
      listAt(body, 'columnDefinitions').map((column) => stringAt(column, 'name')),
      ['Name', 'Model', 'Age'],
    );
    assert.deepEqual(listAt(listAt(body, 'rows')[0], 'cells'), ['printed', 'v6', '0s']);
  });

  it('the real client applies and lists them by discovery', async () => {
    const objects = KubernetesObjectApi.makeApiClient(cluster.kubeConfig);
    const manifest = { ...car('applied'), metadata: { name: 'applied', namespace: 'default' } };
    const applied = await objects.patch(
      manifest,
      undefined,
      undefined,
      'slipway',
      true,
      PatchStrategy.ServerSideApply,
    );
    assert.equal(applied.metadata.name, 'applied');
    const custom = cluster.kubeConfig.makeApiClient(CustomObjectsApi);
    const list: unknown = await custom.listNamespacedCustomObject({
      group: 'example.com',
      version: 'v1beta1',
      namespace: 'default',
      plural: 'cars',
    });
    assert.ok(listAt(list, 'items').some((item) => stringAt(item, 'metadata', 'name') === 'applied'));
  });

  it('deleting the definition deletes what it defined', async () => {
    const other = structuredClone(carDefinition);
    Object.assign(other.metadata, { name: 'bikes.example.com' });
    Object.assign(other.spec.names, { plural: 'bikes', kind: 'Bike', shortNames: [] });
    await cluster.call('POST', path.definitions, { body: other });
    const bikes = '/apis/example.com/v1beta1/namespaces/default/bikes';
    assert.equal((await cluster.call('POST', bikes, { body: { ...car('one'), kind: 'Bike' } })).code, 201);
    await cluster.call('DELETE', `${path.definitions}/bikes.example.com`);
    cluster.clock.advanceTo(cluster.clock.now() + 1);
    assert.equal((await cluster.call('GET', `${path.definitions}/bikes.example.com`)).code, 404);
    assert.equal((await cluster.call('GET', bikes)).text, '404 page not found\n');
  });
});
