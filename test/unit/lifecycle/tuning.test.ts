import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../../shared/lifecycle/decide.ts';
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

const tuningPlan = plan({ workload: 'tuning' });
const job = workload({ revision: workloadRevision(intent, tuningPlan), readyReplicas: 0 });
const starting = snapshot({
  tuning: true,
  slipway: status({
    phase: 'Deploying',
    phaseSince: at(5),
    plan: tuningPlan,
    allocations: [allocation({ seen: true })],
  }),
  observed: observed({ workload: job }),
});

describe('a tuning Job with a pod', () => {
  const begun = { ...starting, observed: observed({ workload: { ...job, started: true } }) };
  const pending = 'False WorkspaceTuningJobStatusPending: Tuning job has not started';

  it('has started, whatever the pod waits for, and goes on being waited for', () => {
    const before = written(decide(starting, turn(6)));
    assert.deepEqual([condition(before, 'JobStarted'), before.state], [pending, 'Pending']);
    const write = written(decide(begun, turn(6)));
    assert.equal(
      condition(write, 'JobStarted'),
      'True WorkspaceTuningJobStatusStarted: Tuning job has started',
    );
    assert.equal(
      condition(write, 'WorkspaceSucceeded'),
      'False workspacePending: workspace has not completed yet, tuning job is running',
    );
    assert.deepEqual([write.state, write.slipway.phase], ['Running', 'Deploying']);
    assert.equal(write.slipway.waitingFor?.deadline, at(5 + 30 + 15));
  });

  it('that never runs is Failed all the same, with what its pod says', () => {
    const problem = { reason: 'ImagePullError', message: 'no such image' };
    const stuck = { ...begun, observed: observed({ workload: { ...job, started: true, problem } }) };
    const write = written(decide(stuck, turn(51)));
    assert.deepEqual([write.state, write.slipway.failure?.code], ['Failed', 'ImagePullError']);
    assert.equal(condition(write, 'JobStarted').slice(0, 4), 'True');
  });
});

describe('a tuning Job that does not start', () => {
  it('is Failed once its patience is over, and stays so without writing anything', () => {
    const write = written(decide(starting, turn(5 + 30 + 15 + 1)));
    assert.equal(write.slipway.phase, 'Failed');
    assert.equal(write.slipway.failure?.code, 'TuningJobNotStarted');
    const failed = afterWrite(starting, write);
    const before = failed.slipway?.phaseSince;
    const next = settled(decide(failed, turn(52)));
    assert.equal(next.write?.slipway.phase ?? 'Failed', 'Failed');
    const later = next.write === undefined ? failed : afterWrite(failed, next.write);
    assert.equal(settled(decide(later, turn(53))).write, undefined);
    assert.equal(later.slipway?.phaseSince, before);
  });

  it('runs after all when its pod comes late', () => {
    const failed = afterWrite(starting, written(decide(starting, turn(51))));
    const late = { ...failed, observed: observed({ workload: { ...job, readyReplicas: 1 } }) };
    assert.equal(written(decide(late, turn(60))).slipway.phase, 'Running');
  });
});
