import type { ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import { releaseAll, replaceAllocation } from './allocation.ts';
import type { Verdict } from './conditions.ts';
import { poolReady } from './conditions.ts';
import type { Decision, Settled } from './decision.ts';
import { settle } from './decision.ts';
import type { NodesOutlook } from './nodes-outlook.ts';
import { nodesOutlook } from './nodes-outlook.ts';
import { Phase } from './phase.ts';
import type { Planned } from './planned.ts';
import { decideWorkload } from './serving.ts';
import { after, provisioningDeadlineSeconds } from './timing.ts';

/** Fresh pools tried for one intent before a person is asked. One: a half-created pool is often mended by a second try, rarely by a third. */
const replacementsAllowed = 1;

/** Nodes first: wait for them, heal them, or say why they do not come. Then the workload. */
export function decideNodes(planned: Planned): Decision {
  const outlook = nodesOutlook(planned.allocation, planned.snapshot.observed);
  switch (outlook.state) {
    case 'ready':
      return decideWorkload(planned);
    case 'waiting':
      return waitForNodes(planned, outlook);
    case 'lost':
      return replace(planned, `agent pool ${planned.allocation.pool} was removed by somebody else`, true);
    case 'failed':
      return planned.status.replacements < replacementsAllowed && mayPass(outlook.failure)
        ? replace(planned, outlook.failure.message, false)
        : giveUp(planned, outlook.failure);
  }
}

function waitForNodes(planned: Planned, outlook: NodesOutlook & { state: 'waiting' }): Settled {
  const { snapshot, status, allocation, now } = planned;
  const deadline = after(allocation.since, provisioningDeadlineSeconds);
  const pool: Verdict =
    outlook.step === 'pool'
      ? {
          ready: false,
          reason: 'NodeClaimNotReady',
          message: `Ready NodeClaims are not enough: waiting for ${outlook.what}`,
        }
      : poolReady;
  const nodes: Verdict =
    outlook.step === 'gpus'
      ? { ready: false, reason: 'NodePluginsNotReady', message: 'waiting all node plugins to be ready' }
      : { ready: false, reason: 'NodeNotReady', message: 'Not enough Nodes are ready' };
  if (now >= deadline && !status.everReady) {
    if (outlook.step === 'nodes' && status.replacements < replacementsAllowed) {
      return replace(
        planned,
        `waited ${provisioningDeadlineSeconds / 60} minutes for ${outlook.what}`,
        false,
      );
    }
    const failure = tooLate(outlook);
    return settle(snapshot, status, { phase: Phase.Failed, why: failure.message, failure, pool, nodes }, now);
  }
  const degraded = status.everReady && (status.phase === Phase.Ready || status.phase === Phase.Degraded);
  const failed = status.phase === Phase.Failed && status.failure !== null;
  return settle(
    snapshot,
    status,
    {
      phase: degraded ? Phase.Degraded : failed ? Phase.Failed : Phase.Provisioning,
      why: `waiting for ${outlook.what}`,
      waitingFor: status.everReady ? { what: outlook.what } : { what: outlook.what, deadline },
      ...(failed && status.failure !== null ? { failure: status.failure } : {}),
      pool,
      nodes,
    },
    now,
  );
}

/** Heals by a fresh pool. One that was lost after it served is not held against the workspace. */
function replace(planned: Planned, why: string, free: boolean): Settled {
  const { snapshot, status, plan, now } = planned;
  const change = replaceAllocation(status, snapshot.uid, plan, now);
  const fresh = change.allocations.at(-1)?.pool ?? '';
  return settle(
    snapshot,
    status,
    {
      phase: status.everReady ? Phase.Degraded : Phase.Provisioning,
      why,
      waitingFor: { what: `agent pool ${fresh} to be asked for` },
      pool: { ready: false, reason: 'NodeClaimNotReady', message: 'Ready NodeClaims are not enough' },
      change: { ...change, replacements: free ? status.replacements : status.replacements + 1 },
      trail: [{ what: 'NodesReplaced', why: `${why}; agent pool ${fresh} takes its place` }],
    },
    now,
  );
}

/** Azure refused for good: the remains of the pool go, and the user learns what to change. */
function giveUp(planned: Planned, failure: ProvisioningFailure): Settled {
  const { snapshot, status, now } = planned;
  const verdict = { ready: false, reason: failure.code, message: failure.message };
  return settle(
    snapshot,
    status,
    {
      phase: Phase.Failed,
      why: failure.message,
      failure: {
        code: failure.code,
        message: failure.message,
        remedy:
          failure.remedy ??
          'Change resource.instanceType, or set the annotation slipway.dev/retry to any new value.',
      },
      pool: verdict,
      nodes: { ready: false, reason: 'NodeNotReady', message: 'Not enough Nodes are ready' },
      change: { allocations: releaseAll(status.allocations, now) },
    },
    now,
  );
}

function mayPass(failure: ProvisioningFailure): boolean {
  return failure.class === 'retry' || failure.class === 'wait';
}

function tooLate(outlook: NodesOutlook & { state: 'waiting' }): {
  code: string;
  message: string;
  remedy: string;
} {
  const message = `waited ${provisioningDeadlineSeconds / 60} minutes for ${outlook.what}`;
  switch (outlook.step) {
    case 'pool':
      return {
        code: 'PoolNotCreated',
        message,
        remedy:
          'Look at the agent pool in the Azure portal; delete the workspace, or set the annotation slipway.dev/retry to try again.',
      };
    case 'nodes':
      return {
        code: 'NodesNotReady',
        message,
        remedy:
          'kubectl describe node shows why; the nodes are kept and billed until the workspace is deleted.',
      };
    case 'gpus':
      return {
        code: 'GpusNotAllocatable',
        message,
        remedy:
          'Check the NVIDIA driver (gpuProfile.driver Install) and the pods of the device plugin DaemonSet in kube-system; the nodes are kept and billed until the workspace is deleted.',
      };
  }
}
