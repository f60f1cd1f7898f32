import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makePool, poolExists } from '../harness/azure-portal.ts';
import {
  askForDelete,
  isRecord,
  makeReady,
  startPlatform,
  untilNothingLeft,
  workspaceType,
} from '../harness/lives.ts';
import type { PlatformHarness } from '../harness/platform.ts';
import { objectsOf, phaseOf, pools, workspaceDocument } from '../harness/workspaces.ts';

const nobody = '00000000-0000-4000-8000-000000000000';
const tags = {
  'slipway-workspace': 'demo/default/nobody',
  'slipway-workspace-uid': nobody,
  'slipway-generation': '1',
  'slipway-owner': 'test',
};
const services = { group: '', version: 'v1', plural: 'services' };
const maps = { group: '', version: 'v1', plural: 'configmaps' };
const ours = { 'app.kubernetes.io/managed-by': 'slipway' };

describe('what belongs to no workspace', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await startPlatform();
  });
  after(() => platform.stop());

  const report = async (): Promise<Record<string, unknown>[]> => {
    const { status, json, text } = await platform.request('GET', '/orphans');
    assert.equal(status, 200, text);
    const items = isRecord(json) ? json['items'] : undefined;
    assert.ok(Array.isArray(items));
    return items.filter(isRecord);
  };
  const lineOf = async (name: string): Promise<Record<string, unknown> | undefined> =>
    (await report()).find((line) => line['name'] === name);
  const makeMap = (name: string, metadata: object): void => {
    platform.store.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'default', name, ...metadata },
      data: { key: 'value' },
    });
  };

  it('a pool with all of our tags is told of with its price, and goes after its grace', async () => {
    await makePool(platform, 'wsabandoned', tags);
    await platform.pass(120);
    const line = await lineOf('wsabandoned');
    assert.ok(line, 'it is in the report');
    const { since, removedAt, ...facts } = line;
    assert.deepEqual(facts, {
      kind: 'AgentPool',
      name: 'wsabandoned',
      workspace: 'demo/default/nobody',
      uid: nobody,
      hourlyPrice: 3.673,
      priceSource: 'azure-retail-prices',
      mode: 'remove',
      why: 'its workspace is gone',
    });
    assert.equal(Date.parse(String(removedAt)) - Date.parse(String(since)), 600_000);
    await platform.until('it is gone', async () => !(await poolExists(platform, 'wsabandoned')));
    assert.ok(platform.clock.now() >= Date.parse(String(removedAt)), 'not before its grace was over');
    assert.equal(await lineOf('wsabandoned'), undefined);
  });

  it('a pool that lacks one of our tags, has it empty, or names no workspace, is never touched', async () => {
    const names: string[] = [];
    for (const tag of ['slipway-workspace', 'slipway-workspace-uid', 'slipway-owner']) {
      const lacking = Object.fromEntries(Object.entries(tags).filter(([name]) => name !== tag));
      for (const some of [lacking, { ...tags, [tag]: '' }]) {
        const name = `wssome${names.length}`;
        await makePool(platform, name, some);
        names.push(name);
      }
    }
    await makePool(platform, 'wsnameless', { ...tags, 'slipway-workspace': 'nobody' });
    await platform.pass(3600);
    for (const name of names) {
      assert.equal(await poolExists(platform, name), true, name);
      assert.equal(await lineOf(name), undefined, name);
    }
    assert.equal(await poolExists(platform, 'wsnameless'), true);
    assert.equal((await lineOf('wsnameless'))?.['mode'], 'report');
  });

  it('a pool with the uid of another life goes, the pool of the workspace of that name stays', async () => {
    const uid = await makeReady(platform, workspaceDocument('reborn'));
    await makePool(platform, 'wsformer', { ...tags, 'slipway-workspace': 'demo/default/reborn' });
    await makePool(platform, 'wsdouble', {
      ...tags,
      'slipway-workspace': 'demo/default/reborn',
      'slipway-workspace-uid': uid,
    });
    await makePool(platform, 'wstheirs', {
      ...tags,
      'slipway-workspace': 'demo/default/reborn',
      'slipway-workspace-uid': uid,
      'slipway-owner': 'another-deployment',
    });
    await platform.until('two are gone', async () => {
      return !(await poolExists(platform, 'wsformer')) && !(await poolExists(platform, 'wsdouble'));
    });
    await platform.pass(1800);
    assert.equal(await poolExists(platform, 'wstheirs'), true, 'its own deployment may want it');
    assert.equal((await lineOf('wstheirs'))?.['mode'], 'report');
    assert.equal(phaseOf(platform, 'reborn'), 'Ready');
    assert.equal((await pools(platform)).filter((pool) => pool.uid === uid).length, 2);
    await askForDelete(platform, 'http', 'reborn');
    await platform.until('its deployment does not matter any more', async () => {
      return !(await poolExists(platform, 'wstheirs'));
    });
    await untilNothingLeft(platform, 'reborn', uid);
  });

  it('objects whose workspace is gone go too; those of workspaces, and those of others, stay', async () => {
    const uid = await makeReady(platform, workspaceDocument('kept'));
    const kept = objectsOf(platform, 'kept');
    makeMap('of-nobody', { labels: { ...ours, 'kaito.sh/workspace': 'nobody' } });
    makeMap('of-kept', { labels: { ...ours, 'kaito.sh/workspace': 'kept' } });
    makeMap('unsaid', { labels: ours });
    makeMap('foreign', { labels: { 'kaito.sh/workspace': 'nobody' } });
    await platform.until('it is in the report', async () => (await lineOf('of-nobody')) !== undefined);
    assert.equal((await lineOf('unsaid'))?.['removedAt'], null);
    const there = (name: string): boolean =>
      platform.store.get(maps, { namespace: 'default', name }) !== undefined;
    const from = platform.clock.now();
    await platform.until('it is gone', () => !there('of-nobody'));
    assert.ok(platform.clock.now() - from >= 600_000, 'not before its grace was over');
    await platform.pass(1800);
    for (const name of ['of-kept', 'unsaid', 'foreign']) assert.ok(there(name), name);
    assert.deepEqual(objectsOf(platform, 'kept'), kept);
    platform.store.remove(maps, { namespace: 'default', name: 'of-kept' });
    await askForDelete(platform, 'http', 'kept');
    await untilNothingLeft(platform, 'kept', uid);
  });

  it('what a delete with --cascade=orphan leaves behind is cleared away', async () => {
    await makeReady(platform, workspaceDocument('cascade'));
    const key = { namespace: 'default', name: 'cascade' };
    platform.store.mutate(services, key, (object) => {
      delete object.metadata.ownerReferences;
    });
    platform.store.mutate(workspaceType, key, (object) => {
      delete object.metadata.finalizers;
    });
    platform.store.remove(workspaceType, key);
    await platform.until('all is gone', () => {
      const left = platform.store.get(services, key);
      return left === undefined && objectsOf(platform, 'cascade').length === 0;
    });
  });
});
