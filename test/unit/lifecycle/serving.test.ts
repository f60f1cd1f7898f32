import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../../shared/lifecycle/decide.ts';
import { workloadRevision } from '../../../shared/lifecycle/workload-outlook.ts';
import type { SlipwayStatus } from '../../../shared/lifecycle/slipway-status.ts';
import {
  allocation,
  at,
  condition,
  intent,
  observed,
  plan,
  readyStatus,
  revision,
  snapshot,
  status,
  turn,
  workload,
  written,
} from './support/snapshots.ts';

const deploying = (change: Partial<SlipwayStatus> = {}): SlipwayStatus =>
  status({
    phase: 'Deploying',
    phaseSince: at(10),
    appliedWorkload: revision,
    allocations: [allocation({ seen: true })],
    ...change,
  });
const loading = observed({ workload: workload({ readyReplicas: 0 }) });
const crash = { reason: 'ContainerCrashLoopBackOff', message: 'back-off restarting' };
const crashing = observed({ workload: workload({ readyReplicas: 0, problem: crash }) });

describe('a workload', () => {
  it('that answers makes the workspace Ready, in KAITO’s words', () => {
    const write = written(decide(snapshot({ slipway: deploying(), observed: observed() }), turn(20)));
    assert.deepEqual([write.slipway.phase, write.state, write.slipway.waitingFor], ['Ready', 'Ready', null]);
    assert.equal(
      condition(write, 'InferenceReady'),
      'True WorkspaceInferenceStatusSuccess: Inference has been deployed successfully',
    );
    assert.equal(condition(write, 'WorkspaceSucceeded'), 'True workspaceSucceeded: workspace succeeds');
    assert.deepEqual(
      write.workerNodes,
      observed().nodes.map(({ name }) => name),
    );
  });

  it('that is loading is waited for, for the time its model needs and some slack', () => {
    const write = written(decide(snapshot({ slipway: deploying(), observed: loading }), turn(20)));
    assert.equal(write.slipway.waitingFor?.what, 'the model to load: 0 of 1 pods ready');
    assert.equal(write.slipway.waitingFor.deadline, at(10 + 30 + 15));
    assert.equal(write.state, 'Pending');
  });

  it('that crashes says so at once in InferenceReady, and fails with a remedy at the deadline', () => {
    const early = written(decide(snapshot({ slipway: deploying(), observed: crashing }), turn(20)));
    assert.equal(condition(early, 'InferenceReady'), 'False ContainerCrashLoopBackOff: back-off restarting');
    assert.equal(early.slipway.phase, 'Deploying');
    const late = written(decide(snapshot({ slipway: deploying(), observed: crashing }), turn(56)));
    assert.equal(late.slipway.failure?.code, 'ContainerCrashLoopBackOff');
    assert.match(late.slipway.failure.remedy ?? '', /kubectl logs/);
  });

  it('that answered before is Degraded and NotReady, and Ready again when it answers', () => {
    const degraded = written(decide(snapshot({ slipway: readyStatus(), observed: crashing }), turn(60)));
    assert.deepEqual([degraded.slipway.phase, degraded.state], ['Degraded', 'NotReady']);
    const healed = decide(snapshot({ slipway: degraded.slipway, observed: observed() }), turn(61));
    assert.equal(written(healed).state, 'Ready');
  });

  it('that loads for longer than an hour is given its own time after a restart too', () => {
    const slow = plan({ readinessTimeoutSeconds: 2 * 3600 });
    const own = workloadRevision(intent, slow);
    const seen = snapshot({
      slipway: readyStatus({ plan: slow, phase: 'Degraded', phaseSince: at(60), appliedWorkload: own }),
      observed: observed({ workload: workload({ revision: own, readyReplicas: 0 }) }),
    });
    assert.equal(written(decide(seen, turn(121))).slipway.phase, 'Degraded');
  });

  it('that somebody deleted, or that is of an older revision, is applied again', () => {
    for (const found of [null, workload({ revision: 'old' })]) {
      const seen = snapshot({ slipway: readyStatus(), observed: observed({ workload: found }) });
      assert.deepEqual(decide(seen, turn(60)), { act: 'apply-workload', plan: plan(), revision });
    }
  });

  it('that comes late ends the failure', () => {
    const failed = deploying({ phase: 'Failed', failure: { code: 'X', message: 'm', at: at(56) } });
    const write = written(decide(snapshot({ slipway: failed, observed: observed() }), turn(90)));
    assert.deepEqual([write.state, write.slipway.failure], ['Ready', null]);
  });
});

it('a revision is equal for equal intent and plan, and for no others', () => {
  assert.equal(workloadRevision(intent, plan()), revision);
  assert.notEqual(workloadRevision('other', plan()), revision);
  assert.notEqual(workloadRevision(intent, plan({ contextTokens: 1 })), revision);
});
