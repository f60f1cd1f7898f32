import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Condition, Verdict, Verdicts } from '../../../shared/lifecycle/conditions.ts';
import {
  inferencePending,
  inferenceReady,
  jobPending,
  jobStarted,
  nodesReady,
  poolReady,
  toConditions,
  toState,
} from '../../../shared/lifecycle/conditions.ts';
import { Phase } from '../../../shared/lifecycle/phase.ts';

const now = '2026-03-01T10:00:00.123Z';
const not = (reason: string, message: string): Verdict => ({ ready: false, reason, message });
const poolMissing = not('NodeClaimNotReady', 'Ready NodeClaims are not enough');
const nodesMissing = not('NodeNotReady', 'Not enough Nodes are ready');
const pluginsMissing = not('NodePluginsNotReady', 'waiting all node plugins to be ready');

const serving: Verdicts = {
  pool: poolReady,
  nodes: nodesReady,
  work: inferenceReady,
  tuning: false,
  complete: false,
  deleting: false,
};

/** `Type=Status Reason "message"` of each condition, in order. */
function told(change: Partial<Verdicts>, before: readonly Condition[] = []): string[] {
  const all = toConditions({ ...serving, ...change }, before, 3, now);
  return all.map(({ type, status, reason, message }) => `${type}=${status} ${reason} "${message}"`);
}

describe('the conditions of a workspace are KAITO’s (k.1)', () => {
  const pool = 'NodeClaimReady=True NodeClaimsReady "Enough NodeClaims are ready"';
  const nodes = 'NodesReady=True NodesReady "Enough Nodes are ready"';
  const resource = 'ResourceReady=True workspaceResourceStatusSuccess "workspace resource is ready"';
  const server =
    'InferenceReady=True WorkspaceInferenceStatusSuccess "Inference has been deployed successfully"';
  const noServer = 'InferenceReady=False WorkspaceInferenceStatusPending "Inference workload is not ready"';
  const waiting =
    'WorkspaceSucceeded=False workspacePending "workspace is waiting for inference workload readiness"';

  const cases: readonly [when: string, change: Partial<Verdicts>, told: string[]][] = [
    [
      'nothing is there yet',
      { pool: poolMissing, nodes: nodesMissing, work: inferencePending },
      [
        'NodeClaimReady=False NodeClaimNotReady "Ready NodeClaims are not enough"',
        'NodesReady=False NodeNotReady "Not enough Nodes are ready"',
        'ResourceReady=False NodeClaimNotReady "Ready NodeClaims are not enough"',
        noServer,
        waiting,
      ],
    ],
    [
      'the claim has a reason of its own',
      { pool: not('InsufficientQuota', 'no vCPUs left'), nodes: nodesMissing, work: inferencePending },
      [
        'NodeClaimReady=False InsufficientQuota "no vCPUs left"',
        'NodesReady=False NodeNotReady "Not enough Nodes are ready"',
        'ResourceReady=False InsufficientQuota "no vCPUs left"',
        noServer,
        waiting,
      ],
    ],
    [
      'the nodes have no GPUs yet',
      { nodes: pluginsMissing, work: inferencePending },
      [
        pool,
        'NodesReady=False NodePluginsNotReady "waiting all node plugins to be ready"',
        'ResourceReady=False NodePluginsNotReady "waiting all node plugins to be ready"',
        noServer,
        waiting,
      ],
    ],
    ['the model loads', { work: inferencePending }, [pool, nodes, resource, noServer, waiting]],
    [
      'it crashes (k.3)',
      { work: not('ContainerOOMKilled', 'out of memory') },
      [pool, nodes, resource, 'InferenceReady=False ContainerOOMKilled "out of memory"', waiting],
    ],
    [
      'the model answers',
      {},
      [pool, nodes, resource, server, 'WorkspaceSucceeded=True workspaceSucceeded "workspace succeeds"'],
    ],
    [
      'nodes are brought and not ready',
      { pool: undefined, nodes: nodesMissing, work: inferencePending },
      [
        'NodesReady=False NodeNotReady "Not enough Nodes are ready"',
        'ResourceReady=False workspaceResourceStatusNotReady "node status condition not ready"',
        noServer,
        waiting,
      ],
    ],
    [
      'nodes are brought and ready',
      { pool: undefined, work: inferencePending },
      [nodes, resource, noServer, waiting],
    ],
    [
      'it has failed',
      {
        work: inferencePending,
        failed: { code: 'Timeout', message: 'waited 45 minutes.', remedy: 'Retry.' },
      },
      [
        pool,
        nodes,
        resource,
        noServer,
        'WorkspaceSucceeded=False workspaceFailed "Timeout: waited 45 minutes. Retry."',
      ],
    ],
    [
      'it is being deleted',
      { deleting: true },
      [
        pool,
        nodes,
        resource,
        server,
        'WorkspaceSucceeded=True workspaceSucceeded "workspace succeeds"',
        'WorkspaceDeleting=True workspaceDeleted "workspace is being deleted"',
      ],
    ],
    [
      'the tuning job has not started',
      { tuning: true, work: jobPending },
      [
        pool,
        nodes,
        resource,
        'JobStarted=False WorkspaceTuningJobStatusPending "Tuning job has not started"',
        'WorkspaceSucceeded=False workspacePending "workspace is initializing, tuning job has not started"',
      ],
    ],
    [
      'the tuning job runs',
      { tuning: true, work: jobStarted },
      [
        pool,
        nodes,
        resource,
        'JobStarted=True WorkspaceTuningJobStatusStarted "Tuning job has started"',
        'WorkspaceSucceeded=False workspacePending "workspace has not completed yet, tuning job is running"',
      ],
    ],
    [
      'the tuning job is complete',
      { tuning: true, work: jobStarted, complete: true },
      [
        pool,
        nodes,
        resource,
        'JobStarted=True WorkspaceTuningJobStatusStarted "Tuning job has started"',
        'WorkspaceSucceeded=True workspaceSucceeded "workspace succeeds"',
      ],
    ],
    [
      'the tuning job has failed',
      {
        tuning: true,
        work: not('WorkspaceTuningJobStatusFailed', 'tuning job failed'),
        failed: { code: 'TuningJobFailed', message: 'tuning job failed' },
      },
      [
        pool,
        nodes,
        resource,
        'JobStarted=False WorkspaceTuningJobStatusFailed "tuning job failed"',
        'WorkspaceSucceeded=False workspaceFailed "TuningJobFailed: tuning job failed"',
      ],
    ],
  ];
  for (const [when, change, expected] of cases)
    it(`when ${when}`, () => assert.deepEqual(told(change), expected));

  it('carry the generation, whole seconds, and the time of their last flip', () => {
    const first = toConditions({ ...serving, work: inferencePending }, [], 3, now);
    assert.deepEqual(
      new Set(first.map(({ lastTransitionTime }) => lastTransitionTime)),
      new Set(['2026-03-01T10:00:00Z']),
    );
    assert.ok(first.every(({ observedGeneration }) => observedGeneration === 3));
    const crashed = not('ContainerCrashLoopBackOff', 'back-off');
    const second = toConditions({ ...serving, work: crashed }, first, 4, '2026-03-01T10:05:00Z');
    const third = toConditions(serving, second, 4, '2026-03-01T10:10:00Z');
    const times = (all: Condition[]) =>
      Object.fromEntries(all.map((each) => [each.type, each.lastTransitionTime]));
    assert.equal(times(second)['InferenceReady'], '2026-03-01T10:00:00Z', 'another reason is no flip');
    assert.ok(second.every(({ observedGeneration }) => observedGeneration === 4));
    assert.deepEqual(times(third), {
      NodeClaimReady: '2026-03-01T10:00:00Z',
      NodesReady: '2026-03-01T10:00:00Z',
      ResourceReady: '2026-03-01T10:00:00Z',
      InferenceReady: '2026-03-01T10:10:00Z',
      WorkspaceSucceeded: '2026-03-01T10:10:00Z',
    });
  });
});

describe('status.state (k.2)', () => {
  for (const phase of [Phase.Pending, Phase.Provisioning, Phase.Deploying, Phase.Deleting])
    it(`is Pending in ${phase} until it was Ready once, then NotReady`, () =>
      assert.deepEqual([toState(phase, false), toState(phase, true)], ['Pending', 'NotReady']));

  it('is NotReady while a server is down that was up', () =>
    assert.equal(toState(Phase.Degraded, true), 'NotReady'));

  it('is NotReady while it is suspended: KAITO has no word for that', () =>
    assert.equal(toState(Phase.Suspended, false), 'NotReady'));

  for (const phase of [Phase.Ready, Phase.Running, Phase.Succeeded, Phase.Failed])
    it(`is ${phase} in ${phase}`, () =>
      assert.deepEqual([toState(phase, false), toState(phase, true)], [phase, phase]));
});
