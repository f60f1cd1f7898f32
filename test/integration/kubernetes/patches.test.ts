import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { listAt, objectAt, stringAt } from '../../../infra/local/kubernetes/json.ts';
import { mediaType, startCluster, type TestCluster } from './support/cluster.ts';
import { configMap, deployment, path } from './support/manifests.ts';

describe('patches', () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startCluster();
  });
  after(() => cluster.close());

  it('a JSON patch tests, adds, moves, copies and removes', async () => {
    await cluster.call('POST', path.configMaps, { body: configMap('json', { annotations: { 'a/b': '1' } }) });
    const target = `${path.configMaps}/json`;
    const { body } = await cluster.call('PATCH', target, {
      contentType: mediaType.json,
      body: [
        { op: 'test', path: '/data/colour', value: 'red' },
        { op: 'replace', path: '/metadata/annotations/a~1b', value: '2' },
        { op: 'copy', from: '/data/colour', path: '/data/copied' },
        { op: 'move', from: '/data/colour', path: '/data/moved' },
        { op: 'add', path: '/metadata/finalizers', value: [] },
        { op: 'add', path: '/metadata/finalizers/-', value: 'example.com/held' },
        { op: 'remove', path: '/metadata/finalizers/0' },
      ],
    });
    assert.deepEqual(body['data'], { copied: 'red', moved: 'red' });
    assert.deepEqual(objectAt(body, 'metadata', 'annotations'), { 'a/b': '2' });
    const failed = await cluster.call('PATCH', target, {
      contentType: mediaType.json,
      body: [{ op: 'test', path: '/data/copied', value: 'blue' }],
    });
    assert.deepEqual(
      [failed.code, failed.body['message']],
      [422, 'the server rejected our request due to an error in our request'],
    );
    const absent = await cluster.call('PATCH', target, {
      contentType: mediaType.json,
      body: [{ op: 'remove', path: '/data/none' }],
    });
    assert.equal(absent.code, 422);
  });

  it('an object sent as a JSON patch is refused, which is what an unset content type comes to', async () => {
    await cluster.call('POST', path.configMaps, { body: configMap('object') });
    const { code, body } = await cluster.call('PATCH', `${path.configMaps}/object`, {
      contentType: mediaType.json,
      body: {},
    });
    assert.equal(code, 400);
    assert.equal(body['message'], 'json: cannot unmarshal object into Go value of type jsonpatch.Patch');
    assert.equal(
      (await cluster.call('PATCH', `${path.configMaps}/object`, { contentType: 'text/plain', body: '{}' }))
        .code,
      415,
    );
  });

  it('a merge patch removes what it sets to null, and conflicts when it names a stale version', async () => {
    const created = await cluster.call('POST', path.configMaps, { body: configMap('merge') });
    const target = `${path.configMaps}/merge`;
    const merged = await cluster.call('PATCH', target, {
      contentType: mediaType.merge,
      body: { data: { colour: null, size: 'xl' } },
    });
    assert.deepEqual(merged.body['data'], { size: 'xl' });
    const resourceVersion = stringAt(created.body, 'metadata', 'resourceVersion');
    const stale = await cluster.call('PATCH', target, {
      contentType: mediaType.merge,
      body: { metadata: { resourceVersion }, data: { size: 's' } },
    });
    assert.equal(stale.code, 409);
  });

  it('a strategic patch merges containers by name and deletes by directive', async () => {
    await cluster.call('POST', path.deployments, { body: deployment('strategic') });
    const target = `${path.deployments}/strategic`;
    const patchContainers = async (containers: object[]) => {
      const body = { spec: { template: { spec: { containers } } } };
      const answer = await cluster.call('PATCH', target, { contentType: mediaType.strategic, body });
      assert.equal(answer.code, 200, answer.text);
      return listAt(answer.body, 'spec', 'template', 'spec', 'containers');
    };
    const added = await patchContainers([
      { name: 'side', image: 's' },
      { name: 'web', image: 'example.com/web:2' },
    ]);
    assert.deepEqual(
      added.map((container) => [stringAt(container, 'name'), stringAt(container, 'image')]),
      [
        ['web', 'example.com/web:2'],
        ['side', 's'],
      ],
    );
    const deleted = await patchContainers([{ name: 'web', $patch: 'delete' }]);
    assert.deepEqual(
      deleted.map((container) => stringAt(container, 'name')),
      ['side'],
    );
  });

  it('a strategic patch that retains keys drops the others', async () => {
    await cluster.call('POST', path.deployments, { body: deployment('retain') });
    const { body } = await cluster.call('PATCH', `${path.deployments}/retain`, {
      contentType: mediaType.strategic,
      body: { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
    });
    assert.deepEqual(objectAt(body, 'spec', 'strategy'), { type: 'Recreate' });
  });

  it('a patch cannot change identity', async () => {
    const { body } = await cluster.call('POST', path.configMaps, { body: configMap('identity') });
    const target = `${path.configMaps}/identity`;
    const renamed = await cluster.call('PATCH', target, {
      contentType: mediaType.merge,
      body: { metadata: { name: 'other' } },
    });
    assert.equal(renamed.code, 400);
    const other = await cluster.call('PATCH', target, {
      contentType: mediaType.merge,
      body: { metadata: { uid: 'other' } },
    });
    assert.equal(other.code, 409);
    const dated = await cluster.call('PATCH', target, {
      contentType: mediaType.merge,
      body: { metadata: { creationTimestamp: '2001-01-01T00:00:00Z' } },
    });
    assert.equal(
      stringAt(dated.body, 'metadata', 'creationTimestamp'),
      stringAt(body, 'metadata', 'creationTimestamp'),
    );
  });
});
