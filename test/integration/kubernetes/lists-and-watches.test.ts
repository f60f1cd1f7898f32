import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { CoreV1Api, makeInformer } from '@kubernetes/client-node';
import { listAt, numberAt, objectAt, stringAt } from '../../../infra/local/kubernetes/json.ts';
import { startCluster, type TestCluster } from './support/cluster.ts';
import { configMap, path, pod, resource } from './support/manifests.ts';
import { startWatch, until } from './support/watching.ts';

describe('lists', () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startCluster();
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      cluster.api.store.create(configMap(name, { labels: { name, tier: name < 'c' ? 'front' : 'back' } }));
    }
    cluster.api.store.create(pod('on-node', { spec: { nodeName: 'n1' } }));
    cluster.api.store.create(pod('off-node'));
  });
  after(() => cluster.close());

  const names = async (target: string): Promise<(string | undefined)[]> => {
    const { code, body, text } = await cluster.call('GET', target);
    assert.equal(code, 200, text);
    return listAt(body, 'items').map((item) => stringAt(item, 'metadata', 'name'));
  };

  it('label selectors choose by equality, set and existence', async () => {
    const select = (selector: string) =>
      names(`${path.configMaps}?labelSelector=${encodeURIComponent(selector)}`);
    assert.deepEqual(await select('tier=front'), ['a', 'b']);
    assert.deepEqual(await select('tier==back,name!=d'), ['c', 'e']);
    assert.deepEqual(await select('name in (a, e),tier'), ['a', 'e']);
    assert.deepEqual(await select('name notin (a,b,c)'), ['d', 'e']);
    assert.deepEqual(await select('!tier'), []);
    assert.equal((await cluster.call('GET', `${path.configMaps}?labelSelector=a%20b`)).code, 400);
  });

  it('field selectors choose by the fields a kind indexes, and no others', async () => {
    assert.deepEqual(await names(`${path.pods}?fieldSelector=spec.nodeName%3Dn1`), ['on-node']);
    assert.deepEqual(await names(`${path.pods}?fieldSelector=spec.nodeName%3D,status.phase%3DPending`), [
      'off-node',
    ]);
    assert.deepEqual(await names(`${path.configMaps}?fieldSelector=metadata.name%3Dc`), ['c']);
    const refused = await cluster.call('GET', `${path.pods}?fieldSelector=spec.foo%3D1`);
    assert.deepEqual([refused.code, refused.body['message']], [400, 'field label not supported: spec.foo']);
  });

  it('all pages of a list show the state at its first page', async () => {
    const core = cluster.kubeConfig.makeApiClient(CoreV1Api);
    const first = await core.listNamespacedConfigMap({ namespace: 'default', limit: 2 });
    assert.equal(first.metadata?.remainingItemCount, 3);
    cluster.api.store.remove(resource.configMaps, { namespace: 'default', name: 'd' });
    cluster.api.store.create(configMap('cc'));
    const rest = await core.listNamespacedConfigMap({
      namespace: 'default',
      limit: 9,
      _continue: first.metadata._continue ?? '',
    });
    assert.deepEqual(
      rest.items.map((item) => item.metadata?.name),
      ['c', 'd', 'e'],
    );
    assert.equal(rest.metadata?.resourceVersion, first.metadata.resourceVersion);
    cluster.api.compact();
    const token = encodeURIComponent(first.metadata._continue ?? '');
    const late = await cluster.call('GET', `${path.configMaps}?limit=2&continue=${token}`);
    assert.deepEqual([late.code, late.body['reason']], [410, 'Expired']);
    assert.equal((await cluster.call('GET', `${path.configMaps}?limit=2&continue=rubbish`)).code, 400);
  });

  it('a version from the future times out', async () => {
    const { code, body } = await cluster.call('GET', `${path.configMaps}?resourceVersion=999999`);
    assert.equal(code, 504);
    assert.equal(stringAt(listAt(body, 'details', 'causes')[0], 'reason'), 'ResourceVersionTooLarge');
    assert.equal(numberAt(body, 'details', 'retryAfterSeconds'), 1);
  });

  it('events are forgotten after an hour', async () => {
    const metadata = { name: 'seen', namespace: 'default' };
    const involvedObject = { kind: 'Pod', name: 'on-node' };
    cluster.api.store.create({ apiVersion: 'v1', kind: 'Event', metadata, involvedObject, reason: 'Pulled' });
    assert.deepEqual(await names('/api/v1/events?fieldSelector=involvedObject.name%3Don-node'), ['seen']);
    cluster.clock.advanceTo(cluster.clock.now() + 61 * 60_000);
    assert.deepEqual(await names('/api/v1/events'), []);
  });
});

describe('watches', () => {
  let cluster: TestCluster;
  before(async () => {
    cluster = await startCluster();
  });
  after(() => cluster.close());

  const paint = (name: string, team: string) =>
    cluster.api.store.mutate(resource.configMaps, { namespace: 'default', name }, (object) => {
      object.metadata.labels = { team };
    });

  it('shows what exists, then every change in order', async () => {
    cluster.api.store.create(configMap('first'));
    const watching = await startWatch(cluster.kubeConfig, path.configMaps);
    cluster.api.store.create(configMap('second'));
    paint('first', 'red');
    cluster.api.store.remove(resource.configMaps, { namespace: 'default', name: 'second' });
    await until(() => watching.seen.length >= 4, 'four events');
    assert.deepEqual(watching.lines(), ['ADDED first', 'ADDED second', 'MODIFIED first', 'DELETED second']);
    watching.stop();
  });

  it('resumes after a version without losing or repeating anything', async () => {
    const from = cluster.api.store.create(configMap('from')).metadata.resourceVersion;
    cluster.api.store.create(configMap('missed'));
    const watching = await startWatch(cluster.kubeConfig, path.configMaps, { resourceVersion: from });
    cluster.api.store.create(configMap('live'));
    await until(() => watching.seen.length >= 2, 'two events');
    assert.deepEqual(watching.lines(), ['ADDED missed', 'ADDED live']);
    watching.stop();
  });

  it('a label change out of the selection is DELETED, into it ADDED', async () => {
    cluster.api.store.create(configMap('chameleon', { labels: { team: 'blue' } }));
    const watching = await startWatch(cluster.kubeConfig, path.configMaps, { labelSelector: 'team=blue' });
    paint('chameleon', 'green');
    paint('chameleon', 'blue');
    await until(() => watching.seen.length >= 3, 'three events');
    assert.deepEqual(watching.lines(), ['ADDED chameleon', 'DELETED chameleon', 'ADDED chameleon']);
    watching.stop();
  });

  it('an old version is an ERROR event with a 410, then the end', async () => {
    const old = cluster.api.store.create(configMap('old')).metadata.resourceVersion;
    cluster.api.store.create(configMap('newer'));
    cluster.api.compact();
    const watching = await startWatch(cluster.kubeConfig, path.configMaps, { resourceVersion: old });
    await watching.ended;
    assert.deepEqual(
      watching.seen.map(({ phase, object }) => [phase, object['code'], object['reason']]),
      [['ERROR', 410, 'Expired']],
    );
  });

  it('initial events end with a bookmark that says so', async () => {
    const watching = await startWatch(cluster.kubeConfig, path.configMaps, {
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
    });
    await until(() => watching.seen.some(({ phase }) => phase === 'BOOKMARK'), 'a bookmark');
    const [last] = watching.seen.slice(-1);
    assert.equal(objectAt(last?.object, 'metadata', 'annotations')?.['k8s.io/initial-events-end'], 'true');
    assert.ok(watching.seen.slice(0, -1).every(({ phase }) => phase === 'ADDED'));
    watching.stop();
  });

  it('ends cleanly at its timeout', async () => {
    const { code, text } = await cluster.call(
      'GET',
      `${path.configMaps}?watch=true&timeoutSeconds=0&fieldSelector=metadata.name%3Dold`,
    );
    assert.equal(code, 200);
    assert.equal(stringAt(JSON.parse(text.split('\n')[0] ?? ''), 'type'), 'ADDED');
  });

  it('an informer of the real client keeps up across a cut connection', async () => {
    const core = cluster.kubeConfig.makeApiClient(CoreV1Api);
    const informer = makeInformer(cluster.kubeConfig, path.pods, () =>
      core.listNamespacedPod({ namespace: 'default' }),
    );
    const added: (string | undefined)[] = [];
    informer.on('add', (object) => added.push(object.metadata?.name));
    let wanted = true;
    informer.on('error', () => setImmediate(() => void (wanted && informer.start())));
    await informer.start();
    cluster.api.store.create(pod('before-cut'));
    await until(() => added.includes('before-cut'), 'the first pod');
    await until(() => cluster.api.dropWatches() > 0, 'an open watch');
    cluster.api.store.create(pod('after-cut'));
    await until(() => added.includes('after-cut'), 'the second pod');
    wanted = false;
    await informer.stop();
  });
});
