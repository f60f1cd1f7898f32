import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PlatformHarness } from '../../harness/platform.ts';
import type { SeenEvent, WatchStream } from '../../harness/watch-stream.ts';
import { phaseOf, workspaceDocument } from '../../harness/workspaces.ts';
import { readStatus, untilPrepared } from './support/answers.ts';
import { ApiDocument } from './support/api-document.ts';

const document = ApiDocument.read();
const versionOf = ({ object }: SeenEvent): string => object.metadata?.resourceVersion ?? '';
const versions = (events: SeenEvent[]): string[] => events.map(versionOf);
const phase = ({ object }: SeenEvent): string =>
  /"phase":"(\w+)"/.exec(JSON.stringify(object.status))?.[1] ?? '';

describe('watching a workspace', () => {
  let platform: PlatformHarness;
  /** Quiet for longer than a heartbeat takes, in the background of the other tests. */
  let silent: WatchStream;
  before(async () => {
    platform = await PlatformHarness.start();
    await untilPrepared(platform);
    await create('watched');
    await create('forgotten');
    platform.store.create(silentWorkspace);
    silent = await platform.watch('/workspaces/unserved/silent?watch=true&timeoutSeconds=16');
  });
  after(() => platform.stop());

  /** In a namespace of its own and invalid, so that nothing ever happens to it. */
  const silentWorkspace = {
    apiVersion: 'kaito.sh/v1beta1',
    kind: 'Workspace',
    metadata: { name: 'silent', namespace: 'unserved' },
    inference: { preset: { name: 'none' } },
  };
  const create = async (name: string): Promise<void> => {
    if (name === 'watched')
      platform.store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'unserved' } });
    const { status, text } = await platform.request('POST', '/workspaces', workspaceDocument(name));
    assert.equal(status, 202, text);
  };
  const watch = (name: string, query = ''): Promise<WatchStream> =>
    platform.watch(`/workspaces/default/${name}?watch=true${query}`);

  it('shows the state first, then every change until Ready and to the end, each once and in order', async () => {
    const stream = await watch('watched');
    assert.equal(stream.headers.get('content-type'), 'application/x-ndjson');
    await platform.until('Ready', () => phaseOf(platform, 'watched') === 'Ready');
    await stream.until('Ready', (event) => phase(event) === 'Ready');
    await platform.request('DELETE', '/workspaces/default/watched');
    await platform.until('gone', () => phaseOf(platform, 'watched') === 'Gone');
    await stream.until('gone', ({ type }) => type === 'DELETED');

    const changes = stream.changes();
    assert.equal(changes[0]?.type, 'ADDED');
    assert.equal(changes.at(-1)?.type, 'DELETED');
    assert.ok(changes.slice(1, -1).every(({ type }) => type === 'MODIFIED'));
    const numbers = versions(changes).map(Number);
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].toSorted((left, right) => left - right),
    );
    const phases = changes.map(phase).filter((name, index, all) => name !== '' && name !== all[index - 1]);
    assert.deepEqual(
      phases,
      ['Planning', 'Provisioning', 'Deploying', 'Ready', 'Deleting'].filter((name) => phases.includes(name)),
    );
    assert.ok(phases.includes('Provisioning') && phases.includes('Deploying'));
    for (const event of stream.events) {
      document.checkSchema('WatchEvent', event);
      if (event.type !== 'BOOKMARK') document.checkSchema('Workspace', event.object);
    }
  });

  it('goes on after a broken connection without a gap and without a repeat', async () => {
    await create('resumed');
    const whole = await watch('resumed');
    const seen: SeenEvent[] = [];
    let version: string | undefined;
    // Every reader takes a few events and goes away; the next one begins where it ended.
    while (!seen.some((event) => phase(event) === 'Ready')) {
      const part = await watch(
        'resumed',
        `${version === undefined ? '' : `&resourceVersion=${version}`}&timeoutSeconds=1`,
      );
      for (let step = 0; step < 12 && phaseOf(platform, 'resumed') !== 'Ready'; step += 1) {
        await platform.quiet();
        platform.clock.step();
      }
      await platform.quiet();
      await part.ended;
      seen.push(...part.changes());
      version = versions(part.events).at(-1) ?? version;
    }
    await whole.until('the last change', (event) => versionOf(event) === versions(seen).at(-1));
    const expected = versions(whole.changes());
    assert.deepEqual(versions(seen), expected.slice(0, seen.length));
  });

  it('ends after timeoutSeconds', async () => {
    const stream = await watch('forgotten', '&timeoutSeconds=1');
    await stream.ended;
    assert.deepEqual(
      stream.changes().map(({ type }) => type),
      ['ADDED'],
    );
  });

  it('sends heartbeats that a watch can be resumed from', async () => {
    await silent.ended;
    const beats = silent.events.filter(({ type }) => type === 'BOOKMARK');
    assert.ok(beats.length > 0, 'sixteen quiet seconds without a heartbeat');
    for (const beat of beats) {
      document.checkSchema('WatchEvent', beat);
      assert.match(versionOf(beat), /^\d+$/);
      assert.ok(Number(versionOf(beat)) >= Number(versionOf(silent.events[0]!)));
    }
    const resumed = await platform.watch(
      `/workspaces/unserved/silent?watch=true&timeoutSeconds=1&resourceVersion=${versionOf(beats.at(-1)!)}`,
    );
    await resumed.ended;
    assert.deepEqual(resumed.changes(), []);
  });

  it('says 410 in the stream for a version that the server has forgotten, and ends', async () => {
    platform.cluster.api.compact();
    await platform.request('DELETE', '/workspaces/default/resumed');
    await platform.quiet();
    platform.cluster.api.compact();
    const stream = await watch('forgotten', '&resourceVersion=1');
    await stream.ended;
    const [event, ...more] = stream.changes();
    assert.deepEqual(more, []);
    assert.equal(event?.type, 'ERROR');
    assert.equal(readStatus(event.object).code, 410);
    document.checkSchema('Status', event.object);
  });

  it('tells a Status when the cluster goes away under it, and ends', async () => {
    const stream = await watch('forgotten');
    platform.cluster.api.setFaults([{ action: 'unavailable' }]);
    await stream.ended;
    platform.cluster.api.setFaults([]);
    const last = stream.changes().at(-1);
    assert.equal(last?.type, 'ERROR');
    assert.equal(readStatus(last.object).code, 503);
    document.checkSchema('Status', last.object);
  });

  it('leaves nothing open once a reader has gone, at the latest when its time is over', async () => {
    assert.equal(platform.cluster.api.openWatches(), 0);
    const streams = await Promise.all(
      Array.from({ length: 5 }, () => watch('forgotten', '&timeoutSeconds=2')),
    );
    await Promise.all(streams.map((stream) => stream.until('the state', ({ type }) => type === 'ADDED')));
    assert.equal(platform.cluster.api.openWatches(), 5);
    await Promise.all(streams.map((stream) => stream.leave()));
    // The worker is not told that a client went away, so that its watches end by their own timeout.
    await platform.quiet();
    assert.ok(platform.host.idle());
    assert.equal(platform.cluster.api.openWatches(), 0);
  });

  it('answers 404 for a watch of nothing', async () => {
    assert.equal((await watch('nothing')).status, 404);
  });
});
