import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { WatchEvent } from '../../../shared/kubernetes/cluster.ts';
import { codeOf, createRecord, workspace } from './cluster-under-test.ts';
import type { ClusterUnderTest } from './cluster-under-test.ts';

const at = (name: string): { name: string; namespace: string } => ({ name, namespace: 'default' });

/** The records: the Workspace custom resources. */
export function recordsContract(name: string, start: () => Promise<ClusterUnderTest>): void {
  describe(`workspace records: ${name}`, () => {
    let cluster: ClusterUnderTest;
    before(async () => {
      cluster = await start();
    });
    after(() => cluster.stop());

    it('are refused for now while the CRD is not installed, however they are asked for', async () => {
      const { records } = cluster.connection;
      assert.equal(await codeOf(records.get(at('a'))), 'ClusterNotPrepared');
      assert.equal(await codeOf(records.list({})), 'ClusterNotPrepared');
      assert.equal(await codeOf(records.create(workspace('a'))), 'ClusterNotPrepared');
      assert.equal(await codeOf(records.delete(at('a'))), 'ClusterNotPrepared');
      assert.equal(await codeOf(records.patchObserved(at('a'), 'uid', {})), 'ClusterNotPrepared');
    });

    it('are served once the CRD is installed, which may be done again and again', async () => {
      await cluster.until('established', async () => (await cluster.connection.system.install()).established);
      assert.equal((await cluster.connection.system.install()).established, true);
      assert.deepEqual((await cluster.connection.records.list({})).value.items, []);
    });

    it('come back as they were written, raw, with times as text', async () => {
      const created = await createRecord(cluster, workspace('raw'));
      const { value, serverTime } = await cluster.connection.records.get(at('raw'));
      assert.deepEqual(value, created);
      assert.equal(typeof value.metadata.creationTimestamp, 'string');
      assert.deepEqual(value['inference'], { preset: { name: 'phi-4', accessMode: 'public' } });
      assert.ok(Date.parse(serverTime) >= Date.parse(created.metadata.creationTimestamp));
    });

    it('are absent as a value, on the server’s clock', async () => {
      const { value, serverTime } = await cluster.connection.records.get(at('none'));
      assert.equal(value, undefined);
      assert.ok(!Number.isNaN(Date.parse(serverTime)));
    });

    it('may be written in the older version too', async () => {
      const created = await createRecord(cluster, { ...workspace('older'), apiVersion: 'kaito.sh/v1alpha1' });
      assert.equal(created.apiVersion, 'kaito.sh/v1alpha1');
      assert.equal((await cluster.connection.records.get(at('older'))).value?.apiVersion, 'kaito.sh/v1beta1');
    });

    it('are not created twice, nor in a namespace that is not there', async () => {
      const { records } = cluster.connection;
      await createRecord(cluster, workspace('once'));
      assert.equal(await codeOf(records.create(workspace('once'))), 'AlreadyExists');
      assert.equal(await codeOf(records.create(workspace('a', 'nowhere'))), 'NamespaceNotFound');
    });

    it('are refused with the faulty field when they break the schema', async () => {
      const broken = { ...workspace('broken'), resource: { count: 'many' } };
      await assert.rejects(cluster.connection.records.create(broken), {
        code: 'Invalid',
        message: /resource\.count/,
      });
    });

    it('are replaced only as they were read', async () => {
      const { records } = cluster.connection;
      const first = await createRecord(cluster, workspace('guarded'));
      const annotations = { 'slipway.dev/note': 'second' };
      const second = await records.replace({ ...first, metadata: { ...first.metadata, annotations } });
      assert.equal(second.metadata.annotations?.['slipway.dev/note'], 'second');
      assert.equal(await codeOf(records.replace(first)), 'Conflict');
      assert.equal(await codeOf(records.replaceStatus({ ...first, status: { state: 'Ready' } })), 'Conflict');
      const impostor = { ...second, metadata: { ...second.metadata, uid: 'another' } };
      assert.equal(await codeOf(records.replace(impostor)), 'Conflict');
    });

    it('keep status and the rest apart', async () => {
      const { records } = cluster.connection;
      const made = await createRecord(cluster, workspace('apart'));
      const withStatus = await records.replaceStatus({ ...made, inference: {}, status: { state: 'Ready' } });
      assert.deepEqual(withStatus['status'], { state: 'Ready' });
      assert.deepEqual(withStatus['inference'], { preset: { name: 'phi-4', accessMode: 'public' } });
      const rest = await records.replace({ ...withStatus, status: { state: 'NotReady' } });
      assert.deepEqual(rest['status'], { state: 'Ready' });
    });

    it('cannot be written once they are gone', async () => {
      const { records } = cluster.connection;
      const made = await createRecord(cluster, workspace('vanished'));
      await records.delete(at('vanished'));
      assert.equal(await codeOf(records.replaceStatus(made)), 'Conflict');
    });

    it('take what was observed from the observer whatever the lifecycle writes meanwhile', async () => {
      const { records } = cluster.connection;
      const made = await createRecord(cluster, workspace('observed'));
      await records.replaceStatus({ ...made, status: { state: 'Pending', slipway: { phase: 'Planning' } } });
      const patched = await records.patchObserved(at('observed'), made.metadata.uid, { nodes: ['n1'] });
      assert.deepEqual(patched?.['status'], {
        state: 'Pending',
        slipway: { phase: 'Planning', observed: { nodes: ['n1'] } },
      });
      const managers = patched.metadata['managedFields'];
      assert.match(JSON.stringify(managers), /"manager":"slipway-cluster"/);
    });

    it('take nothing observed of another record of that name', async () => {
      const { records } = cluster.connection;
      await createRecord(cluster, workspace('successor'));
      assert.equal(
        await records.patchObserved(at('successor'), 'uid-of-the-predecessor', { nodes: [] }),
        undefined,
      );
      assert.equal((await records.get(at('successor'))).value?.['status'], undefined);
      assert.equal(await records.patchObserved(at('none'), 'uid', {}), undefined);
    });

    it('are deleted by uid: a successor of that name is left alone', async () => {
      const { records } = cluster.connection;
      const made = await createRecord(cluster, workspace('deleted'));
      assert.equal(await records.delete(at('deleted'), 'another-uid'), false);
      assert.equal(await records.delete(at('deleted'), made.metadata.uid), true);
      assert.equal(await records.delete(at('deleted')), false);
    });

    it('stay with their finalizer until it is taken off', async () => {
      const { records } = cluster.connection;
      const draft = workspace('finalized');
      const made = await createRecord(cluster, {
        ...draft,
        metadata: { ...draft.metadata, finalizers: ['slipway.dev/finalizer'] },
      });
      assert.equal(await records.delete(at('finalized'), made.metadata.uid), true);
      const going = (await records.get(at('finalized'))).value;
      assert.ok(going?.metadata.deletionTimestamp !== undefined);
      await records.replace({ ...going, metadata: { ...going.metadata, finalizers: [] } });
      assert.equal((await records.get(at('finalized'))).value, undefined);
    });

    it('are listed in pages and by namespace', async () => {
      const { records } = cluster.connection;
      await cluster.create({
        apiVersion: 'v1',
        kind: 'Namespace',
        plural: 'namespaces',
        metadata: { name: 'paged' },
      });
      for (const each of ['p1', 'p2', 'p3']) await createRecord(cluster, workspace(each, 'paged'));
      const first = (await records.list({ namespace: 'paged', limit: 2 })).value;
      assert.equal(first.items.length, 2);
      assert.ok(first.continueToken);
      const second = (
        await records.list({ namespace: 'paged', limit: 2, continueToken: first.continueToken })
      ).value;
      const names = [...first.items, ...second.items].map(({ metadata }) => metadata.name);
      assert.deepEqual(names, ['p1', 'p2', 'p3']);
      assert.equal(second.continueToken, undefined);
      assert.ok((await records.list({})).value.items.length > 3);
      assert.deepEqual((await records.list({ namespace: 'empty' })).value.items, []);
    });

    it('tell a continue token that is not theirs', async () => {
      const code = await codeOf(cluster.connection.records.list({ limit: 1, continueToken: 'nonsense' }));
      assert.ok(['Invalid', 'Expired'].includes(code), code);
    });

    it('are watched one by one, from a version on, until the caller has seen enough', async () => {
      const { records } = cluster.connection;
      const made = await createRecord(cluster, workspace('watched'));
      const stop = new AbortController();
      const seen: WatchEvent[] = [];
      const options = {
        resourceVersion: made.metadata.resourceVersion,
        timeoutSeconds: 60,
        signal: stop.signal,
      };
      const watching = (async () => {
        for await (const event of records.watch(at('watched'), options)) {
          if (event.type !== 'BOOKMARK') seen.push(event);
          if (event.type === 'DELETED') stop.abort();
        }
      })();
      await createRecord(cluster, workspace('not-watched'));
      await records.replaceStatus({ ...made, status: { state: 'Ready' } });
      await records.delete(at('watched'));
      await watching;
      assert.deepEqual(
        seen.map(({ type }) => type),
        ['MODIFIED', 'DELETED'],
      );
      assert.deepEqual(seen[0]?.object['status'], { state: 'Ready' });
    });

    it('are not watched for a caller who has gone already', async () => {
      const events = cluster.connection.records.watch(at('any'), {
        timeoutSeconds: 5,
        signal: AbortSignal.abort(),
      });
      for await (const event of events) assert.fail(`saw ${event.type}`);
    });
  });
}
