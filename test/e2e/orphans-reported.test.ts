import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { makePool, poolExists } from '../harness/azure-portal.ts';
import { askForDelete, isRecord, makeReady, startPlatform, untilNothingLeft } from '../harness/lives.ts';
import type { PlatformHarness } from '../harness/platform.ts';
import { workspaceDocument } from '../harness/workspaces.ts';

const tags = {
  'slipway-workspace': 'demo/default/nobody',
  'slipway-workspace-uid': '00000000-0000-4000-8000-000000000000',
  'slipway-owner': 'test',
};
const maps = { group: '', version: 'v1', plural: 'configmaps' };

describe('orphans where they are only reported', () => {
  let platform: PlatformHarness;
  before(async () => {
    platform = await startPlatform({ settings: { SLIPWAY_ORPHAN_SWEEP: 'report' } });
  });
  after(() => platform.stop());

  it('stay, are told of by the API and in the log, and keep nobody awake', async () => {
    await makePool(platform, 'wsabandoned', tags);
    const labels = { 'app.kubernetes.io/managed-by': 'slipway', 'kaito.sh/workspace': 'nobody' };
    const metadata = { namespace: 'default', name: 'of-nobody', labels };
    platform.store.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: {} });
    await platform.pass(3 * 3600);
    assert.equal(await poolExists(platform, 'wsabandoned'), true);
    assert.ok(platform.store.get(maps, { namespace: 'default', name: 'of-nobody' }));
    const { json, text } = await platform.request('GET', '/orphans');
    assert.ok(isRecord(json) && Array.isArray(json['items']), text);
    assert.equal(json['mode'], 'report');
    assert.deepEqual(
      json['items'].filter(isRecord).map(({ kind, name, mode, removedAt }) => [kind, name, mode, removedAt]),
      [
        ['AgentPool', 'wsabandoned', 'report', null],
        ['ConfigMap', 'of-nobody', 'report', null],
      ],
    );
    const told = platform.logLines.filter((line) => line.includes('orphan') && line.includes('wsabandoned'));
    assert.ok(told.length > 0, 'a line in the log');
    const looks = (): number => platform.azure.counts().operations['AgentPools_List'] ?? 0;
    const before = looks();
    await platform.pass(3600);
    assert.ok(looks() - before <= 20, `${looks() - before} looks in an hour in which nothing is to be done`);
  });

  it('do not keep the pools of workspaces that are deleted', async () => {
    const uid = await makeReady(platform, workspaceDocument('lived'));
    await askForDelete(platform, 'http', 'lived');
    await untilNothingLeft(platform, 'lived', uid);
  });
});
