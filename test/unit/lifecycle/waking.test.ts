import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide, settleApplied } from '../../../shared/lifecycle/decide.ts';
import {
  node,
  observed,
  pool,
  readyStatus,
  revision,
  settled,
  snapshot,
  status,
  turn,
} from './support/snapshots.ts';

describe('the cluster orchestration, which rests while nobody waits, is woken', () => {
  it('when a Ready workspace has its workload applied again', () => {
    assert.equal(settleApplied(snapshot({ slipway: readyStatus() }), revision, turn(60)).wishesChanged, true);
  });

  it('when a Ready workspace turns out to be without its nodes', () => {
    const nodeless = snapshot({ slipway: readyStatus(), observed: observed({ pools: [pool()], nodes: [] }) });
    assert.equal(settled(decide(nodeless, turn(60))).wishesChanged, true);
  });

  it('but not when it is busy anyway', () => {
    const deploying = snapshot({
      slipway: status({ phase: 'Provisioning' }),
      observed: observed({ pools: [pool()], nodes: [node()] }),
    });
    assert.equal(settleApplied(deploying, revision, turn(10)).wishesChanged, false);
  });
});
