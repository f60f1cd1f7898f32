import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../../shared/lifecycle/decide.ts';
import { workloadRevision } from '../../../shared/lifecycle/workload-outlook.ts';
import {
  afterWrite,
  allocation,
  at,
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
