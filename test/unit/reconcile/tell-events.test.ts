import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Terminal } from '../../../shared/errors/slipway-error.ts';
import type { EventNote } from '../../../shared/lifecycle/trail-events.ts';
import { readBenchmarkLog } from '../../../shared/reconcile/read-benchmark.ts';
import { tellEvents } from '../../../shared/reconcile/tell-events.ts';
import { createLogger } from '../../../shared/telemetry/logger.ts';
import { FakeWorld } from './support/fake-services.ts';

const reference = { cluster: 'main', namespace: 'default', name: 'phi', uid: 'uid-1' };
const time = '2026-03-01T08:00:00.000Z';
const note = (reason: string): EventNote => ({ type: 'Normal', reason, message: 'why', time });

describe('Events of a turn', () => {
  it('are told in order, about the record with its uid', async () => {
    const world = new FakeWorld();
    await tellEvents(
      world.services,
      reference,
      [note('Planned'), note('Ready')],
      createLogger(() => undefined),
    );
    assert.deepEqual(world.told, [
      { workspace: { namespace: 'default', name: 'phi' }, uid: 'uid-1', ...note('Planned') },
      { workspace: { namespace: 'default', name: 'phi' }, uid: 'uid-1', ...note('Ready') },
    ]);
  });

  for (const [code, error] of [
    ['Forbidden', new Terminal('Forbidden', { message: 'events is forbidden' })],
    ['Unexpected', new TypeError('a bug')],
  ] as const) {
    it(`that fail with ${error.name} are logged once, with the reason, and fail nothing`, async () => {
      const world = new FakeWorld();
      let tries = 0;
      const { connection } = await world.services.cluster('main');
      connection.events.record = () => {
        tries += 1;
        return Promise.reject(error);
      };
      const lines: unknown[] = [];
      const log = createLogger(({ level, fields }) => lines.push([level, fields['code'], fields['reason']]));
      await tellEvents(world.services, reference, [note('Planned'), note('Ready')], log);
      assert.deepEqual(lines, [['warn', code, error.message]]);
      assert.equal(tries, 1);
    });
  }
});

describe('the log of a benchmark', () => {
  const plan = { runtime: 'vllm', model: null } as const;

  it('is that of the first pod, by a name that such a pod can have', async () => {
    const world = new FakeWorld();
    const asked: unknown[] = [];
    world.workloads.readLog = (log) => {
      asked.push(log);
      return Promise.resolve('KAITO_BENCHMARK_RESULT 2026-03-01T08:00:00Z {"vllm_total_tpm":7}');
    };
    const long = 'a'.repeat(60);
    for (const name of ['phi', long]) {
      const reading = await readBenchmarkLog(world.services, { ...reference, name }, plan);
      assert.ok('performance' in reading);
      assert.equal(reading.performance.metrics.peakTokensPerMinute.value, '7');
    }
    const limits = { lines: 500, bytes: 4 * 1024 * 1024 };
    const [first, second] = asked;
    assert.deepEqual(first, { pod: { namespace: 'default', name: 'phi-0' }, container: 'phi', ...limits });
    assert.match(JSON.stringify(second), /"name":"a{43}-[0-9a-f]{8}-0".*"container":"a{60}"/);
  });

  it('names the pod when it tells nothing, and is asked for again when there is no pod', async () => {
    const world = new FakeWorld();
    world.workloads.readLog = () => Promise.resolve('starting\n');
    assert.deepEqual(await readBenchmarkLog(world.services, reference, plan), {
      failed: 'pod default/phi-0: no KAITO_BENCHMARK_RESULT line found in pod logs',
    });
    world.workloads.readLog = () => Promise.resolve(undefined);
    await assert.rejects(readBenchmarkLog(world.services, reference, plan), { code: 'PodNotFound' });
  });
});
