/**
 * How Slipway gets and releases GPU nodes. One implementation per way, chosen by the cluster's setting `provisioner`: AKS agent pools,
 * Karpenter (NodePools or NodeClaims), or nodes that are there already. The cluster orchestration is the only caller. A "pool" is what
 * one allocation holds, whatever it is made of; its name is the allocation's.
 *
 * Error contract: methods throw only {@link ProvisioningError}; every failure of the cloud has a class in it. Calls start work and
 * look at it; none waits for a long-running operation.
 */
import type { Placement } from '../planning/placement.ts';
import type { ErrorFacts } from '../errors/slipway-error.ts';
import { SlipwayError } from '../errors/slipway-error.ts';

/** What a failure means for the one who asked. */
export const FailureClass = {
  /** Nothing is wrong: something else is in progress or throttled; ask again after `retryAfterSeconds`. */
  Wait: 'wait',
  /** A passing fault; the same request may succeed. */
  Retry: 'retry',
  /** This size, zone or priority will not come now: another rung of the ladder may. */
  NextRung: 'next-rung',
  /** A person must act: quota, policy, permission, network. */
  Operator: 'operator',
  /** We asked for something invalid. */
  Bug: 'bug',
} as const;
export type FailureClass = (typeof FailureClass)[keyof typeof FailureClass];

/** A cloud failure, classified. Plain data: it travels in the record. */
export interface ProvisioningFailure {
  class: FailureClass;
  /** Stable: `InsufficientQuota`, `AllocationFailed`, `OperationInProgress`, `Throttled`, ... */
  code: string;
  message: string;
  remedy?: string;
  retryAfterSeconds?: number;
}

export class ProvisioningError extends SlipwayError {
  readonly failure: ProvisioningFailure;

  constructor(failure: ProvisioningFailure, cause?: ErrorFacts['cause']) {
    super(failure.code, {
      message: failure.message,
      cause,
      ...(failure.remedy === undefined ? {} : { remedy: failure.remedy }),
    });
    this.failure = failure;
  }
}

/** An agent pool as we ask for it. */
export interface PoolRequest {
  /** `^[a-z][a-z0-9]{0,11}$`, written to the record before it is asked for. */
  name: string;
  instanceType: string;
  count: number;
  /** OS disk, GiB. */
  diskGiB: number;
  labels: Record<string, string>;
  /** Those of the labels that the user asks for: what nodes that are there already are found by. */
  userLabels: Record<string, string>;
  taints: string[];
  tags: Record<string, string>;
  osSku: 'Ubuntu' | 'AzureLinux';
  placement: Placement;
  /** Absent: a pool of its own. `shared`: nodes of a pool that allocations of one size share; only agent pools can be. */
  sharing?: 'shared';
  /** Node class that the user names; only Karpenter knows such. */
  nodeClass?: string;
}

export { PoolTag } from '../lifecycle/pool-tag.ts';

/** An agent pool as the cloud lists it. */
export interface PoolView {
  name: string;
  instanceType: string;
  count: number;
  /** Its machines are deallocated, their disks kept; absent while they run. The count stays as it was. */
  power?: 'stopped';
  state: 'creating' | 'updating' | 'deleting' | 'succeeded' | 'failed';
  /** The cloud's own word, such as `UpgradingNodeImageVersion`. */
  provisioningState: string;
  tags: Record<string, string>;
  /** Why it failed, classified; while it is creating or updating, what is in the way and may pass. */
  failure?: ProvisioningFailure;
  /** Names of its nodes, where only the provisioner knows them; else their label `agentpool` names the pool. */
  nodes?: string[];
  /** It is a claim on nodes of this agent pool: what the cloud works on is that pool. */
  sharedPool?: string;
  /** That pool, or this one where it is shared itself, is to be tended. */
  tend?: true;
}

export type PoolPower = 'running' | 'stopped';

export interface TendOptions {
  /** What the cloud does to the pool takes too long: it is ended. */
  stuck?: boolean;
}

/** Of a cluster. */
export type PowerState = 'running' | 'stopped' | 'gone';

export interface NodeProvisioner {
  /** One LIST: every pool of the cluster, ours or not. */
  list(): Promise<PoolView[]>;
  /**
   * Starts creating a pool (create-only). A pool of that name that carries the same workspace uid tag is adopted: `exists`.
   * One that does not is a `bug` failure with code `PoolNameTaken`. `repeated`: it was asked for before and the answer may be lost, so
   * look first.
   */
  create(request: PoolRequest, options?: { repeated?: boolean }): Promise<'started' | 'exists'>;
  /**
   * Starts changing the node count of our pool (read, change, eTag-guarded write), or stops or starts its machines: `stopped` keeps their
   * disks and ignores `count`. Where machines cannot be stopped, `stopped` means none. Growing may be refused like a creation.
   */
  scale(name: string, count: number, power?: PoolPower): Promise<'started' | 'unchanged'>;
  /**
   * Has machines of our pool made anew although its count is as wished: those named (names of nodes), which are dead, are removed, and the
   * pool gets its count back by `scale`; without names the cloud is asked to bring the pool to `count`, for some are missing. `unchanged`
   * where that happens by itself, or nobody makes machines. May be refused like a creation.
   */
  repair(
    name: string,
    wanted: { count: number; machines: readonly string[] },
  ): Promise<'started' | 'unchanged'>;
  /** Starts deleting; `absent` when it is not there. Refuses (`bug`, `NotOurs`) a pool without our tags. */
  delete(name: string): Promise<'started' | 'absent'>;
  /**
   * Does the next thing that a shared pool needs for its claims; only for pools whose view asks for it. `started`: the cloud is at work
   * on the pool. What the cloud refuses to claims shows in their views.
   */
  tend?(sharedPool: string, options?: TendOptions): Promise<'started' | 'unchanged'>;
  /** Asks ARM for the cluster's power state; used only when its API does not answer. */
  powerState(): Promise<PowerState>;
}
