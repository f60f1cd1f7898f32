import type { AgentPool, ContainerServiceClient } from '@azure/arm-containerservice';
import { withTimeout } from '../azure/container-service.ts';
import { toProvisioningError } from '../azure/from-thrown.ts';
import type { ManagedClusterId } from '../azure/resource-id.ts';
import type { NodeProvisioner, PoolPower, PoolRequest, PoolView, PowerState } from './node-provisioner.ts';
import { PoolTag, ProvisioningError } from './node-provisioner.ts';
import { toAgentPool, withSize } from './pool-body.ts';
import { isOurs, toPoolView } from './pool-view.ts';

/** Nodes as AKS agent pools, one cluster. See {@link NodeProvisioner} for the contract. */
export class AgentPoolProvisioner implements NodeProvisioner {
  readonly #client: ContainerServiceClient;
  readonly #cluster: ManagedClusterId;

  constructor(client: ContainerServiceClient, cluster: ManagedClusterId) {
    this.#client = client;
    this.#cluster = cluster;
  }

  list(): Promise<PoolView[]> {
    return classified(async () => {
      const pools: PoolView[] = [];
      for await (const pool of this.#client.agentPools.list(...this.#target, withTimeout())) {
        pools.push(toPoolView(pool));
      }
      return pools;
    });
  }

  create(request: PoolRequest, { repeated = false } = {}): Promise<'started' | 'exists'> {
    return classified(async () => {
      if (repeated) {
        const pool = await this.#find(request.name);
        if (pool !== undefined) return adopted(request, pool);
      }
      try {
        await this.#put(request.name, toAgentPool(request), { ifNoneMatch: '*' });
        return 'started';
      } catch (thrown) {
        const error = toProvisioningError(thrown);
        // Azure answers 409 instead of 412 while the pool's own creation runs, naming the pool.
        const mayBeOurs =
          error.code === 'PoolChanged' ||
          (error.code === 'OperationInProgress' && error.message.includes(request.name));
        if (!mayBeOurs) throw error;
        return await this.#adopt(request, error);
      }
    });
  }

  scale(name: string, count: number, power: PoolPower = 'running'): Promise<'started' | 'unchanged'> {
    return classified(async () => {
      const pool = await this.#find(name);
      if (pool === undefined) throw poolGone(name);
      if (!isOurs(pool)) throw notOurs(name);
      if (hasSize(pool, count, power)) return 'unchanged';
      await this.#put(
        name,
        withSize(pool, count, power),
        pool.eTag === undefined ? {} : { ifMatch: pool.eTag },
      );
      return 'started';
    });
  }

  delete(name: string): Promise<'started' | 'absent'> {
    return classified(async () => {
      const pool = await this.#find(name);
      if (pool === undefined) return 'absent';
      if (!isOurs(pool)) throw notOurs(name);
      if (pool.provisioningState?.toLowerCase() === 'deleting') return 'started';
      try {
        // Guarded by name and tags, not by eTag: a delete must also win against a pool that still changes.
        await this.#client.agentPools.delete(...this.#target, name, withTimeout()).submitted();
        return 'started';
      } catch (thrown) {
        if (isNotFound(thrown)) return 'absent';
        throw thrown;
      }
    });
  }

  powerState(): Promise<PowerState> {
    return classified(async () => {
      try {
        const cluster = await this.#client.managedClusters.get(...this.#target, withTimeout());
        return cluster.powerState?.code === 'Stopped' ? 'stopped' : 'running';
      } catch (thrown) {
        if (isNotFound(thrown)) return 'gone';
        throw thrown;
      }
    });
  }

  get #target(): [string, string] {
    return [this.#cluster.resourceGroup, this.#cluster.clusterName];
  }

  /** Sends the PUT and returns when ARM has accepted it; nobody waits for the operation. */
  async #put(
    name: string,
    pool: AgentPool,
    guard: { ifMatch?: string; ifNoneMatch?: string },
  ): Promise<void> {
    const options = { ...guard, ...withTimeout() };
    await this.#client.agentPools.createOrUpdate(...this.#target, name, pool, options).submitted();
  }

  async #find(name: string): Promise<AgentPool | undefined> {
    try {
      return await this.#client.agentPools.get(...this.#target, name, withTimeout());
    } catch (thrown) {
      if (isNotFound(thrown)) return undefined;
      throw thrown;
    }
  }

  async #adopt(request: PoolRequest, refusal: ProvisioningError): Promise<'exists'> {
    const pool = await this.#find(request.name);
    if (pool === undefined) throw refusal;
    return adopted(request, pool);
  }
}

/** Ours is the pool that carries the workspace's uid: its name and eTag are kept, nothing is asked for again. */
function adopted({ name, tags }: PoolRequest, pool: AgentPool): 'exists' {
  const uid = tags[PoolTag.uid];
  if (uid !== undefined && isOurs(pool) && pool.tags?.[PoolTag.uid] === uid) return 'exists';
  throw nameTaken(name);
}

async function classified<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw toProvisioningError(thrown);
  }
}

/** The thing itself or what held it is gone; a wrong subscription is neither. */
function isNotFound(thrown: unknown): boolean {
  return ['NotFound', 'ClusterNotFound'].includes(toProvisioningError(thrown).code);
}

function hasSize(pool: AgentPool, count: number, power: PoolPower): boolean {
  const stopped = pool.powerState?.code === 'Stopped';
  return power === 'stopped' ? stopped : !stopped && pool.count === count;
}

function nameTaken(name: string): ProvisioningError {
  return new ProvisioningError({
    class: 'bug',
    code: 'PoolNameTaken',
    message: `Agent pool ${name} exists and belongs to something else.`,
    remedy: 'Rename or remove that pool, or set another instance type so that a new name is chosen.',
  });
}

function poolGone(name: string): ProvisioningError {
  return new ProvisioningError({
    class: 'retry',
    code: 'NotFound',
    message: `Agent pool ${name} is not there.`,
  });
}

function notOurs(name: string): ProvisioningError {
  return new ProvisioningError({
    class: 'bug',
    code: 'NotOurs',
    message: `Agent pool ${name} lacks Slipway's tags; it is left alone.`,
  });
}
