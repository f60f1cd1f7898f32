/** A planned phi-3 workspace and everything that can be seen of it, each piece changeable by name. */
import type { ChosenRung } from '../../../../shared/lifecycle/climbing.ts';
import { noLimits } from '../../../../shared/workspace/lifetime-options.ts';
import { regionalOnDemand } from '../../../../shared/planning/placement.ts';
import type { Settled } from '../../../../shared/lifecycle/decision.ts';
import type { Decision, StatusWrite } from '../../../../shared/lifecycle/decision.ts';
import type { Turn } from '../../../../shared/lifecycle/decide.ts';
import { currentLogicVersion } from '../../../../shared/lifecycle/decide.ts';
import type { WorkspaceSnapshot } from '../../../../shared/lifecycle/snapshot.ts';
import type {
  Allocation,
  Observed,
  ObservedNode,
  ObservedPool,
  ObservedWorkload,
  SlipwayStatus,
} from '../../../../shared/lifecycle/slipway-status.ts';
import { describeWishes, initialStatus } from '../../../../shared/lifecycle/slipway-status.ts';
import { workloadRevision } from '../../../../shared/lifecycle/workload-outlook.ts';
import { poolName } from '../../../../shared/lifecycle/workspace-key.ts';
import type { Plan } from '../../../../shared/planning/plan.ts';

export const uid = '6b1f0c3a-5f3e-4a8e-9a3b-2d9f6f3f0001';
export const intent = 'a'.repeat(64);
export const firstPool = poolName(uid, 1, 0);

/** ISO time, minutes after the workspace was planned. */
export function at(minutes: number): string {
  return new Date(Date.UTC(2026, 2, 1, 8) + minutes * 60_000).toISOString();
}

export function turn(minutes: number): Turn {
  return { now: at(minutes), logicVersion: currentLogicVersion };
}

export function plan(change: Partial<Plan> = {}): Plan {
  return {
    workload: 'inference',
    runtime: 'vllm',
    preset: 'phi-3-mini-4k-instruct',
    model: null,
    instanceType: 'Standard_NC24ads_A100_v4',
    nodeCount: 1,
    gpusPerNode: 1,
    gpuModel: 'A100',
    nvme: false,
    migProfile: null,
    broughtNodes: false,
    diskGiB: 128,
    tensorParallel: 1,
    pipelineParallel: 1,
    dataParallel: 1,
    dtype: 'bfloat16',
    contextTokens: 4096,
    readinessTimeoutSeconds: 1800,
    benchmark: false,
    estimate: null,
    outputDirectory: '',
    warnings: [],
    ...change,
  };
}

/** The first rung, planned. */
export function chosen(change: Partial<Plan> = {}): ChosenRung {
  const made = plan(change);
  return {
    plan: made,
    rung: 0,
    offer: { instanceType: made.instanceType, placement: regionalOnDemand },
    skipped: [],
  };
}

export const revision = workloadRevision(intent, plan());

export function allocation(change: Partial<Allocation> = {}): Allocation {
  return {
    generation: 1,
    rung: 0,
    pool: firstPool,
    instanceType: 'Standard_NC24ads_A100_v4',
    count: 1,
    diskGiB: 128,
    placement: regionalOnDemand,
    power: 'running',
    wish: 'present',
    since: at(0),
    seen: false,
    accepted: change.seen ?? false,
    hourlyPrice: 3.673,
    priceSource: 'built-in-table',
    ...change,
  };
}

/** Planned at {@link at}(0), waiting for its first pool. */
export function status(change: Partial<SlipwayStatus> = {}): SlipwayStatus {
  return {
    ...initialStatus(at(0), currentLogicVersion),
    phase: 'Provisioning',
    observedIntent: intent,
    plannedIntent: change.observedIntent ?? intent,
    plan: plan(),
    generation: 1,
    allocations: [allocation()],
    ...change,
  };
}

/** It has been Ready since {@link at}(10). */
export function readyStatus(change: Partial<SlipwayStatus> = {}): SlipwayStatus {
  return status({
    phase: 'Ready',
    phaseSince: at(10),
    appliedWorkload: revision,
    allocations: [allocation({ seen: true })],
    everReady: true,
    ...change,
  });
}

export function pool(change: Partial<ObservedPool> = {}): ObservedPool {
  return { name: firstPool, state: 'succeeded', count: 1, ...change };
}

export function node(change: Partial<ObservedNode> = {}): ObservedNode {
  return { name: `aks-${firstPool}-vmss000000`, pool: firstPool, ready: true, gpus: 1, ...change };
}

export function workload(change: Partial<ObservedWorkload> = {}): ObservedWorkload {
  return { uid: 'workload-uid', revision, replicas: 1, readyReplicas: 1, upToDate: true, ...change };
}

/** All is well, unless changed. */
export function observed(change: Partial<Observed> = {}): Observed {
  return {
    wishes: describeWishes([allocation()]),
    pools: [pool()],
    nodes: [node()],
    workload: workload(),
    ...change,
  };
}

export function snapshot(change: Partial<WorkspaceSnapshot> = {}): WorkspaceSnapshot {
  return {
    key: { cluster: 'main', namespace: 'default', name: 'phi' },
    uid,
    resourceVersion: '7',
    generation: 1,
    createdAt: at(-1),
    intent,
    workIntent: change.intent ?? intent,
    lifetime: noLimits,
    instanceType: 'Standard_NC24ads_A100_v4',
    tuning: false,
    deleting: false,
    hasFinalizer: true,
    faults: [],
    conditions: [],
    state: '',
    workerNodes: [],
    targetNodeCount: 0,
    slipway: status(),
    observed: null,
    ...change,
  };
}

/** The decision, which must be the end of a turn. */
export function settled(decision: Decision): Settled {
  if (decision.act !== 'settle') throw new TypeError(`the turn goes on with ${decision.act}`);
  return decision;
}

/** What the decision writes, which must be something. */
export function written(decision: Decision): StatusWrite {
  const { write } = settled(decision);
  if (write === undefined) throw new TypeError('nothing is written');
  return write;
}

/** The snapshot after a write: what the next turn reads. */
export function afterWrite(before: WorkspaceSnapshot, write: StatusWrite): WorkspaceSnapshot {
  const { slipway, conditions, state, workerNodes, targetNodeCount } = write;
  return { ...before, slipway, conditions, state, workerNodes, targetNodeCount };
}

/** One condition as `status reason: message`. */
export function condition(write: StatusWrite, type: string): string {
  const found = write.conditions.find((one) => one.type === type);
  return found === undefined ? 'absent' : `${found.status} ${found.reason}: ${found.message}`;
}
