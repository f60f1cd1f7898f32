import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { stringify } from 'yaml';
import { PlatformHarness } from '../../harness/platform.ts';
import { phaseOf, pools, readState, workspaceDocument } from '../../harness/workspaces.ts';
import { readList, readStatus, readTrail, readWorkspace, untilPrepared } from './support/answers.ts';

const other = { preset: 'phi-3-mini-128k-instruct' };

describe('workspaces over HTTP', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await PlatformHarness.start();
    await untilPrepared(platform);
  });
  after(() => platform.stop());

  const post = (body: unknown, type?: string) => platform.request('POST', '/workspaces', body, type);
  const put = (name: string, body: unknown) => platform.request('PUT', `/workspaces/default/${name}`, body);
  const get = async (name: string) =>
    readWorkspace((await platform.request('GET', `/workspaces/default/${name}`)).json);

  it('gives the same document posted again the same workspace, in whatever form it comes', async () => {
    const body = workspaceDocument('same');
    const first = await post(body);
    assert.equal(first.status, 202, first.text);
    const { uid } = readWorkspace(first.json).metadata;
    const shouted = {
      ...body,
      resource: {
        instanceType: 'STANDARD_NC24ADS_A100_V4',
        labelSelector: { matchLabels: { apps: 'same' } },
      },
    };
    const forms: [unknown, string][] = [
      [body, 'application/json'],
      [stringify(body), 'application/yaml'],
      [stringify({ ...body, apiVersion: 'kaito.sh/v1alpha1' }), 'text/yaml'],
      [JSON.stringify(body, null, 2), 'application/x-www-form-urlencoded'],
      [`\uFEFF${JSON.stringify(body)}`, 'application/json; charset=utf-8'],
      [stringify(body), 'text/plain'],
      [shouted, 'application/json'],
      [first.json, 'application/json'],
    ];
    for (const [form, type] of forms) {
      const again = await post(form, type);
      assert.equal(again.status, 202, `${type}: ${again.text}`);
      assert.equal(readWorkspace(again.json).metadata.uid, uid);
      assert.equal(again.headers.get('location'), '/api/workspaces/default/same');
    }
    await platform.until('Ready', () => phaseOf(platform, 'same') === 'Ready');
    assert.equal((await pools(platform)).filter((pool) => pool.uid === uid).length, 1);
  });

  it('makes one workspace of twenty simultaneous posts', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(workspaceDocument('crowd'))));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]));
    assert.equal(new Set(answers.map(({ json }) => readWorkspace(json).metadata.uid)).size, 1);
  });

  it('refuses another spec under the same name, and leaves the first as it was', async () => {
    await post(workspaceDocument('taken'));
    const answer = await post(workspaceDocument('taken', other));
    assert.equal(answer.status, 409);
    assert.equal(readStatus(answer.json).reason, 'AlreadyExists');
    assert.equal((await get('taken')).inference?.preset?.name, 'phi-3-mini-4k-instruct');
  });

  it('names the cluster in Location when the request did', async () => {
    const answer = await platform.request('POST', '/workspaces?cluster=demo', workspaceDocument('located'));
    const location = answer.headers.get('location') ?? '';
    assert.equal(location, '/api/workspaces/default/located?cluster=demo');
    assert.equal((await platform.request('GET', location.replace('/api', ''))).status, 200);
  });

  it('warns of a retired instance type, and accepts it', async () => {
    const warned = await post(workspaceDocument('retired', { instanceType: 'Standard_NC6s_v3' }));
    const plain = await post(workspaceDocument('current'));
    assert.equal(plain.headers.get('warning'), null);
    assert.equal(warned.status, 202, warned.text);
    assert.match(warned.headers.get('warning') ?? '', /^299 - ".*Azure has retired Standard_NC6s_v3/);
  });

  it('puts what is not there, and updates what is', async () => {
    const { metadata: _, ...nameless } = workspaceDocument('by-put');
    const created = await put('by-put', nameless);
    assert.equal(created.status, 202, created.text);
    assert.equal(readWorkspace(created.json).metadata.namespace, 'default');
    const { uid } = readWorkspace(created.json).metadata;
    const updated = await put(
      'by-put',
      workspaceDocument('by-put', { annotations: { 'slipway.dev/retry': 'true' } }),
    );
    assert.equal(updated.status, 202, updated.text);
    assert.equal(readWorkspace(updated.json).metadata.uid, uid);
    assert.equal((await get('by-put')).metadata.annotations['slipway.dev/retry'], 'true');
  });

  it('refuses a PUT whose document names another workspace', async () => {
    const document = workspaceDocument('elsewhere');
    const answer = await put('here', { ...document, metadata: { name: 'elsewhere', namespace: 'other' } });
    assert.equal(answer.status, 422);
    assert.deepEqual(
      readStatus(answer.json).details.causes.map(({ field }) => field),
      ['metadata.namespace', 'metadata.name'],
    );
    assert.equal((await platform.request('GET', '/workspaces/default/here')).status, 404);
  });

  it('honours uid and resourceVersion of a PUT document, and takes what is recorded already for done', async () => {
    await post(workspaceDocument('guarded'));
    await platform.quiet();
    const { uid, resourceVersion } = (await get('guarded')).metadata;
    const change = (text: string, guard: Record<string, unknown>) => ({
      ...workspaceDocument('guarded'),
      metadata: { name: 'guarded', annotations: { 'slipway.dev/retry': text }, ...guard },
    });
    const stale = await put('guarded', change('true', { resourceVersion: '1' }));
    assert.equal(stale.status, 409);
    assert.equal(readStatus(stale.json).reason, 'Conflict');
    assert.match(readStatus(stale.json).message, new RegExp(`resourceVersion is now ${resourceVersion}`));
    assert.equal((await put('guarded', change('true', { uid: 'another' }))).status, 409);
    assert.equal((await put('guarded', change('true', { resourceVersion: 1 }))).status, 422);

    const current = await put('guarded', change('true', { uid, resourceVersion }));
    assert.equal(current.status, 202, current.text);
    const again = await put('guarded', change('true', { uid, resourceVersion }));
    assert.equal(again.status, 202, 'the same request again, its version outdated by its own write');
    assert.equal((await put('guarded', change('false', { uid, resourceVersion }))).status, 409);
    assert.equal((await put('never-was', { ...change('true', { uid }), metadata: { uid } })).status, 409);
  });

  it('lets only one of two concurrent PUTs of the same version win', async () => {
    await post(workspaceDocument('raced'));
    await platform.quiet();
    const { resourceVersion } = (await get('raced')).metadata;
    const answers = await Promise.all(
      ['true', 'false'].map((text) =>
        put('raced', {
          ...workspaceDocument('raced'),
          metadata: { resourceVersion, annotations: { 'slipway.dev/retry': text } },
        }),
      ),
    );
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [202, 409]);
  });

  it('lists by namespace and state, and in pages that hold each workspace once', async () => {
    platform.store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'crew' } });
    const names = Array.from({ length: 25 }, (_, index) => `page-${String(index).padStart(2, '0')}`);
    for (const name of names) {
      const answer = await post({ ...workspaceDocument(name), metadata: { name, namespace: 'crew' } });
      assert.equal(answer.status, 202, answer.text);
    }
    const found: string[] = [];
    const sizes: number[] = [];
    for (let token: string | undefined = ''; token !== undefined;) {
      const query = `namespace=crew&limit=10&continue=${encodeURIComponent(token)}`;
      const page = readList((await platform.request('GET', `/workspaces?${query}`)).json);
      found.push(...page.items.map(({ metadata }) => metadata.name));
      sizes.push(page.items.length);
      token = page.metadata.continue;
    }
    assert.deepEqual(found, names);
    assert.deepEqual(sizes, [10, 10, 5]);
    const ready = readList((await platform.request('GET', '/workspaces?state=Ready&namespace=default')).json);
    assert.deepEqual(
      ready.items.map(({ metadata }) => metadata.name),
      ['same'],
    );
    const none = readList((await platform.request('GET', '/workspaces?namespace=nobody')).json);
    assert.deepEqual(none.items, []);
    for (const name of names) await platform.request('DELETE', `/workspaces/crew/${name}`);
  });

  it('answers a repeated delete like the first, and 404 when all is gone', async () => {
    await post(workspaceDocument('ended'));
    await platform.until('on its way', () => (readState(platform, 'ended')?.pools.length ?? 0) > 0);
    const first = await platform.request('DELETE', '/workspaces/default/ended');
    const second = await platform.request('DELETE', '/workspaces/default/ended');
    for (const { status, json } of [first, second]) {
      assert.equal(status, 202);
      assert.ok(readWorkspace(json).metadata.deletionTimestamp, 'an answer to a delete shows it');
    }
    const [one, two] = [first, second].map(({ json }) => readWorkspace(json).metadata);
    assert.equal(one?.uid, two?.uid);
    assert.equal(one?.deletionTimestamp, two?.deletionTimestamp);
    const back = await post(workspaceDocument('ended'));
    assert.equal(back.status, 409);
    assert.ok(back.headers.get('retry-after'));
    await platform.until('gone', () => phaseOf(platform, 'ended') === 'Gone');
    assert.equal((await platform.request('DELETE', '/workspaces/default/ended')).status, 404);
    assert.equal((await platform.request('GET', '/workspaces/default/ended/events')).status, 404);
  });

  it('remembers the delete of a workspace that is not there yet: the older create in the queue stays without effect', async () => {
    const earlier = new Date(platform.clock.now() - 60_000).toISOString();
    assert.equal((await platform.request('DELETE', '/workspaces/default/late')).status, 404);
    await platform.send('workspace-created', workspaceDocument('late'), {
      sessionId: 'late',
      applicationProperties: { requestedAt: earlier },
    });
    await platform.quiet();
    assert.equal(phaseOf(platform, 'late'), 'Gone');
    const now = await post(workspaceDocument('late'));
    assert.equal(now.status, 202, 'a newer request is another matter');
  });

  it('tells the trail of a workspace oldest first', async () => {
    const items = readTrail((await platform.request('GET', '/workspaces/default/same/events')).json);
    assert.ok(items.length >= 4, JSON.stringify(items));
    assert.deepEqual(
      items.map(({ time }) => time),
      items.map(({ time }) => time).toSorted(),
    );
    const whats = items.map(({ what }) => what).join(' | ');
    assert.match(whats, /Provisioning.*Deploying.*Ready/s);
  });
});
