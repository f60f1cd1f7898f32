import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { listAt, numberAt, stringAt, type JsonObject } from '../../../infra/local/kubernetes/json.ts';
import { mediaType, startCluster, type TestCluster } from './support/cluster.ts';
import { car, carDefinition, configMap, path, pod, resource } from './support/manifests.ts';

describe('deletion', () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startCluster();
    await cluster.call('POST', path.definitions, { body: carDefinition });
  });
  after(() => cluster.close());

  /** Lets what the server schedules after a write happen. */
  const settle = (): void => cluster.clock.advanceTo(cluster.clock.now() + 1);
  const exists = async (target: string): Promise<boolean> => (await cluster.call('GET', target)).code === 200;

  function ownedBy(owner: JsonObject, more: object = {}) {
    const { apiVersion, kind } = owner;
    const name = stringAt(owner, 'metadata', 'name');
    return {
      ownerReferences: [{ apiVersion, kind, name, uid: stringAt(owner, 'metadata', 'uid'), ...more }],
    };
  }

  it('an object without finalizers is gone at once, and the answer says what it was', async () => {
    const { body } = await cluster.call('POST', path.cars, { body: car('plain') });
    const { code, body: status } = await cluster.call('DELETE', `${path.cars}/plain`);
    assert.equal(code, 200);
    assert.equal(status['status'], 'Success');
    assert.deepEqual(status['details'], {
      name: 'plain',
      group: 'example.com',
      kind: 'cars',
      uid: stringAt(body, 'metadata', 'uid'),
    });
    assert.equal((await cluster.call('DELETE', `${path.cars}/plain`)).code, 404);
  });

  it('a finalizer holds an object until it is taken off, and none can be added meanwhile', async () => {
    await cluster.call('POST', path.cars, {
      body: car('held', { metadata: { name: 'held', finalizers: ['example.com/a'] } }),
    });
    const target = `${path.cars}/held`;
    const { body } = await cluster.call('DELETE', target);
    assert.equal(body['kind'], 'Car');
    assert.notEqual(stringAt(body, 'metadata', 'deletionTimestamp'), undefined);
    assert.deepEqual(
      [numberAt(body, 'metadata', 'deletionGracePeriodSeconds'), numberAt(body, 'metadata', 'generation')],
      [0, 2],
    );
    const again = await cluster.call('DELETE', target);
    assert.equal(
      stringAt(again.body, 'metadata', 'resourceVersion'),
      stringAt(body, 'metadata', 'resourceVersion'),
    );
    const added = await cluster.call('PATCH', target, {
      contentType: mediaType.merge,
      body: { metadata: { finalizers: ['example.com/a', 'example.com/b'] } },
    });
    assert.equal(added.code, 422);
    assert.equal(stringAt(listAt(added.body, 'details', 'causes')[0], 'reason'), 'FieldValueForbidden');
    const released = await cluster.call('PATCH', target, {
      contentType: mediaType.merge,
      body: { metadata: { finalizers: null } },
    });
    assert.equal(released.code, 200);
    assert.equal(await exists(target), false);
  });

  it('preconditions protect the recreated from a late delete', async () => {
    const { body } = await cluster.call('POST', path.configMaps, { body: configMap('guarded') });
    const target = `${path.configMaps}/guarded`;
    const wrong = await cluster.call('DELETE', target, { body: { preconditions: { uid: 'of-another' } } });
    assert.equal(wrong.code, 409);
    assert.match(
      String(wrong.body['message']),
      /the UID in the precondition \(of-another\) does not match the UID in record/,
    );
    const stale = await cluster.call('DELETE', target, { body: { preconditions: { resourceVersion: '1' } } });
    assert.equal(stale.code, 409);
    const uid = stringAt(body, 'metadata', 'uid');
    assert.equal((await cluster.call('DELETE', target, { body: { preconditions: { uid } } })).code, 200);
  });

  it('a pod on a node terminates within its grace period, an unbound one at once', async () => {
    cluster.api.store.create(pod('bound', { spec: { nodeName: 'n1' } }));
    cluster.api.store.create(pod('unbound'));
    const bound = await cluster.call('DELETE', `${path.pods}/bound`);
    assert.equal(numberAt(bound.body, 'metadata', 'deletionGracePeriodSeconds'), 30);
    const deadline = Date.parse(stringAt(bound.body, 'metadata', 'deletionTimestamp') ?? '');
    assert.equal(deadline, Math.floor((cluster.clock.now() + 30_000) / 1000) * 1000);
    await cluster.call('DELETE', `${path.pods}/unbound`);
    assert.deepEqual(
      [await exists(`${path.pods}/bound`), await exists(`${path.pods}/unbound`)],
      [true, false],
    );
    cluster.api.store.remove(resource.pods, { namespace: 'default', name: 'bound' }, { graceSeconds: 0 });
    assert.equal(await exists(`${path.pods}/bound`), false);
  });

  it('dependents follow their owner, one with another owner stays', async () => {
    const one = await cluster.call('POST', path.cars, { body: car('owner-one') });
    const two = await cluster.call('POST', path.cars, { body: car('owner-two') });
    const both = [...ownedBy(one.body).ownerReferences, ...ownedBy(two.body).ownerReferences];
    await cluster.call('POST', path.configMaps, { body: configMap('only-child', ownedBy(one.body)) });
    await cluster.call('POST', path.configMaps, {
      body: configMap('shared-child', { ownerReferences: both }),
    });
    await cluster.call('DELETE', `${path.cars}/owner-one`);
    settle();
    assert.equal(await exists(`${path.configMaps}/only-child`), false);
    const shared = await cluster.call('GET', `${path.configMaps}/shared-child`);
    assert.deepEqual(
      listAt(shared.body, 'metadata', 'ownerReferences').map((owner) => stringAt(owner, 'name')),
      ['owner-two'],
    );
  });

  it('an owner that never was, or was another of the same name, keeps nothing alive', async () => {
    const { body } = await cluster.call('POST', path.cars, { body: car('reborn') });
    const uid = 'b4a0f2e2-0000-4000-8000-000000000000';
    await cluster.call('POST', path.configMaps, {
      body: configMap('stray', { ownerReferences: [{ ...ownedBy(body).ownerReferences[0], uid }] }),
    });
    settle();
    assert.equal(await exists(`${path.configMaps}/stray`), false);
  });

  it('foreground deletion waits for dependents that block', async () => {
    const owner = await cluster.call('POST', path.cars, { body: car('front') });
    const child = configMap('front-child', {
      ...ownedBy(owner.body, { blockOwnerDeletion: true }),
      finalizers: ['example.com/slow'],
    });
    await cluster.call('POST', path.configMaps, { body: child });
    const { body } = await cluster.call('DELETE', `${path.cars}/front?propagationPolicy=Foreground`);
    assert.deepEqual(listAt(body, 'metadata', 'finalizers'), ['foregroundDeletion']);
    settle();
    assert.equal(await exists(`${path.cars}/front`), true);
    await cluster.call('PATCH', `${path.configMaps}/front-child`, {
      contentType: mediaType.merge,
      body: { metadata: { finalizers: null } },
    });
    settle();
    assert.deepEqual(
      [await exists(`${path.configMaps}/front-child`), await exists(`${path.cars}/front`)],
      [false, false],
    );
  });

  it('orphaning leaves dependents behind without an owner', async () => {
    const owner = await cluster.call('POST', path.cars, { body: car('parent') });
    await cluster.call('POST', path.configMaps, { body: configMap('orphan', ownedBy(owner.body)) });
    await cluster.call('DELETE', `${path.cars}/parent`, { body: { propagationPolicy: 'Orphan' } });
    settle();
    assert.equal(await exists(`${path.cars}/parent`), false);
    const orphan = await cluster.call('GET', `${path.configMaps}/orphan`);
    assert.deepEqual(listAt(orphan.body, 'metadata', 'ownerReferences'), []);
  });

  it('a collection goes by selector', async () => {
    for (const name of ['red-1', 'red-2', 'blue-1']) {
      await cluster.call('POST', path.configMaps, {
        body: configMap(name, { labels: { team: name.split('-')[0] } }),
      });
    }
    const { body } = await cluster.call('DELETE', `${path.configMaps}?labelSelector=team%3Dred`);
    assert.equal(listAt(body, 'items').length, 2);
    assert.deepEqual(
      [await exists(`${path.configMaps}/red-1`), await exists(`${path.configMaps}/blue-1`)],
      [false, true],
    );
  });

  it('a namespace takes its content with it, refuses new content meanwhile, and waits for finalizers', async () => {
    await cluster.call('POST', '/api/v1/namespaces', { body: { metadata: { name: 'short' } } });
    const inside = '/api/v1/namespaces/short/configmaps';
    const body = (name: string, finalizers: string[]) => ({ metadata: { name, finalizers }, data: {} });
    await cluster.call('POST', inside, { body: body('plain', []) });
    await cluster.call('POST', inside, { body: body('sticky', ['example.com/a']) });
    const deleted = await cluster.call('DELETE', '/api/v1/namespaces/short');
    assert.equal(stringAt(deleted.body, 'status', 'phase'), 'Terminating');
    const late = await cluster.call('POST', inside, { body: body('late', []) });
    assert.equal(late.code, 403);
    assert.equal(stringAt(listAt(late.body, 'details', 'causes')[0], 'reason'), 'NamespaceTerminating');
    settle();
    assert.deepEqual([await exists(`${inside}/plain`), await exists(`${inside}/sticky`)], [false, true]);
    await cluster.call('PATCH', `${inside}/sticky`, {
      contentType: mediaType.merge,
      body: { metadata: { finalizers: null } },
    });
    settle();
    assert.equal(await exists('/api/v1/namespaces/short'), false);
  });
});
