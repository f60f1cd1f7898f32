import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../../shared/lifecycle/decide.ts';
import { Phase } from '../../../shared/lifecycle/phase.ts';
import { toEvents } from '../../../shared/lifecycle/trail-events.ts';
import {
  allocation,
  at,
  firstPool,
  observed,
  plan,
  pool,
  snapshot,
  status,
  turn,
  written,
} from './support/snapshots.ts';

const line = (what: string, why = 'why'): { time: string; what: string; why: string } => ({
  time: at(1),
  what,
  why,
});

describe('lines of the trail as Events', () => {
  it('have KAITO’s reasons where it has any', () => {
    assert.deepEqual(toEvents([line('NodesAccepted', 'made'), line('NodesRefused', 'full')]), [
      { type: 'Normal', reason: 'NodeClaimCreated', message: 'made', time: at(1) },
      { type: 'Warning', reason: 'NodeClaimCreationFailed', message: 'full', time: at(1) },
    ]);
  });

  it('leave out steps that other lines tell better, and cut what is too long for an Event', () => {
    assert.deepEqual(toEvents([line('Pending'), line('Provisioning'), line('Deploying')]), []);
    assert.equal(toEvents([line('Ready', 'x'.repeat(5000))])[0]?.message.length, 1024);
  });

  it('warn of what is bad, codes of failures included', () => {
    const warned = ['Degraded', 'Failed', 'NodesReplaced', 'BenchmarkFailed', 'InsufficientQuota'];
    for (const what of warned) assert.equal(toEvents([line(what)])[0]?.type, 'Warning', what);
    const bad = new Set<string>([Phase.Degraded, Phase.Failed]);
    for (const phase of Object.values(Phase).filter((one) => !bad.has(one))) {
      assert.ok(
        toEvents([line(phase)]).every(({ type }) => type === 'Normal'),
        phase,
      );
    }
  });
});

describe('the trail', () => {
  it('tells of a pool that Azure has taken up once, and never of nodes that users bring', () => {
    const creating = observed({ pools: [pool({ state: 'creating' })], nodes: [], workload: null });
    const first = written(decide(snapshot({ observed: creating }), turn(2)));
    assert.deepEqual(
      first.trail.map(({ what, why }) => `${what}: ${why}`),
      [`NodesAccepted: Successfully created agent pool ${firstPool} (1 x Standard_NC24ads_A100_v4)`],
    );
    const next = snapshot({ slipway: first.slipway, observed: observed({ nodes: [], workload: null }) });
    assert.deepEqual(written(decide(next, turn(3))).trail, []);
    const brought = snapshot({
      slipway: status({
        plan: plan({ instanceType: '', broughtNodes: true }),
        allocations: [allocation({ instanceType: '' })],
      }),
      observed: creating,
    });
    assert.deepEqual(written(decide(brought, turn(2))).trail, []);
  });

  it('tells what Azure said when no nodes come', () => {
    const failure = { class: 'operator', code: 'DisallowedByPolicy', message: 'tag missing' } as const;
    const refused = observed({ pools: [pool({ state: 'failed', failure })], nodes: [], workload: null });
    const { trail } = written(decide(snapshot({ observed: refused }), turn(2)));
    const told = trail.find(({ what }) => what === 'NodesRefused');
    assert.equal(told?.why, '1 x Standard_NC24ads_A100_v4: DisallowedByPolicy: tag missing');
  });
});
