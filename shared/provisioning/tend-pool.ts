/** Carries out what a shared pool needs next. */
import type { AgentPool } from '@azure/arm-containerservice';
import { SlipwayError } from '../errors/slipway-error.ts';
import type { ClusterObjects, ObjectKind } from '../kubernetes/cluster-objects.ts';
import type { ArmPools } from './arm-pools.ts';
import type { ProvisioningFailure } from './node-provisioner.ts';
import { PoolTag, ProvisioningError } from './node-provisioner.ts';
import { withSize } from './pool-body.ts';
import { nameTaken } from './refusals-of-ours.ts';
import type { SharedClaim, SharedClaims } from './shared-claims.ts';
import { isShared, toSharedPool } from './shared-pool-body.ts';
import type { Share, Upkeep, UpkeepFacts, UpkeepOrder } from './shared-upkeep.ts';
import { planUpkeep } from './shared-upkeep.ts';

/** On nodes of shared pools: the allocation they serve. */
export const claimLabel = 'slipway.dev/pool';

const nodeKind: ObjectKind = { apiVersion: 'v1', kind: 'Node', plural: 'nodes' };

export interface TendPorts {
  pools: ArmPools;
  objects: ClusterObjects;
  claims: SharedClaims;
}

export interface TendedPool {
  name: string;
  /** As ARM has it; undefined: it is not there. */
  pool: AgentPool | undefined;
  /** The operation that runs on it takes too long. */
  stuck: boolean;
  claims: ReadonlyMap<string, SharedClaim>;
  facts: UpkeepFacts;
}

/** `started`: ARM is at work on the pool. */
export async function carryOut(ports: TendPorts, tended: TendedPool): Promise<'started' | 'unchanged'> {
  const { pools } = ports;
  const { name, pool, stuck, facts } = tended;
  if (pool !== undefined && !isShared(pool)) {
    const { failure } = nameTaken('Agent pool', name);
    const all = [...tended.claims.values()];
    const unanswered = all.filter(({ released, refusal }) => !released && refusal === undefined);
    await refuse(
      ports,
      tended,
      unanswered.map((claim) => claim.name),
      failure,
    );
    for (const claim of all) if (claim.released) await ports.claims.drop(claim);
    return 'unchanged';
  }
  if (stuck && (facts.pool?.state === 'creating' || facts.pool?.state === 'updating')) {
    await pools.abort(name);
    return 'started';
  }
  const rough = planUpkeep(facts);
  const plan =
    rough.order?.kind === 'look' ? planUpkeep({ ...facts, machines: await pools.machines(name) }) : rough;
  await changeObjects(ports, tended, plan);
  return plan.order === undefined ? 'unchanged' : obey(ports, tended, plan.order);
}

async function changeObjects(
  { objects, claims }: TendPorts,
  tended: TendedPool,
  plan: Upkeep,
): Promise<void> {
  const claimOf = (name: string): SharedClaim[] => {
    const claim = tended.claims.get(name);
    return claim === undefined ? [] : [claim];
  };
  for (const { node, claim } of plan.labels) {
    for (const owner of claimOf(claim)) {
      const failure = await giveNode(objects, node, owner);
      if (failure === undefined) continue;
      // Nothing of it passes by itself, and it would be the same for every other node.
      await refuse({ claims }, tended, waiting(plan), failure);
      return;
    }
  }
  const refused = new Set(plan.refusals.map(({ claim }) => claim));
  for (const { claim, machines } of plan.awaited) {
    // One write for each claim and look: the other one follows with the next.
    if (refused.has(claim)) continue;
    for (const owner of claimOf(claim)) await claims.await(owner, machines);
  }
  for (const { claim, failure } of plan.refusals) {
    for (const owner of claimOf(claim)) await claims.refuse(owner, failure);
  }
  for (const name of plan.drops) {
    for (const owner of claimOf(name)) await claims.drop(owner);
  }
}

/** Claims that are to be given nodes. */
function waiting({ labels }: Upkeep): string[] {
  return [...new Set(labels.map(({ claim }) => claim))];
}

/**
 * The node gets the labels that the workspace's pods look for. One that changes at the same moment is still free at the next look. Answers
 * why it may not be labelled.
 */
async function giveNode(
  objects: ClusterObjects,
  name: string,
  claim: SharedClaim,
): Promise<ProvisioningFailure | undefined> {
  const node = await objects.get(nodeKind, name);
  if (node === undefined || node.metadata.labels[claimLabel] !== undefined) return undefined;
  try {
    await objects.patch(nodeKind, node, {
      metadata: { labels: { ...claim.order.labels, [claimLabel]: claim.name } },
    });
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    if (error.code === 'Forbidden') return mayNotLabel(error.message);
    if (error.code !== 'Conflict') throw error;
  }
  return undefined;
}

function mayNotLabel(message: string): ProvisioningFailure {
  return {
    class: 'operator',
    code: 'Forbidden',
    message: `Nodes of shared pools cannot be labelled: ${message}`,
    remedy: 'Apply infra/azure/rbac.yaml, which lets Slipway patch nodes, or use dedicated pools.',
  };
}

async function obey(
  ports: TendPorts,
  tended: TendedPool,
  order: UpkeepOrder,
): Promise<'started' | 'unchanged'> {
  const { pools } = ports;
  const { name, pool } = tended;
  switch (order.kind) {
    case 'look':
      return 'unchanged';
    case 'remove-pool':
      return (await pools.delete(name)) ? 'started' : 'unchanged';
    case 'remove-machines':
      await pools.deleteMachines(name, order.machines);
      return 'started';
    case 'settle':
      if (pool !== undefined) await resize(ports, pool, order.count);
      return 'started';
    case 'grow':
      return grow(ports, tended, order);
  }
}

/**
 * One write for all claims that lack nodes. Where a quota does not hold them all, it is asked for half of them, the oldest, and so on: a
 * few writes find how many it holds. What is refused for one claim is refused for those that want as much.
 */
async function grow(
  ports: TendPorts,
  tended: TendedPool,
  { base, shares }: UpkeepOrder & { kind: 'grow' },
): Promise<'started' | 'unchanged'> {
  for (let served = shares.length; ; served = Math.floor(served / 2)) {
    const tried = shares.slice(0, served);
    try {
      await ask(ports, tended, base + tried.reduce((sum, { missing }) => sum + missing, 0));
      return 'started';
    } catch (error) {
      if (!(error instanceof ProvisioningError) || mayPass(error.failure)) throw error;
      if (served > 1 && error.failure.code.startsWith('Insufficient')) continue;
      const { missing: least } = served === 1 ? (shares[0] ?? none) : none;
      const same = shares.filter(({ missing }) => missing >= least);
      await refuse(
        ports,
        tended,
        same.map(({ claim }) => claim),
        error.failure,
      );
      return 'unchanged';
    }
  }
}

const none: Share = { claim: '', missing: 0 };

async function ask(ports: TendPorts, { name, pool, claims }: TendedPool, count: number): Promise<void> {
  if (pool !== undefined) return resize(ports, pool, count);
  const [first] = claims.values();
  if (first === undefined) return;
  const body = toSharedPool(first.order, count, first.tags[PoolTag.owner] ?? '');
  await ports.pools.put(name, body, { ifNoneMatch: '*' });
}

async function resize({ pools }: TendPorts, pool: AgentPool, count: number): Promise<void> {
  const guard = pool.eTag === undefined ? {} : { ifMatch: pool.eTag };
  await pools.put(pool.name ?? '', withSize(pool, count, 'running'), guard);
}

async function refuse(
  { claims }: Pick<TendPorts, 'claims'>,
  tended: TendedPool,
  names: readonly string[],
  failure: ProvisioningFailure,
): Promise<void> {
  for (const name of names) {
    const refused = tended.claims.get(name);
    if (refused !== undefined) await claims.refuse(refused, failure);
  }
}

function mayPass({ class: kind }: ProvisioningFailure): boolean {
  return kind === 'wait' || kind === 'retry';
}
