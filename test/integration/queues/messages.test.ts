import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { stringify } from 'yaml';
import { PlatformHarness } from '../../harness/platform.ts';
import { phaseOf, readState, workspaceDocument } from '../../harness/workspaces.ts';
import type { Rejected } from '../api/support/answers.ts';
import { readRejected, untilPrepared } from '../api/support/answers.ts';

const event = (type: string, data: unknown, more: Record<string, unknown> = {}) => ({
  specversion: '1.0',
  id: 'made-by-a-user',
  source: '/tests',
  type,
  data,
  ...more,
});
const poolEvent = (subject: string, more: Record<string, unknown> = {}) =>
  event('Microsoft.Resources.ResourceWriteSuccess', { status: 'Succeeded' }, { subject, ...more });
/** In Event Grid's own schema, as a subscription delivers it that does not ask for CloudEvents. */
const eventGridEvent = {
  id: 'made-by-azure',
  topic: '/subscriptions/11111111-2222-3333-4444-555555555555',
  subject: '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/slipway',
  eventType: 'Microsoft.Resources.ResourceWriteSuccess',
  eventTime: '2026-11-01T00:00:00Z',
  data: { status: 'Succeeded' },
  dataVersion: '2',
  metadataVersion: '1',
};

describe('messages on the queues', () => {
  let platform: PlatformHarness;
  let sent = 0;
  before(async () => {
    platform = await PlatformHarness.start();
    await untilPrepared(platform);
  });
  after(() => platform.stop());

  /** Sends, lets all that follows happen, and tells what was rejected because of it. */
  const deliver = async (
    queue: string,
    body: unknown,
    properties: Parameters<PlatformHarness['send']>[2] = {},
  ): Promise<Rejected | undefined> => {
    sent += 1;
    const messageId = properties.messageId ?? `message-${sent}`;
    const session = queue.startsWith('workspace-') ? { sessionId: 'any' } : {};
    await platform.send(queue, body, { ...session, ...properties, messageId });
    await platform.quiet();
    return (await rejected()).find((item) => item.messageId === messageId);
  };
  const rejected = async (): Promise<Rejected[]> =>
    readRejected((await platform.request('GET', '/rejected?limit=100')).json);
  const started = (): number =>
    platform.logLines.filter((line) => line.includes("Executing 'Functions.workspaceLifecycle'")).length;

  it('takes a Workspace bare or in a CloudEvent, as object or as text, as JSON or YAML', async () => {
    const created = 'dev.slipway.workspace.created';
    const forms: [string, (document: unknown) => unknown][] = [
      ['bare', (document) => document],
      ['yaml', (document) => stringify(document)],
      ['event', (document) => event(created, document)],
      ['text', (document) => event(created, JSON.stringify(document))],
      [
        'event-yaml',
        (document) => event('com.example.any', stringify(document), { datacontenttype: 'application/yaml' }),
      ],
      ['clustered', (document) => event(created, document, { cluster: 'demo' })],
    ];
    for (const [name, form] of forms) {
      assert.equal(await deliver('workspace-created', form(workspaceDocument(name))), undefined, name);
      assert.notEqual(phaseOf(platform, name), 'Gone', name);
    }
  });

  it('updates the workspace that has the name, as a message cannot be told of a conflict', async () => {
    const { uid } = readState(platform, 'bare') ?? {};
    const annotations = { 'kaito.sh/disable-benchmark': 'true' };
    assert.equal(await deliver('workspace-created', workspaceDocument('bare', { annotations })), undefined);
    assert.equal(readState(platform, 'bare')?.uid, uid);
    const [, noted] =
      /"kaito.sh\/disable-benchmark":"(\w+)"/.exec(
        (await platform.request('GET', '/workspaces/default/bare')).text,
      ) ?? [];
    assert.equal(noted, 'true', platform.tail());
  });

  it('passes over a request that a newer one has overtaken', async () => {
    const old = new Date(platform.clock.now() - 3_600_000).toISOString();
    const preset = { preset: 'phi-3-mini-128k-instruct' };
    const item = await deliver('workspace-created', workspaceDocument('yaml', preset), {
      applicationProperties: { requestedAt: old },
    });
    assert.equal(item, undefined);
    assert.match((await platform.request('GET', '/workspaces/default/yaml')).text, /phi-3-mini-4k-instruct/);
    assert.ok(platform.logLines.some((line) => line.includes('request superseded')));
  });

  it('deletes by name, by document, by CloudEvent and by a reference of four coordinates', async () => {
    const reference = (name: string) => ({
      cluster: 'demo',
      namespace: 'default',
      name,
      uid: readState(platform, name)?.uid,
    });
    await deliver('workspace-deleted', { name: 'bare' });
    await deliver('workspace-deleted', stringify(workspaceDocument('yaml')));
    await deliver(
      'workspace-deleted',
      event('dev.slipway.workspace.deleted', { namespace: 'default', name: 'event' }),
    );
    await deliver('workspace-deleted', { name: 'text', namespace: 'default', cluster: 'demo' });
    await deliver('workspace-deleted', reference('clustered'));
    await deliver('workspace-deleted', { ...reference('event-yaml'), uid: 'of-another-life' });
    for (const name of ['bare', 'yaml', 'event', 'text', 'clustered'])
      await platform.until(`${name} gone`, () => phaseOf(platform, name) === 'Gone');
    assert.equal(readState(platform, 'event-yaml')?.deleting, false);
    assert.equal(await deliver('workspace-deleted', { name: 'never-was' }), undefined);
  });

  it('looks at the right cluster when Azure tells about its pools, and rejects what belongs to no cluster of ours', async () => {
    await platform.pass(600);
    const ticks = (): number =>
      platform.logLines.filter((line) => line.includes("Executing 'Functions.observeCluster'")).length;
    const before = ticks();
    const pool = `${platform.cluster.resourceId}/agentPools/ws0123456789`;
    assert.equal(await deliver('node-provisioned', poolEvent(pool)), undefined);
    assert.ok(ticks() > before, 'the cluster was not looked at');
    await platform.pass(60);
    const shouted = ticks();
    assert.equal(await deliver('node-provisioned', poolEvent(pool.toUpperCase())), undefined);
    assert.ok(ticks() > shouted, 'resource ids compare without case');

    for (const resource of [
      `${pool}/machines/aks-${pool.slice(-12)}-vmss000000`,
      platform.cluster.resourceId,
    ]) {
      await platform.pass(60);
      const seen = ticks();
      assert.equal(await deliver('node-provisioned', poolEvent(resource)), undefined);
      assert.ok(ticks() > seen, `${resource} was not looked at`);
    }

    const calm = ticks();
    const [group = ''] = pool.split('/providers/');
    for (const resource of [
      `${group}_nodes/providers/Microsoft.Compute/virtualMachineScaleSets/aks-ws0123456789-12345678-vmss`,
      group,
    ])
      assert.equal(await deliver('node-provisioned', poolEvent(resource)), undefined, 'passed over');
    const foreign = pool.replace(/managedClusters\/[^/]+/, 'managedClusters/other');
    const item = await deliver('node-provisioned', poolEvent(foreign));
    assert.equal(item?.reason, 'UnknownCluster');
    assert.match(item.description, /^subject: .*managedClusters\/other/);
    assert.equal(ticks(), calm);
  });

  it('rejects every malformed event with the field at fault, and starts nothing for it', async () => {
    const fact = { cluster: 'demo', namespace: 'default', name: 'event-yaml', uid: 'x' };
    const without = (field: string) =>
      Object.fromEntries(Object.entries(fact).filter(([key]) => key !== field));
    const ready = 'dev.slipway.workload.ready';
    const created = 'dev.slipway.workspace.created';
    const document = workspaceDocument('never');
    const cases: [queue: string, body: unknown, field: string][] = [
      ['workspace-created', event(created, document, { specversion: '0.3' }), 'specversion'],
      ['workspace-created', event(created, document, { specversion: 1 }), 'specversion'],
      ['workspace-created', event(created, document, { specversion: undefined }), 'specversion'],
      ['workspace-created', event(created, document, { id: undefined }), 'id'],
      ['workspace-created', event(created, document, { id: '' }), 'id'],
      ['workspace-created', event(created, document, { source: undefined }), 'source'],
      ['workspace-created', event(created, document, { type: 7 }), 'type'],
      ['workspace-created', event(created, document, { time: 'yesterday' }), 'time'],
      ['workspace-created', event(created, document, { cluster: 7 }), 'cluster'],
      ['workspace-created', event(created, undefined), 'data'],
      ['workspace-created', event(created, 7), 'data'],
      ['workspace-created', event(created, '{"kind": '), 'data'],
      ['workspace-created', event(created, { ...document, kind: 'Pod' }), 'data.kind'],
      ['workspace-created', event(created, { ...document, metadata: {} }), 'data.metadata.name'],
      ['workspace-created', event('dev.slipway.workspace.deleted', document), 'type'],
      ['workspace-created', poolEvent('/subscriptions/x'), 'type'],
      ['workspace-created', { ...fact, cluster: 'elsewhere' }, 'elsewhere'],
      ['workspace-created', { ...fact, namespace: '..' }, 'namespace'],
      ['workspace-deleted', {}, 'name'],
      ['workspace-deleted', { metadata: { namespace: 'default' } }, 'metadata.name'],
      ['workspace-deleted', { name: '..' }, 'name'],
      ['workspace-deleted', { name: 'a', namespace: 7 }, 'namespace'],
      ['workspace-deleted', { name: 'event-yaml', cluster: 7 }, 'cluster'],
      ['workspace-deleted', { name: 'event-yaml', cluster: 'elsewhere' }, 'elsewhere'],
      ['workspace-deleted', { name: 'event-yaml', uid: 'x' }, 'uid'],
      ['workspace-deleted', { kind: 'ConfigMap', metadata: { name: 'event-yaml' } }, 'kind'],
      ['workspace-deleted', event('dev.slipway.workspace.deleted', { name: 7 }), 'data.name'],
      ['node-provisioned', without('uid'), 'uid'],
      ['node-provisioned', poolEvent('not-a-resource'), 'subject'],
      ['node-provisioned', event('Microsoft.Resources.ResourceWriteSuccess', {}), 'subject'],
      ['node-provisioned', eventGridEvent, 'CloudEventSchemaV1_0'],
      ['node-provisioned', [eventGridEvent], 'CloudEventSchemaV1_0'],
      ['workload-ready', event(ready, without('uid')), 'data.uid'],
      ['workload-ready', event(ready, { ...fact, uid: 7 }), 'data.uid'],
      ['workload-ready', event(ready, { ...fact, cluster: 'elsewhere' }), 'elsewhere'],
      ['workload-ready', 'no event at all', 'object'],
    ];
    const before = started();
    for (const [index, [queue, body, field]] of cases.entries()) {
      const item = await deliver(queue, body);
      assert.ok(item, `case ${index} on ${queue} was not rejected: ${JSON.stringify(body)}`);
      assert.equal(item.queue, queue);
      assert.ok(item.description.includes(field), `case ${index}: ${field} is not in ${item.description}`);
      assert.deepEqual(item.body, JSON.parse(JSON.stringify(body)));
    }
    assert.equal(started(), before);
    assert.equal(readState(platform, 'event-yaml')?.deleting, false);
    assert.equal(phaseOf(platform, 'never'), 'Gone');
  });

  it('keeps messages apart that have no id, or ids that begin alike', async () => {
    const before = (await rejected()).length;
    const session = { sessionId: 'any' };
    for (const body of ['one', 'two', 'three']) await platform.send('workspace-created', body, session);
    const long = 'i'.repeat(127);
    for (const end of ['1', '2'])
      await platform.send('workspace-created', end, { ...session, messageId: `${long}${end}` });
    for (const body of ['four', 'five']) await platform.send('workload-ready', body);
    await platform.quiet();
    const bodies = (await rejected()).slice(before).map(({ body }) => String(body));
    assert.deepEqual(bodies.toSorted(), ['1', '2', 'five', 'four', 'one', 'three', 'two']);
  });
});
