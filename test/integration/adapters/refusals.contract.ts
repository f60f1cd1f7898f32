import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Refusal } from '../../../shared/planning/refusal.ts';
import type { ClusterUnderTest } from './cluster-under-test.ts';
import { codeOf } from './cluster-under-test.ts';

const time = (minutes: number): string => new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString();

const map = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  metadata: { name: 'slipway-refusals', namespace: 'slipway-system' },
};

function refusal(instanceType: string, change: Partial<Refusal> = {}): Refusal {
  return {
    instanceType,
    priority: 'spot',
    placement: { priority: 'spot', zones: ['1'], spotMaxPrice: 1.5, capacityReservationGroup: null },
    count: 2,
    class: 'next-rung',
    code: 'AllocationFailed',
    message: 'no machine is left',
    remedy: 'Wait.',
    since: time(0),
    until: time(60),
    ...change,
  };
}

/** The memory of what Azure refuses. */
export function refusalsContract(name: string, start: () => Promise<ClusterUnderTest>): void {
  describe(`refusals: ${name}`, () => {
    let cluster: ClusterUnderTest;
    before(async () => {
      cluster = await start();
    });
    after(() => cluster.stop());

    it('cannot be remembered before the cluster is prepared, and there are none', async () => {
      const { refusals, system } = cluster.connection;
      assert.equal(await codeOf(refusals.remember([refusal('a')], time(0))), 'ClusterNotPrepared');
      assert.deepEqual(await refusals.list(time(0)), []);
      await cluster.until('established', async () => (await system.install()).established);
    });

    it('come back as they were remembered, until their time is over', async () => {
      const { refusals } = cluster.connection;
      const everywhere = refusal('b', { priority: 'any', placement: 'any', until: time(90) });
      await refusals.remember([refusal('a'), everywhere], time(0));
      assert.deepEqual(await refusals.list(time(1)), [everywhere, refusal('a')]);
      assert.deepEqual(await refusals.list(time(60)), [everywhere]);
      assert.deepEqual(await refusals.list(time(90)), []);
    });

    it('survive being learnt by many at the same moment', async () => {
      const { refusals } = cluster.connection;
      const sizes = ['c', 'd', 'e', 'f'];
      await Promise.all(sizes.map((size) => refusals.remember([refusal(size)], time(2))));
      const known = (await refusals.list(time(3))).map(({ instanceType }) => instanceType);
      assert.deepEqual(
        sizes.filter((size) => !known.includes(size)),
        [],
      );
    });

    it('are forgotten when somebody knows of a change', async () => {
      const { refusals } = cluster.connection;
      await refusals.forget([refusal('c'), refusal('never-seen')], time(4));
      const known = (await refusals.list(time(4))).map(({ instanceType }) => instanceType);
      assert.deepEqual([known.includes('c'), known.includes('d')], [false, true]);
    });

    it('that a hand edit spoilt are forgotten, and remembered again', async () => {
      const { refusals } = cluster.connection;
      for (const text of ['no JSON', '{}', '[{"instanceType":"x"}]']) {
        await cluster.remove(map);
        await cluster.create({ ...map, data: { 'refusals.json': text } });
        assert.deepEqual(await refusals.list(time(5)), [], text);
        await refusals.remember([refusal('g')], time(5));
        assert.deepEqual(await refusals.list(time(5)), [refusal('g')], text);
      }
    });
  });
}
