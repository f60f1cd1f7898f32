import { SlipwayError } from '../errors/slipway-error.ts';
import type { ClusterObjects } from '../kubernetes/cluster-objects.ts';
import type { NodeView } from '../kubernetes/cluster.ts';
import { inPortTerms } from './from-cluster-error.ts';
import type { ArmPools } from './arm-pools.ts';
import type { SharedPoolSight } from './claim-views.ts';
import { claimViews, toClaimFacts } from './claim-views.ts';
import type {
  NodeProvisioner,
  PoolPower,
  PoolRequest,
  PoolView,
  PowerState,
  TendOptions,
} from './node-provisioner.ts';
import { toPoolView } from './pool-view.ts';
import { checkName } from './refusals-of-ours.ts';
import type { SharedClaim } from './shared-claims.ts';
import { SharedClaims } from './shared-claims.ts';
import { isShared } from './shared-pool-body.ts';
import { areOurs } from './stored-tags.ts';
import type { SharedNodeFacts, SharedPoolFacts, UpkeepFacts } from './shared-upkeep.ts';
import { isNothing, planUpkeep } from './shared-upkeep.ts';
import { carryOut, claimLabel } from './tend-pool.ts';

export interface SharedPoolsOptions {
  /** Where requests go that ask for a pool of their own. */
  dedicated: NodeProvisioner;
  pools: ArmPools;
  objects: ClusterObjects;
  nodes: () => Promise<NodeView[]>;
}

/** Label AKS puts on every node of an agent pool. */
const agentPoolLabel = 'agentpool';

/**
 * Agent pools that allocations of one size and the same terms share: grown by count, their nodes claimed by label, released machine by
 * machine. Creating, scaling and deleting write a claim and ask nothing of ARM; `tend` makes the pool what its claims want. A node serves
 * one claim in its life. Pools of their own are held as before. See {@link NodeProvisioner} for the contract.
 */
export class SharedPoolProvisioner implements NodeProvisioner {
  readonly #options: SharedPoolsOptions;
  readonly #claims: SharedClaims;

  constructor(options: SharedPoolsOptions) {
    this.#options = options;
    this.#claims = new SharedClaims(options.objects);
  }

  list(): Promise<PoolView[]> {
    return inPortTerms(async () => {
      const pools = await this.#options.dedicated.list();
      const nodes = pools.some(isShared) ? await this.#nodes() : [];
      // After the nodes: a label is only ever written for a claim that is there.
      const claims = await this.#claims.list();
      const names = new Set([
        ...pools.filter(isShared).map(({ name }) => name),
        ...claims.map(({ sharedPool }) => sharedPool),
      ]);
      const byName = new Map(pools.map((pool) => [pool.name, pool]));
      const views = [...names].map((name) => {
        const pool = byName.get(name);
        const sight = sightOf(name, { pool: pool && toFacts(pool), claims, nodes });
        const tend = !isNothing(planUpkeep(factsOf(sight)));
        return { name, views: claimViews(sight).map((view) => (tend ? { ...view, tend } : view)), tend };
      });
      const untended = new Set(views.flatMap(({ name, tend }) => (tend ? [name] : [])));
      return [
        ...pools.map((pool) => (untended.has(pool.name) ? { ...pool, tend: true as const } : pool)),
        ...views.flatMap((one) => one.views),
      ];
    });
  }

  create(request: PoolRequest, options?: { repeated?: boolean }): Promise<'started' | 'exists'> {
    if (request.sharing !== 'shared') return this.#options.dedicated.create(request, options);
    return inPortTerms(async () => {
      checkName(request.name);
      return this.#claims.write(request);
    });
  }

  /** Nodes of a shared pool cannot be stopped by themselves: `stopped` gives them back. */
  scale(name: string, count: number, power: PoolPower = 'running'): Promise<'started' | 'unchanged'> {
    return inPortTerms(async () => {
      const claim = await this.#claims.find(name);
      if (claim === undefined) return this.#options.dedicated.scale(name, count, power);
      return this.#claims.resize(claim, count, power);
    });
  }

  /** What is missing comes with the next tending; dead nodes are noted, and replaced by it. */
  repair(
    name: string,
    wanted: { count: number; machines: readonly string[] },
  ): Promise<'started' | 'unchanged'> {
    return inPortTerms(async () => {
      const claim = await this.#claims.find(name);
      if (claim === undefined) return this.#options.dedicated.repair(name, wanted);
      if (wanted.machines.length === 0) return 'unchanged';
      await this.#claims.discard(claim, wanted.machines);
      return 'started';
    });
  }

  delete(name: string): Promise<'started' | 'absent'> {
    return inPortTerms(async () => {
      const claim = await this.#findToRelease(name);
      if (claim === undefined) return this.#options.dedicated.delete(name);
      await this.#claims.release(claim);
      return 'started';
    });
  }

  tend(name: string, { stuck = false }: TendOptions = {}): Promise<'started' | 'unchanged'> {
    return inPortTerms(async () => {
      const pool = await this.#options.pools.find(name);
      const nodes = await this.#nodes();
      // After the nodes, as above.
      const claims = await this.#claims.list();
      const sight = sightOf(name, { pool: pool && toFacts(toPoolView(pool)), claims, nodes });
      return carryOut(
        { pools: this.#options.pools, objects: this.#options.objects, claims: this.#claims },
        {
          name,
          pool,
          stuck,
          claims: new Map(sight.claims.map((claim) => [claim.name, claim])),
          facts: factsOf(sight),
        },
      );
    });
  }

  powerState(): Promise<PowerState> {
    return this.#options.dedicated.powerState();
  }

  /** With a cluster that is gone its claims are; one that is only out of reach still has them. */
  async #findToRelease(name: string): Promise<SharedClaim | undefined> {
    try {
      return await this.#claims.find(name);
    } catch (error) {
      const silent = error instanceof SlipwayError && error.code === 'ClusterUnreachable';
      if (silent && (await this.powerState()) === 'gone') return undefined;
      throw error;
    }
  }

  async #nodes(): Promise<PooledNode[]> {
    return (await this.#options.nodes()).map(({ name, labels, ready, deleting }) => ({
      name,
      ready,
      deleting,
      pool: labels[agentPoolLabel] ?? '',
      claim: labels[claimLabel],
    }));
  }
}

type PooledNode = Omit<SharedNodeFacts, 'discarded'> & { pool: string };

/** What concerns one shared pool. Claims that are not ours take no part. */
function sightOf(
  name: string,
  all: { pool: SharedPoolFacts | undefined; claims: readonly SharedClaim[]; nodes: readonly PooledNode[] },
): SharedPoolSight {
  const claims = all.claims.filter((claim) => claim.sharedPool === name && areOurs(claim.tags));
  const dead = new Set(claims.flatMap(({ discarded }) => discarded));
  const nodes = all.nodes
    .filter(({ pool }) => pool === name)
    .map((node) => ({ ...node, discarded: dead.has(node.name) }));
  return { pool: all.pool, claims, nodes };
}

function factsOf({ pool, claims, nodes }: SharedPoolSight): UpkeepFacts {
  return { pool, claims: claims.map(toClaimFacts), nodes };
}

function toFacts({ state, count, power, provisioningState, failure }: PoolView): SharedPoolFacts {
  return {
    state,
    count,
    stopped: power === 'stopped',
    shrinking: /delet/i.test(provisioningState),
    ...(failure === undefined ? {} : { failure }),
  };
}
