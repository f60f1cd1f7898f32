import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { WorkspaceEvent } from '../../../shared/kubernetes/cluster.ts';
import { codeOf, createRecord, workspace } from './cluster-under-test.ts';
import type { ClusterUnderTest } from './cluster-under-test.ts';

const namespace = 'default';

/** Events about Workspaces, as `kubectl describe` shows them. */
export function eventsContract(name: string, start: () => Promise<ClusterUnderTest>): void {
  describe(`events: ${name}`, () => {
    let cluster: ClusterUnderTest;
    before(async () => {
      cluster = await start();
      await cluster.until('established', async () => (await cluster.connection.system.install()).established);
    });
    after(() => cluster.stop());

    const about = async (named: string): Promise<WorkspaceEvent> => {
      const { metadata } = await createRecord(cluster, workspace(named));
      return {
        workspace: { namespace, name: named },
        uid: metadata.uid,
        type: 'Normal',
        reason: 'Ready',
        message: 'the model answers',
        time: '2026-11-01T08:00:00.500Z',
      };
    };
    const eventsOf = async (uid: string) =>
      (await cluster.list({ apiVersion: 'v1', plural: 'events' })).filter((event) =>
        JSON.stringify(event['involvedObject']).includes(`"uid":"${uid}"`),
      );

    it('name the Workspace, and who tells it', async () => {
      const event = await about('told');
      await cluster.connection.events.record(event);
      const [stored, ...others] = await eventsOf(event.uid);
      assert.deepEqual(others, []);
      assert.deepEqual(stored?.['involvedObject'], {
        apiVersion: 'kaito.sh/v1beta1',
        kind: 'Workspace',
        namespace,
        name: 'told',
        uid: event.uid,
      });
      const { type, reason, message, count, firstTimestamp, lastTimestamp, source } = stored;
      assert.deepEqual([type, reason, message, count], ['Normal', 'Ready', 'the model answers', 1]);
      assert.deepEqual([firstTimestamp, lastTimestamp], ['2026-11-01T08:00:00Z', '2026-11-01T08:00:00Z']);
      assert.deepEqual(source, { component: 'slipway' });
    });

    it('count what is told again, and keep what is new apart', async () => {
      const event = await about('again');
      await cluster.connection.events.record(event);
      for (const time of ['2026-11-01T09:00:00Z', '2026-11-01T10:00:00Z']) {
        await cluster.connection.events.record({ ...event, time });
      }
      const [stored, ...others] = await eventsOf(event.uid);
      assert.deepEqual(others, []);
      assert.deepEqual(
        [stored?.['count'], stored?.['firstTimestamp'], stored?.['lastTimestamp']],
        [3, '2026-11-01T08:00:00Z', '2026-11-01T10:00:00Z'],
      );
      await cluster.connection.events.record({ ...event, message: 'another' });
      assert.equal((await eventsOf(event.uid)).length, 2);
    });

    it('of a recreated Workspace are not those of its predecessor', async () => {
      const event = await about('heir');
      await cluster.connection.events.record(event);
      await cluster.connection.events.record({ ...event, uid: 'uid-of-the-next' });
      assert.equal((await eventsOf(event.uid)).length, 1);
      assert.equal((await eventsOf('uid-of-the-next')).length, 1);
    });

    it('have room for the longest name', async () => {
      const event = await about(`${'n'.repeat(199)}-${'n'.repeat(53)}`);
      await cluster.connection.events.record(event);
      assert.equal((await eventsOf(event.uid)).length, 1);
    });

    it('need their namespace', async () => {
      const event = { ...(await about('lost')), workspace: { namespace: 'nowhere', name: 'lost' } };
      assert.equal(await codeOf(cluster.connection.events.record(event)), 'NamespaceNotFound');
    });
  });
}
