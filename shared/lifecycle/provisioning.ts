import type { ProvisioningFailure } from '../provisioning/node-provisioner.ts';
import { releaseAll, replaceAllocation } from './allocation.ts';
import { climbsSince, mayClimb, refusedLine } from './climbing.ts';
import type { Decision, Settled, Step } from './decision.ts';
import { settle } from './decision.ts';
import { failedFor } from './failing.ts';
import { gpuRemedy } from './gpu-remedy.ts';
import type { NodesOutlook } from './nodes-outlook.ts';
import { nodesOutlook } from './nodes-outlook.ts';
import { Phase } from './phase.ts';
import type { Planned } from './planned.ts';
import { decideWorkload } from './serving.ts';
import { isBrought } from './slipway-status.ts';
import {
  acceptanceDeadlineSeconds,
  after,
  degradedDeadlineSeconds,
  later,
  provisioningDeadlineSeconds,
} from './timing.ts';
import { decideTuning } from './tuning.ts';

/** Fresh pools tried for one intent before a person is asked. One: a half-created pool is often mended by a second try, rarely by a third. */
const replacementsAllowed = 1;
/** Pools that somebody else removed are replaced more often, but not for ever: each costs money. Counted until the next Ready. */
const lossesAllowed = 3;

/** Nodes first: wait for them, heal them, or say why they do not come. Then the workload. */
export function decideNodes(planned: Planned): Decision {
  const { allocation, snapshot, status } = planned;
  const outlook = nodesOutlook(allocation, snapshot.observed, planned.plan);
  switch (outlook.state) {
    case 'ready':
      return planned.plan.workload === 'tuning' ? decideTuning(planned) : decideWorkload(planned);
    case 'waiting':
      return waitForNodes(planned, outlook);
    case 'lost':
      return status.replacements < lossesAllowed
        ? replace(planned, `agent pool ${allocation.pool} was removed by somebody else`)
        : giveUp(planned, removedAgain(allocation.pool));
    case 'failed':
      return status.replacements < replacementsAllowed && mayPass(outlook.failure)
        ? replace(planned, outlook.failure.message)
        : climbOrGiveUp(planned, outlook.failure);
  }
}

/** Other terms or another size, where those may help; else a person is asked. */
function climbOrGiveUp(planned: Planned, refused: ProvisioningFailure): Decision {
  const { allocation } = planned;
  return climbs(planned) && mayClimb(refused)
    ? { act: 'climb', rung: allocation.rung + 1, refused }
    : giveUp(planned, refused, refusedLine(planned.status, refused));
}

function climbs({ status }: Planned): boolean {
  return status.logicVersion >= climbsSince;
}

type Waiting = NodesOutlook & { state: 'waiting' };

/** Patience is counted from when the waiting began: nodes that served for days and fail now get as long as new ones. */
function waitForNodes(planned: Planned, outlook: Waiting): Decision {
  const { snapshot, status, allocation, now } = planned;
  const { what } = outlook;
  if (status.phase === Phase.Failed && status.failure !== null) {
    const { failure } = status;
    return settle(
      snapshot,
      status,
      { phase: Phase.Failed, why: failure.message, failure, waitingFor: { what } },
      now,
    );
  }
  const served = status.phase === Phase.Ready || status.phase === Phase.Degraded;
  const phase = served ? Phase.Degraded : Phase.Provisioning;
  const began = status.phase === phase ? status.phaseSince : now;
  const patience = served
    ? degradedDeadlineSeconds
    : allocation.accepted
      ? provisioningDeadlineSeconds
      : acceptanceDeadlineSeconds;
  // Nodes that the user brings cost nothing while they are waited for, and nobody else will make them come.
  if (isBrought(allocation)) {
    return settle(snapshot, status, { phase, why: `waiting for ${what}`, waitingFor: { what } }, now);
  }
  const deadline = after(later(began, allocation.since), patience);
  if (outlook.failure !== undefined && !mayPass(outlook.failure))
    return refusedResize(planned, outlook.failure, what);
  if (now < deadline) {
    const step = { phase, why: `waiting for ${what}`, waitingFor: { what, deadline } };
    return settle(snapshot, status, step, now);
  }
  const message = `waited ${patience / 60} minutes for ${what}`;
  // Nodes that have served are never given back because time went by: they may come again, and Azure may have no others.
  if (!served && outlook.step === 'nodes' && status.replacements < replacementsAllowed) {
    return replace(planned, message);
  }
  // A creation that never ends is Azure's way, too, of having no machine: made anew once, then asked for otherwise.
  if (outlook.step === 'pool' && allocation.accepted && climbs(planned)) {
    return status.replacements < replacementsAllowed
      ? replace(planned, message)
      : {
          act: 'climb',
          rung: allocation.rung + 1,
          refused: { class: 'next-rung', ...tooLate({ step: 'pool' }), message },
        };
  }
  const failure = { ...tooLate(outlook), message };
  return settle(snapshot, status, { phase: Phase.Failed, why: message, failure, waitingFor: { what } }, now);
}

/**
 * Azure will not give a pool the size that is wished for, and some of its nodes run. Where all of them ran before, the model is down and
 * needs others; where more were wished for, what runs goes on serving, and its user decides.
 */
function refusedResize(planned: Planned, refused: ProvisioningFailure, what: string): Decision {
  const { snapshot, status, allocation, now } = planned;
  if (allocation.accepted && climbs(planned) && mayClimb(refused)) {
    return { act: 'climb', rung: allocation.rung + 1, refused };
  }
  const { phase, why, failure } = failedFor(refused);
  return settle(snapshot, status, { phase, why, ...(failure && { failure }), waitingFor: { what } }, now);
}

/** Heals by a fresh pool. */
function replace(planned: Planned, why: string): Settled {
  const { snapshot, status, plan, now } = planned;
  const change = replaceAllocation(status, snapshot.uid, plan, now);
  const fresh = change.allocations.at(-1)?.pool ?? '';
  const served = status.phase === Phase.Ready || status.phase === Phase.Degraded;
  return settle(
    snapshot,
    status,
    {
      phase: served ? Phase.Degraded : Phase.Provisioning,
      why,
      waitingFor: { what: `agent pool ${fresh} to be asked for` },
      change: { ...change, replacements: status.replacements + 1 },
      trail: [{ what: 'NodesReplaced', why: `${why}; agent pool ${fresh} takes its place` }],
    },
    now,
  );
}

/** No node will come: the remains of the pool go, and the user learns what to change. */
function giveUp(
  planned: Planned,
  { code, message, remedy }: ProvisioningFailure,
  trail: Step['trail'] = [],
): Settled {
  const { snapshot, status, now } = planned;
  const failure = {
    code,
    message,
    remedy:
      remedy ?? 'Change resource.instanceType, or set the annotation slipway.dev/retry to any new value.',
  };
  const change = { allocations: releaseAll(status.allocations, now) };
  return settle(snapshot, status, { ...failedFor(failure), change, trail }, now);
}

function mayPass(failure: ProvisioningFailure): boolean {
  return failure.class === 'retry' || failure.class === 'wait';
}

function removedAgain(pool: string): ProvisioningFailure {
  return {
    class: 'operator',
    code: 'PoolRemoved',
    message: `agent pool ${pool} was removed by somebody else, as ${lossesAllowed} before it`,
    remedy:
      "The activity log of the cluster's resource group tells who removes agent pools (a policy, a clean-up job, spot eviction); then set the annotation slipway.dev/retry to any new value.",
  };
}

function tooLate({ step, gpuProblem }: Pick<Waiting, 'step' | 'gpuProblem'>): {
  code: string;
  remedy: string;
} {
  switch (step) {
    case 'pool':
      return {
        code: 'PoolNotCreated',
        remedy:
          'Look at the agent pool in the Azure portal; delete the workspace, or set the annotation slipway.dev/retry to try again.',
      };
    case 'nodes':
      return {
        code: 'NodesNotReady',
        remedy:
          'kubectl describe node shows why; the nodes are kept and billed until the workspace is deleted.',
      };
    case 'gpus':
      return {
        code: 'GpusNotAllocatable',
        remedy: gpuRemedy(gpuProblem),
      };
  }
}
