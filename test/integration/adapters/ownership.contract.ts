import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Retryable } from '../../../shared/errors/slipway-error.ts';
import { codeOf } from './cluster-under-test.ts';
import type { ClusterUnderTest, Manifest } from './cluster-under-test.ts';

const time = (minutes: number): string => new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString();

/** The cluster itself: identity, ownership, device plugin, tombstones. */
export function ownershipContract(name: string, start: () => Promise<ClusterUnderTest>): void {
  describe(`cluster system: ${name}`, () => {
    let cluster: ClusterUnderTest;
    before(async () => {
      cluster = await start();
    });
    after(() => cluster.stop());

    it('has an identity that stays', async () => {
      const identity = await cluster.connection.system.identity();
      assert.match(identity, /^[0-9a-f-]{36}$/);
      assert.equal(await cluster.connection.system.identity(), identity);
    });

    it('cannot be owned, nor remember, before it is prepared', async () => {
      const { system } = cluster.connection;
      assert.equal(await codeOf(system.holdOwnership('a', time(0))), 'ClusterNotPrepared');
      const tombstone = { workspace: { namespace: 'default', name: 'a' }, requestedAt: time(0) };
      assert.equal(await codeOf(system.rememberDelete(tombstone)), 'ClusterNotPrepared');
      await cluster.until('established', async () => (await system.install()).established);
    });

    it('belongs to nobody until someone takes it', async () => {
      assert.equal(await codeOf(cluster.connection.system.checkOwnership('a')), 'ClusterOwnedByAnother');
    });

    it('belongs to its first holder, who renews without a new epoch', async () => {
      const { system } = cluster.connection;
      assert.deepEqual(await system.holdOwnership('a', time(0)), { holder: 'a', epoch: 1 });
      assert.deepEqual(await system.holdOwnership('a', time(30)), { holder: 'a', epoch: 1 });
      assert.deepEqual(await system.checkOwnership('a'), { holder: 'a', epoch: 1 });
    });

    it('refuses a second deployment, naming the first', async () => {
      const { system } = cluster.connection;
      await assert.rejects(system.holdOwnership('b', time(31)), {
        code: 'ClusterOwnedByAnother',
        message: /deployment a\b/,
      });
      await assert.rejects(system.checkOwnership('b'), {
        code: 'ClusterOwnedByAnother',
        message: /deployment a\b/,
      });
    });

    it('is taken over once the owner has been silent for the whole lease, and the old one learns it', async () => {
      const { system } = cluster.connection;
      assert.deepEqual(await system.holdOwnership('b', time(30 + 61)), { holder: 'b', epoch: 2 });
      assert.equal(await codeOf(system.checkOwnership('a')), 'ClusterOwnedByAnother');
      assert.equal(await codeOf(system.holdOwnership('a', time(92))), 'ClusterOwnedByAnother');
    });

    it('has one winner when two renew at once', async () => {
      const { system } = cluster.connection;
      const late = time(500);
      const outcomes = await Promise.allSettled(
        ['c', 'd', 'e'].map((holder) => system.holdOwnership(holder, late)),
      );
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    });

    it('remembers a delete, the later of two, in whatever order they come', async () => {
      const { system } = cluster.connection;
      const phi = { namespace: 'default', name: 'phi' };
      assert.equal(await system.findTombstone(phi), undefined);
      for (const minutes of [10, 20, 5])
        await system.rememberDelete({ workspace: phi, requestedAt: time(minutes) });
      assert.deepEqual(await system.findTombstone(phi), { workspace: phi, requestedAt: time(20) });
      assert.equal(await system.findTombstone({ namespace: 'other', name: 'phi' }), undefined);
    });

    it('remembers the latest of many at once', async () => {
      const { system } = cluster.connection;
      const raced = { namespace: 'default', name: 'raced' };
      const remember = async (minutes: number): Promise<void> => {
        try {
          await system.rememberDelete({ workspace: raced, requestedAt: time(minutes) });
        } catch (error) {
          assert.ok(error instanceof Retryable && error.code === 'Conflict', String(error));
          await remember(minutes);
        }
      };
      await Promise.all([1, 9, 4, 7, 3].map(remember));
      assert.equal((await system.findTombstone(raced))?.requestedAt, time(9));
    });

    it('forgets what is old enough, and only that', async () => {
      const { system } = cluster.connection;
      assert.equal(await system.forgetTombstones(time(15)), 1);
      assert.equal(
        (await system.findTombstone({ namespace: 'default', name: 'phi' }))?.requestedAt,
        time(20),
      );
      assert.equal(await system.forgetTombstones(time(15)), 0);
    });

    const plugin = (name: string, labels: Record<string, string> = {}): Manifest => ({
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      plural: 'daemonsets',
      metadata: { name, namespace: 'kube-system', labels },
      spec: {
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: 'plugin', image: 'nvcr.io/nvidia/k8s-device-plugin:v0.17.0' }] },
        },
      },
    });
    const ours = plugin('nvidia-device-plugin-daemonset', { 'app.kubernetes.io/managed-by': 'slipway' });

    it('gets our device plugin when it has none, also when asked again', async () => {
      const { plural, ...manifest } = ours;
      assert.equal(plural, 'daemonsets');
      assert.equal(await cluster.connection.system.ensureDevicePlugin(manifest), 'ours');
      assert.equal(await cluster.connection.system.ensureDevicePlugin(manifest), 'ours');
      assert.ok(await cluster.read(ours));
    });

    it('keeps the device plugin that somebody else has installed', async () => {
      await cluster.remove(ours);
      await cluster.until('our plugin gone', async () => (await cluster.read(ours)) === undefined);
      await cluster.create(plugin('gpu-operator-plugin'));
      const { plural, ...manifest } = ours;
      assert.equal(plural, 'daemonsets');
      assert.equal(await cluster.connection.system.ensureDevicePlugin(manifest), 'existing');
      assert.equal(await cluster.read(ours), undefined);
    });
  });
}
