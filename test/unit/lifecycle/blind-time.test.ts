import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide, statusOf } from '../../../shared/lifecycle/decide.ts';
import { allocation, at, observed, pool, readyStatus, snapshot, status, turn } from './support/snapshots.ts';

const accepted = allocation({ seen: true, accepted: true });
const waiting = status({ phaseSince: at(0), allocations: [accepted] });
const creating = observed({ pools: [pool({ state: 'creating' })], nodes: [], workload: null });

/** Phase and deadline, in minutes after the plan, of the turn that looks at this. */
function outcome(minutes: number, blindFrom?: number): [string, number] {
  const now = { ...turn(minutes), ...(blindFrom === undefined ? {} : { blindSince: at(blindFrom) }) };
  const decision = decide(snapshot({ slipway: waiting, observed: creating }), now);
  assert.equal(decision.act, 'settle');
  const slipway = decision.write?.slipway;
  const deadline = slipway?.waitingFor?.deadline ?? at(0);
  return [slipway?.phase ?? '', (Date.parse(deadline) - Date.parse(at(0))) / 60_000];
}

describe('time in which nobody could look', () => {
  it('counts as no waiting: a deadline that passed meanwhile is as far away as it was', () => {
    assert.deepEqual(outcome(30), ['Provisioning', 40]);
    assert.notEqual(outcome(370)[0] + String(outcome(370)[1]), 'Provisioning400');
    assert.deepEqual(outcome(370, 10), ['Provisioning', 400]);
  });

  it('does not shorten a wait that began in it', () => {
    assert.deepEqual(outcome(60, -10), ['Provisioning', 100]);
  });

  it('changes nothing where nothing is waited for', () => {
    const ready = readyStatus();
    const seen = statusOf(snapshot({ slipway: ready }), { ...turn(600), blindSince: at(60) });
    assert.deepEqual(seen, ready);
  });
});
