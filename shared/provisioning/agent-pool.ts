import type { AgentPool, ContainerServiceClient } from '@azure/arm-containerservice';
import type { ManagedClusterId } from '../azure/resource-id.ts';
import { ArmPools } from './arm-pools.ts';
import type { NodeProvisioner, PoolPower, PoolRequest, PoolView, PowerState } from './node-provisioner.ts';
import { PoolTag, ProvisioningError } from './node-provisioner.ts';
import { toAgentPool, withSize } from './pool-body.ts';
import { isOurs, toPoolView } from './pool-view.ts';
import { nameTaken, notOurs, poolGone } from './refusals-of-ours.ts';

/** Nodes as AKS agent pools, one cluster. See {@link NodeProvisioner} for the contract. */
export class AgentPoolProvisioner implements NodeProvisioner {
  readonly #pools: ArmPools;

  constructor(client: ContainerServiceClient, cluster: ManagedClusterId) {
    this.#pools = new ArmPools(client, cluster);
  }

  async list(): Promise<PoolView[]> {
    return (await this.#pools.list()).map(toPoolView);
  }

  async create(request: PoolRequest, { repeated = false } = {}): Promise<'started' | 'exists'> {
    const { name } = request;
    if (repeated) {
      const pool = await this.#pools.find(name);
      if (pool !== undefined) return adopted(request, pool);
    }
    try {
      await this.#pools.put(name, toAgentPool(request), { ifNoneMatch: '*' });
      return 'started';
    } catch (error) {
      if (!(error instanceof ProvisioningError)) throw error;
      // Azure answers 409 instead of 412 while the pool's own creation runs, naming the pool.
      const mayBeOurs =
        error.code === 'PoolChanged' ||
        (error.code === 'OperationInProgress' && error.message.includes(name));
      if (!mayBeOurs) throw error;
      const pool = await this.#pools.find(name);
      if (pool === undefined) throw error;
      return adopted(request, pool);
    }
  }

  async scale(name: string, count: number, power: PoolPower = 'running'): Promise<'started' | 'unchanged'> {
    const pool = await this.#pools.find(name);
    if (pool === undefined) throw poolGone(kind, name);
    if (!isOurs(pool)) throw notOurs(kind, name);
    if (hasSize(pool, count, power)) return 'unchanged';
    const guard = pool.eTag === undefined ? {} : { ifMatch: pool.eTag };
    await this.#pools.put(name, withSize(pool, count, power), guard);
    return 'started';
  }

  async repair(
    name: string,
    { count, machines }: { count: number; machines: readonly string[] },
  ): Promise<'started' | 'unchanged'> {
    const pool = await this.#pools.find(name);
    if (pool === undefined) throw poolGone(kind, name);
    if (!isOurs(pool)) throw notOurs(kind, name);
    if (machines.length > 0) {
      await this.#pools.deleteMachines(name, [...machines]);
      return 'started';
    }
    // The same count again: AKS compares it with what the scale set has.
    const guard = pool.eTag === undefined ? {} : { ifMatch: pool.eTag };
    await this.#pools.put(name, withSize(pool, count, 'running'), guard);
    return 'started';
  }

  async delete(name: string): Promise<'started' | 'absent'> {
    const pool = await this.#pools.find(name);
    if (pool === undefined) return 'absent';
    if (!isOurs(pool)) throw notOurs(kind, name);
    if (pool.provisioningState?.toLowerCase() === 'deleting') return 'started';
    return (await this.#pools.delete(name)) ? 'started' : 'absent';
  }

  powerState(): Promise<PowerState> {
    return this.#pools.powerState();
  }
}

const kind = 'Agent pool';

/** Ours is the pool that carries the workspace's uid: its name and eTag are kept, nothing is asked for again. */
function adopted({ name, tags }: PoolRequest, pool: AgentPool): 'exists' {
  const uid = tags[PoolTag.uid];
  if (uid !== undefined && isOurs(pool) && pool.tags?.[PoolTag.uid] === uid) return 'exists';
  throw nameTaken(kind, name);
}

function hasSize(pool: AgentPool, count: number, power: PoolPower): boolean {
  const stopped = pool.powerState?.code === 'Stopped';
  return power === 'stopped' ? stopped : !stopped && pool.count === count;
}
