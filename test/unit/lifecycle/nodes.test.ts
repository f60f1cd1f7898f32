import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../../shared/lifecycle/decide.ts';
import { nodesOutlook } from '../../../shared/lifecycle/nodes-outlook.ts';
import type { Allocation, Observed, SlipwayStatus } from '../../../shared/lifecycle/slipway-status.ts';
import type { ProvisioningFailure } from '../../../shared/provisioning/node-provisioner.ts';
import {
  afterWrite,
  allocation,
  at,
  condition,
  firstPool,
  node,
  observed,
  pool,
  readyStatus,
  settled,
  snapshot,
  status,
  turn,
  written,
} from './support/snapshots.ts';

const quota: ProvisioningFailure = {
  class: 'operator',
  code: 'InsufficientQuota',
  message: 'no vCPUs left',
  remedy: 'Ask for more.',
};
const fault: ProvisioningFailure = { class: 'retry', code: 'InternalError', message: 'a fault of Azure' };

const waitingForNodes = observed({ nodes: [], workload: null });

describe('how far the nodes are', () => {
  const seen = allocation({ seen: true });
  const cases: [what: string, allocation: Allocation, observed: Observed | null, outlook: string][] = [
    [
      'nobody has looked',
      allocation(),
      null,
      `waiting agent pool ${firstPool} (1 x Standard_NC24ads_A100_v4) to be asked for`,
    ],
    [
      'the pool is not asked for yet',
      allocation(),
      observed({ pools: [] }),
      `waiting agent pool ${firstPool} (1 x Standard_NC24ads_A100_v4) to be asked for`,
    ],
    [
      'Azure makes it wait',
      allocation(),
      observed({ pools: [pool({ state: 'waiting', failure: fault })] }),
      `waiting Azure to accept agent pool ${firstPool}: a fault of Azure`,
    ],
    [
      'the pool is being made',
      seen,
      observed({ pools: [pool({ state: 'creating' })] }),
      `waiting agent pool ${firstPool} (1 x Standard_NC24ads_A100_v4) to be created by Azure`,
    ],
    ['no node has joined', seen, waitingForNodes, 'waiting nodes to be Ready: 0 of 1'],
    [
      'a node is not Ready',
      seen,
      observed({ nodes: [node({ ready: false, reason: 'KubeletNotReady' })] }),
      'waiting nodes to be Ready: 0 of 1 (KubeletNotReady)',
    ],
    [
      'a node has no GPU',
      seen,
      observed({ nodes: [node({ gpus: 0 })] }),
      'waiting nvidia.com/gpu on 1 of 1 nodes (NVIDIA device plugin)',
    ],
    [
      'a node of another pool does not count',
      seen,
      observed({ nodes: [node({ pool: 'other' })] }),
      'waiting nodes to be Ready: 0 of 1',
    ],
    ['all is there', seen, observed(), 'ready'],
    [
      'an upgrade is going on around nodes that work',
      seen,
      observed({ pools: [pool({ state: 'updating' })] }),
      'ready',
    ],
    [
      'an upgrade failed around nodes that work',
      seen,
      observed({ pools: [pool({ state: 'failed', failure: fault })] }),
      'ready',
    ],
    [
      'the pool failed and has no nodes',
      seen,
      observed({ pools: [pool({ state: 'failed', failure: fault })], nodes: [] }),
      'failed InternalError',
    ],
    [
      'Azure refuses',
      allocation(),
      observed({ pools: [pool({ state: 'refused', failure: quota })], nodes: [] }),
      'failed InsufficientQuota',
    ],
    ['the pool was there and is not any more', seen, observed({ pools: [], nodes: [] }), 'lost'],
    ['somebody deletes the pool', seen, observed({ pools: [pool({ state: 'deleting' })] }), 'lost'],
  ];
  for (const [what, held, looked, expected] of cases) {
    it(what, () => {
      const outlook = nodesOutlook(held, looked);
      const detail =
        outlook.state === 'waiting' ? outlook.what : outlook.state === 'failed' ? outlook.failure.code : '';
      assert.equal(`${outlook.state} ${detail}`.trim(), expected);
    });
  }
});

describe('what the conditions say of nodes that are not there yet', () => {
  const cases: [what: string, observed: Observed | null, type: string, text: string][] = [
    ['before the pool', null, 'ResourceReady', 'False NodeClaimNotReady: Ready NodeClaims are not enough'],
    [
      "with Azure's own reason when it gave one",
      observed({ pools: [pool({ state: 'waiting', failure: fault })], nodes: [] }),
      'NodeClaimReady',
      'False InternalError: a fault of Azure',
    ],
    ['before the nodes', waitingForNodes, 'ResourceReady', 'False NodeNotReady: Not enough Nodes are ready'],
    [
      'once the pool is there',
      waitingForNodes,
      'NodeClaimReady',
      'True NodeClaimsReady: Enough NodeClaims are ready',
    ],
    [
      'before the GPUs',
      observed({ nodes: [node({ gpus: 0 })] }),
      'ResourceReady',
      'False NodePluginsNotReady: waiting all node plugins to be ready',
    ],
    [
      'of the model',
      waitingForNodes,
      'InferenceReady',
      'False WorkspaceInferenceStatusPending: Inference workload is not ready',
    ],
    [
      'of the whole',
      waitingForNodes,
      'WorkspaceSucceeded',
      'False workspacePending: workspace is waiting for inference workload readiness',
    ],
  ];
  for (const [what, looked, type, text] of cases) {
    it(what, () =>
      assert.equal(condition(written(decide(snapshot({ observed: looked }), turn(1))), type), text),
    );
  }
});

/** The status after the pool has been seen at minute 0, waiting. */
const waiting = (change: Partial<SlipwayStatus> = {}): SlipwayStatus =>
  status({ allocations: [allocation({ seen: true })], ...change });

describe('nodes that do not come', () => {
  it('are replaced once when they never join, then their user is asked', () => {
    const first = written(decide(snapshot({ slipway: waiting(), observed: waitingForNodes }), turn(41)));
    assert.deepEqual(
      first.slipway.allocations.map(({ wish }) => wish),
      ['absent', 'present'],
    );
    assert.equal(first.slipway.replacements, 1);
    const again = waiting({ replacements: 1 });
    const failed = written(decide(snapshot({ slipway: again, observed: waitingForNodes }), turn(41)));
    assert.equal(failed.slipway.failure?.code, 'NodesNotReady');
    assert.match(failed.slipway.failure.remedy ?? '', /billed/);
    assert.deepEqual(
      failed.slipway.allocations.map(({ wish }) => wish),
      ['present'],
    );
  });

  it('without GPUs are kept, and the user is told which plugin to look at', () => {
    const noGpu = observed({ nodes: [node({ gpus: 0 })], workload: null });
    const { slipway } = written(decide(snapshot({ slipway: waiting(), observed: noGpu }), turn(41)));
    assert.equal(slipway.failure?.code, 'GpusNotAllocatable');
    assert.deepEqual(
      slipway.allocations.map(({ wish }) => wish),
      ['present'],
    );
  });

  it('and come after all are used: Failed is not the end', () => {
    const failed = waiting({ phase: 'Failed', failure: { code: 'NodesNotReady', message: 'm', at: at(40) } });
    const seen = snapshot({ slipway: failed, observed: observed({ workload: null }) });
    assert.equal(decide(seen, turn(60)).act, 'apply-workload');
  });

  it('stay Failed without writing while nothing changes', () => {
    const seen = snapshot({ slipway: waiting({ replacements: 1 }), observed: waitingForNodes });
    const failed = afterWrite(seen, written(decide(seen, turn(41))));
    assert.equal(settled(decide(failed, turn(45))).write, undefined);
  });

  it('get their full time when they fail late, whatever the age of their pool', () => {
    const deploying = waiting({ phase: 'Deploying', phaseSince: at(15) });
    const { slipway } = written(
      decide(snapshot({ slipway: deploying, observed: waitingForNodes }), turn(45)),
    );
    assert.equal(slipway.phase, 'Provisioning');
    assert.equal(slipway.waitingFor?.deadline, at(85));
    assert.deepEqual(
      slipway.allocations.map(({ wish }) => wish),
      ['present'],
    );
  });
});

describe('nodes that Azure refuses', () => {
  it('are given up at once when only a person can help, and nothing stays behind', () => {
    const refused = observed({
      pools: [pool({ state: 'refused', failure: quota })],
      nodes: [],
      workload: null,
    });
    const seen = snapshot({ observed: refused });
    const write = written(decide(seen, turn(2)));
    assert.equal(write.state, 'Failed');
    assert.deepEqual(
      write.slipway.allocations.map(({ wish }) => wish),
      ['absent'],
    );
    assert.equal(condition(write, 'NodeClaimReady'), 'False InsufficientQuota: no vCPUs left');
    assert.equal(
      condition(write, 'WorkspaceSucceeded'),
      'False workspaceFailed: InsufficientQuota: no vCPUs left Ask for more.',
    );
    assert.equal(settled(decide(afterWrite(seen, write), turn(3))).write, undefined);
  });

  it('are tried once more with a fresh pool when the fault may pass', () => {
    const failed = observed({
      pools: [pool({ state: 'failed', failure: fault })],
      nodes: [],
      workload: null,
    });
    const first = written(decide(snapshot({ slipway: waiting(), observed: failed }), turn(9)));
    assert.deepEqual(
      first.trail.map(({ what }) => what),
      ['NodesReplaced'],
    );
    const again = snapshot({ slipway: waiting({ replacements: 1 }), observed: failed });
    assert.equal(written(decide(again, turn(20))).slipway.failure?.code, 'InternalError');
  });
});

describe('nodes that served', () => {
  const down = observed({ nodes: [node({ ready: false })] });

  it('make the workspace Degraded while they are away, and are never given back for that', () => {
    const seen = snapshot({ slipway: readyStatus(), observed: down });
    const degraded = written(decide(seen, turn(600)));
    assert.deepEqual([degraded.slipway.phase, degraded.state], ['Degraded', 'NotReady']);
    const late = written(decide(afterWrite(seen, degraded), turn(700)));
    assert.equal(late.slipway.failure?.code, 'NodesNotReady');
    assert.deepEqual(late.slipway.allocations, readyStatus().allocations);
  });

  it('and whose pool somebody removed are replaced, a few times and not for ever', () => {
    const lost = observed({ pools: [], nodes: [] });
    const replaced = written(decide(snapshot({ slipway: readyStatus(), observed: lost }), turn(600)));
    assert.deepEqual(
      replaced.slipway.allocations.map(({ wish }) => wish),
      ['absent', 'present'],
    );
    const often = readyStatus({ phase: 'Degraded', replacements: 3 });
    const given = written(decide(snapshot({ slipway: often, observed: lost }), turn(600)));
    assert.equal(given.slipway.failure?.code, 'PoolRemoved');
  });

  it('count as new once the workspace is Ready again', () => {
    const healed = snapshot({
      slipway: readyStatus({ phase: 'Degraded', replacements: 3 }),
      observed: observed(),
    });
    assert.equal(written(decide(healed, turn(600))).slipway.replacements, 0);
  });
});
