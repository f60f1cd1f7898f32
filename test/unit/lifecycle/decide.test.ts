import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  decide,
  settleFailed,
  settlePlanned,
  settleUnplannable,
  settleApplied,
} from '../../../shared/lifecycle/decide.ts';
import {
  afterWrite,
  allocation,
  at,
  condition,
  firstPool,
  node,
  observed,
  chosen,
  plan,
  pool,
  readyStatus,
  revision,
  settled,
  snapshot,
  status,
  turn,
  written,
} from './support/snapshots.ts';

const notEnoughClaims = 'False NodeClaimNotReady: Ready NodeClaims are not enough';

describe('what a turn does first', () => {
  it('puts our finalizer on before anything is wished for', () => {
    assert.deepEqual(decide(snapshot({ hasFinalizer: false, slipway: null }), turn(0)), {
      act: 'add-finalizer',
    });
  });

  it('plans a workspace nobody has looked at', () => {
    assert.deepEqual(decide(snapshot({ slipway: null }), turn(0)), { act: 'plan' });
  });

  it('plans again when spec or annotations changed', () => {
    const changed = snapshot({ intent: 'b'.repeat(64), slipway: readyStatus(), observed: observed() });
    assert.deepEqual(decide(changed, turn(20)), { act: 'plan' });
  });

  it('waits for a spec change, in Failed, when the record is not acceptable', () => {
    const faulty = snapshot({
      slipway: null,
      faults: [
        { field: 'inference', reason: 'FieldValueRequired', message: 'is required', remedy: 'Add it.' },
      ],
    });
    const write = written(decide(faulty, turn(0)));
    assert.equal(write.slipway.phase, 'Failed');
    assert.equal(write.slipway.failure?.remedy, 'Add it.');
    assert.equal(condition(write, 'ResourceReady'), 'False WorkspaceInvalid: inference: is required');
    assert.equal(
      condition(write, 'WorkspaceSucceeded'),
      'False workspaceFailed: WorkspaceInvalid: inference: is required Add it.',
    );
    assert.equal(settled(decide(afterWrite(faulty, write), turn(1))).write, undefined);
  });
});

describe('a plan', () => {
  it('wishes for one pool, named before it is asked for', () => {
    const write = written(settlePlanned(snapshot({ slipway: null }), chosen(), turn(0)));
    assert.deepEqual(write.slipway.allocations, [allocation()]);
    assert.equal(write.state, 'Pending');
    assert.equal(write.targetNodeCount, 1);
    assert.equal(condition(write, 'NodeClaimReady'), notEnoughClaims);
    assert.match(firstPool, /^[a-z][a-z0-9]{0,11}$/);
  });

  it('for another instance type replaces the pool: Degraded, one live allocation, the old one on its way out', () => {
    const seen = snapshot({ slipway: readyStatus(), observed: observed() });
    const { slipway } = written(settlePlanned(seen, chosen({ instanceType: 'Standard_ND96' }), turn(20)));
    assert.equal(slipway.phase, 'Degraded');
    assert.deepEqual(
      slipway.allocations.map(({ wish, generation }) => [wish, generation]),
      [
        ['absent', 1],
        ['present', 2],
      ],
    );
  });

  it('that changes only the workload leaves nodes and their conditions as they are', () => {
    const seen = snapshot({ intent: 'b'.repeat(64), slipway: readyStatus(), observed: observed() });
    const write = written(settlePlanned(seen, chosen({ contextTokens: 2048 }), turn(20)));
    assert.equal(write.slipway.phase, 'Ready');
    assert.equal(
      condition(write, 'ResourceReady'),
      'True workspaceResourceStatusSuccess: workspace resource is ready',
    );
    assert.equal(write.slipway.waitingFor?.what, 'the workload to be brought up to date');
    assert.equal(decide(afterWrite(seen, write), turn(21)).act, 'apply-workload');
  });

  it('with more nodes resizes the pool in place', () => {
    const seen = snapshot({ slipway: readyStatus(), observed: observed() });
    const { slipway } = written(settlePlanned(seen, chosen({ nodeCount: 2 }), turn(20)));
    assert.deepEqual(slipway.allocations, [
      allocation({ seen: true, accepted: false, count: 2, since: at(20) }),
    ]);
    assert.equal(slipway.phase, 'Degraded');
  });

  it('that cannot be made says why in every condition, keeps what is held, and stays so without writing', () => {
    const failure = { code: 'WorkspaceUnplannable', message: 'no such config map', remedy: 'Create it.' };
    for (const before of [null, readyStatus()]) {
      const seen = snapshot({ slipway: before, observed: before === null ? null : observed() });
      const write = written(settleUnplannable(seen, failure, turn(20)));
      assert.equal(write.state, 'Failed');
      assert.deepEqual(
        write.slipway.allocations.map(({ wish }) => wish),
        before === null ? [] : ['present'],
      );
      assert.equal(condition(write, 'InferenceReady'), 'False WorkspaceUnplannable: no such config map');
      assert.equal(
        condition(write, 'NodeClaimReady'),
        before === null
          ? 'False WorkspaceUnplannable: no such config map'
          : 'True NodeClaimsReady: Enough NodeClaims are ready',
      );
      assert.equal(settled(decide(afterWrite(seen, write), turn(21))).write, undefined);
    }
  });
});

describe('applying the workload', () => {
  const nodesUp = snapshot({
    slipway: status({ allocations: [allocation({ seen: true })] }),
    observed: observed({ workload: null }),
  });

  it('happens once the nodes have GPUs', () => {
    assert.deepEqual(decide(nodesUp, turn(8)), { act: 'apply-workload', plan: plan(), revision });
  });

  it('is waited for, and repeated only when the cluster does not show it', () => {
    const write = written(settleApplied(nodesUp, revision, turn(8)));
    assert.equal(write.slipway.phase, 'Deploying');
    const next = afterWrite(nodesUp, write);
    assert.equal(decide(next, turn(8.5)).act, 'settle');
    assert.equal(decide(next, turn(9.1)).act, 'apply-workload');
  });

  it('that fails for good says so, and is tried again at the next re-check', () => {
    const failure = { code: 'Invalid', message: 'refused by a webhook', remedy: 'Ask its owner.' };
    const write = written(settleFailed(nodesUp, failure, turn(8)));
    assert.equal(condition(write, 'InferenceReady'), 'False Invalid: refused by a webhook');
    assert.equal(condition(write, 'ResourceReady').split(' ')[0], 'True');
    const { code, message } = failure;
    assert.match(
      written(settleFailed(nodesUp, { code, message }, turn(8))).slipway.failure?.remedy ?? '',
      /slipway.dev\/retry/,
    );
    assert.equal(decide(afterWrite(nodesUp, write), turn(23)).act, 'apply-workload');
  });
});

describe('a turn without change', () => {
  const seen = snapshot({ slipway: readyStatus(), observed: observed() });
  const first = written(decide(seen, turn(20)));

  it('writes nothing while the promised next turn is far enough', () => {
    assert.equal(settled(decide(afterWrite(seen, first), turn(25))).write, undefined);
  });

  it('renews the promise at half of its time, and brings the cost up to date with it', () => {
    const again = written(decide(afterWrite(seen, first), turn(36)));
    const { cost, ...rest } = again.slipway;
    const { cost: before, ...expected } = first.slipway;
    assert.deepEqual({ ...rest, nextTurnBy: '' }, { ...expected, nextTurnBy: '' });
    assert.deepEqual([before?.accrued, cost?.accrued], [0, (3.673 * 16) / 60]);
    assert.ok(again.slipway.nextTurnBy > first.slipway.nextTurnBy);
    assert.deepEqual(again.conditions, first.conditions);
  });

  it('does not mistake keys in another order, or dropped nulls, for a change', () => {
    const { plan: planned, failure, waitingFor, ...rest } = first.slipway;
    assert.deepEqual([failure, waitingFor], [null, null]);
    const reversed = Object.fromEntries(Object.entries({ ...rest, plan: planned }).reverse());
    const stored = { ...first.slipway, ...reversed };
    const next = { ...afterWrite(seen, first), slipway: stored };
    assert.equal(settled(decide(next, turn(25))).write, undefined);
  });
});

describe('transition times', () => {
  it('move only when a condition flips, in whole seconds as metav1.Time', () => {
    const seen = snapshot({ slipway: readyStatus(), observed: observed() });
    const ready = written(decide(seen, turn(20)));
    const lost = { ...afterWrite(seen, ready), observed: observed({ nodes: [node({ ready: false })] }) };
    const degraded = written(decide(lost, turn(30)));
    const times = (type: string): (string | undefined)[] =>
      [ready, degraded].map(
        ({ conditions }) => conditions.find((one) => one.type === type)?.lastTransitionTime,
      );
    assert.deepEqual(times('NodeClaimReady'), ['2026-03-01T08:20:00Z', '2026-03-01T08:20:00Z']);
    assert.deepEqual(times('NodesReady'), ['2026-03-01T08:20:00Z', '2026-03-01T08:30:00Z']);
    assert.equal(degraded.state, 'NotReady');
    assert.ok(degraded.conditions.every(({ observedGeneration }) => observedGeneration === 1));
  });
});

it('a pool of a replaced generation never has the name of its predecessor', () => {
  const seen = snapshot({
    slipway: readyStatus(),
    observed: observed({ pools: [pool({ state: 'deleting' })] }),
  });
  const { slipway } = written(decide(seen, turn(20)));
  assert.equal(new Set(slipway.allocations.map((one) => one.pool)).size, 2);
  assert.equal(slipway.generation, 2);
});
