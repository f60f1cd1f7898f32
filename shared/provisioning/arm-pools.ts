import type { AgentPool, ContainerServiceClient } from '@azure/arm-containerservice';
import { withTimeout } from '../azure/container-service.ts';
import { toProvisioningError } from '../azure/from-thrown.ts';
import type { ManagedClusterId } from '../azure/resource-id.ts';
import type { PowerState } from './node-provisioner.ts';

/** Conditions of a write: on what was read, or on nothing being there. */
export interface WriteGuard {
  ifMatch?: string;
  ifNoneMatch?: string;
}

/**
 * The agent pools of one cluster, by ARM. Writes return when ARM has accepted them; nobody waits for an operation. Throws only
 * `ProvisioningError`.
 */
export class ArmPools {
  readonly #client: ContainerServiceClient;
  readonly #cluster: ManagedClusterId;

  constructor(client: ContainerServiceClient, cluster: ManagedClusterId) {
    this.#client = client;
    this.#cluster = cluster;
  }

  list(): Promise<AgentPool[]> {
    return classified(async () => {
      const pools: AgentPool[] = [];
      for await (const pool of this.#client.agentPools.list(...this.#target, withTimeout())) pools.push(pool);
      return pools;
    });
  }

  find(name: string): Promise<AgentPool | undefined> {
    return unlessAbsent(() => this.#client.agentPools.get(...this.#target, name, withTimeout()));
  }

  put(name: string, pool: AgentPool, guard: WriteGuard): Promise<void> {
    return classified(async () => {
      const options = { ...guard, ...withTimeout() };
      await this.#client.agentPools.createOrUpdate(...this.#target, name, pool, options).submitted();
    });
  }

  /** False when it is not there. Guarded by nothing: a delete must also win against a pool that still changes. */
  async delete(name: string): Promise<boolean> {
    const deleted = await unlessAbsent(async () => {
      await this.#client.agentPools.delete(...this.#target, name, withTimeout()).submitted();
      return true;
    });
    return deleted ?? false;
  }

  /** Names of the pool's machines, which are those of their nodes; machines that have not joined the cluster are among them. */
  machines(name: string): Promise<string[]> {
    return classified(async () => {
      const names: string[] = [];
      for await (const machine of this.#client.machines.list(...this.#target, name, withTimeout())) {
        if (machine.name !== undefined) names.push(machine.name);
      }
      return names;
    });
  }

  /** Drains and removes these machines, and lowers the pool's count by as many. */
  deleteMachines(name: string, machineNames: string[]): Promise<void> {
    return classified(async () => {
      await this.#client.agentPools
        .deleteMachines(...this.#target, name, { machineNames }, withTimeout())
        .submitted();
    });
  }

  /** Ends the operation that runs on the pool: the pool is Canceled then, with the machines it has. */
  abort(name: string): Promise<void> {
    return classified(async () => {
      await this.#client.agentPools.abortLatestOperation(...this.#target, name, withTimeout()).submitted();
    });
  }

  async powerState(): Promise<PowerState> {
    const cluster = await unlessAbsent(() =>
      this.#client.managedClusters.get(...this.#target, withTimeout()),
    );
    if (cluster === undefined) return 'gone';
    return cluster.powerState?.code === 'Stopped' ? 'stopped' : 'running';
  }

  get #target(): [string, string] {
    return [this.#cluster.resourceGroup, this.#cluster.clusterName];
  }
}

async function classified<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw toProvisioningError(thrown);
  }
}

/** Undefined when the thing itself, or what held it, is gone; a wrong subscription is neither. */
async function unlessAbsent<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (thrown) {
    const error = toProvisioningError(thrown);
    if (error.code === 'NotFound' || error.code === 'ClusterNotFound') return undefined;
    throw error;
  }
}
