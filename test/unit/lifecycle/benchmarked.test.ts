import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BenchmarkReading } from '../../../shared/lifecycle/benchmark.ts';
import type { BenchmarkLook } from '../../../shared/lifecycle/benchmarked.ts';
import type { Condition } from '../../../shared/lifecycle/conditions.ts';
import { decide, settleMeasured } from '../../../shared/lifecycle/decide.ts';
import type { StatusWrite } from '../../../shared/lifecycle/decision.ts';
import type { WorkspaceSnapshot } from '../../../shared/lifecycle/snapshot.ts';
import type { SlipwayStatus } from '../../../shared/lifecycle/slipway-status.ts';
import { workloadRevision } from '../../../shared/lifecycle/workload-outlook.ts';
import {
  afterWrite,
  allocation,
  at,
  condition,
  intent,
  observed,
  plan,
  settled,
  snapshot,
  status,
  turn,
  workload,
  written,
} from './support/snapshots.ts';

const measuredPlan = plan({ benchmark: true });
const revision = workloadRevision(intent, measuredPlan);
const answers = observed({ workload: workload({ revision }) });
const result: BenchmarkReading = {
  performance: {
    metrics: {
      peakTokensPerMinute: { description: 'd', value: '1000', unit: 'tokens/min', config: {} },
    },
  },
};
const failed: BenchmarkLook = {
  failed: 'pod default/phi-0: no KAITO_BENCHMARK_RESULT line found in pod logs',
};

function starting(change: Partial<SlipwayStatus> = {}): WorkspaceSnapshot {
  const slipway = status({
    phase: 'Deploying',
    phaseSince: at(10),
    plan: measuredPlan,
    appliedWorkload: revision,
    allocations: [allocation({ seen: true })],
    ...change,
  });
  return snapshot({ slipway, observed: answers });
}

/** The snapshot after the log was looked at. */
function looked(look: BenchmarkLook, before = starting()): { write: StatusWrite; next: WorkspaceSnapshot } {
  const write = written(settleMeasured(before, look, turn(20)));
  return { write, next: afterWrite(before, write) };
}

describe('a model that answers and is benchmarked', () => {
  it('has its log read before it is Ready', () => {
    assert.deepEqual(decide(starting(), turn(20)), { act: 'read-benchmark', plan: measuredPlan });
  });

  it('is Ready with its result, which is then never read again', () => {
    const { write, next } = looked(result);
    assert.deepEqual([write.slipway.phase, write.state], ['Ready', 'Ready']);
    assert.ok('performance' in result);
    assert.deepEqual(write.performance, result.performance);
    assert.equal(
      condition(write, 'BenchmarkCompleted'),
      'True BenchmarkCompleted: benchmark result has been recorded',
    );
    assert.equal(condition(write, 'WorkspaceSucceeded'), 'True workspaceSucceeded: workspace succeeds');
    assert.equal(settled(decide(next, turn(21))).write, undefined);
    const lost = { ...next, observed: observed({ workload: workload({ revision, readyReplicas: 0 }) }) };
    const degraded = written(decide(lost, turn(30)));
    assert.equal(condition(degraded, 'BenchmarkCompleted').slice(0, 4), 'True');
    const back = { ...afterWrite(lost, degraded), observed: answers };
    assert.equal(written(decide(back, turn(40))).performance, undefined);
  });

  it('without a result is NotReady in KAITO’s words and Ready in ours, and says what it waits for', () => {
    const { write, next } = looked(failed);
    assert.ok('failed' in failed);
    assert.deepEqual([write.slipway.phase, write.state, write.slipway.failure], ['Ready', 'NotReady', null]);
    assert.equal(condition(write, 'BenchmarkCompleted'), `False BenchmarkFailed: ${failed.failed}`);
    assert.equal(condition(write, 'WorkspaceSucceeded'), `False BenchmarkFailed: ${failed.failed}`);
    assert.equal(condition(write, 'InferenceReady').slice(0, 4), 'True');
    assert.equal(write.slipway.waitingFor?.what, `a benchmark result in the pod's log: ${failed.failed}`);
    assert.equal(decide(next, turn(25)).act, 'read-benchmark');
    assert.equal(settled(settleMeasured(next, failed, turn(21))).write, undefined, 'told once');
    const healed = written(settleMeasured(next, result, turn(25)));
    assert.deepEqual([healed.state, healed.slipway.waitingFor], ['Ready', null]);
  });

  it('whose log cannot be read is looked at again soon, but not before the server said', () => {
    const unread = { code: 'ClusterUnreachable', message: 'no answer', remedy: 'Wait.' };
    const soon = settled(settleMeasured(starting(), { unread }, turn(20)));
    assert.equal(soon.sleepSeconds, 30);
    assert.equal(
      condition(written(soon), 'BenchmarkCompleted'),
      'False BenchmarkFailed: ClusterUnreachable: no answer Wait.',
    );
    const later = settleMeasured(starting(), { unread: { ...unread, retryAfterSeconds: 90 } }, turn(20));
    assert.equal(later.sleepSeconds, 90);
    assert.equal(settled(settleMeasured(starting(), failed, turn(20))).sleepSeconds, 300);
  });

  it('keeps a failure only while there is a benchmark, and a result for ever', () => {
    const other = plan();
    const without = (next: WorkspaceSnapshot): StatusWrite =>
      written(
        decide(
          {
            ...next,
            slipway: next.slipway && { ...next.slipway, plan: other },
            observed: observed({ workload: workload({ revision: workloadRevision(intent, other) }) }),
          },
          turn(60),
        ),
      );
    const dropped = without(looked(failed).next);
    assert.deepEqual([condition(dropped, 'BenchmarkCompleted'), dropped.state], ['absent', 'Ready']);
    assert.equal(condition(without(looked(result).next), 'BenchmarkCompleted').slice(0, 4), 'True');
  });

  it('that an older version made Ready stays as it is, until it starts again', () => {
    const old = starting({ phase: 'Ready', phaseSince: at(12), everReady: true });
    assert.equal(written(decide(old, turn(20))).state, 'Ready');
    const again = starting({ phase: 'Degraded', phaseSince: at(12), everReady: true });
    assert.equal(decide(again, turn(20)).act, 'read-benchmark');
  });

  it('is Ready without a look in turns of an older version', () => {
    const write = written(decide(starting(), { ...turn(20), logicVersion: 2 }));
    assert.deepEqual([write.state, condition(write, 'BenchmarkCompleted')], ['Ready', 'absent']);
  });

  it('has its condition between InferenceReady and WorkspaceSucceeded, moved only when it flips', () => {
    const { write, next } = looked(failed);
    const types = write.conditions.map(({ type }) => type);
    assert.deepEqual(types.slice(-3), ['InferenceReady', 'BenchmarkCompleted', 'WorkspaceSucceeded']);
    const moved = (conditions: readonly Condition[]): string | undefined =>
      conditions.find(({ type }) => type === 'BenchmarkCompleted')?.lastTransitionTime;
    const other = written(settleMeasured(next, { failed: 'another reason' }, turn(25)));
    assert.equal(moved(other.conditions), moved(write.conditions));
    const healed = written(settleMeasured(next, result, turn(26)));
    assert.notEqual(moved(healed.conditions), moved(write.conditions));
  });
});
