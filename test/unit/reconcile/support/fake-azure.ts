import type { NodeView } from '../../../../shared/kubernetes/cluster.ts';
import { poolLabel } from '../../../../shared/lifecycle/observe-workspace.ts';
import { PoolTag } from '../../../../shared/lifecycle/pool-tag.ts';
import type {
  NodeProvisioner,
  PoolPower,
  PoolRequest,
  PoolView,
  PowerState,
  ProvisioningFailure,
} from '../../../../shared/provisioning/node-provisioner.ts';
import { ProvisioningError } from '../../../../shared/provisioning/node-provisioner.ts';

/** Agent pools in memory; nothing happens to them until {@link advance}. */
export class FakeAzure implements NodeProvisioner {
  readonly pools = new Map<string, PoolView>();
  /** Nodes that are not well, by pool: how, until healed. */
  readonly ailing = new Map<string, 'not-ready' | 'no-gpu'>();
  /** How Azure answers to creations and resizes. */
  mood: ProvisioningFailure | undefined;
  power: PowerState = 'running';
  /** Names of pools created, in order. */
  readonly created: string[] = [];
  /** Called when a pool's deletion is asked for. */
  onDelete: (pool: PoolView) => void = () => undefined;

  list(): Promise<PoolView[]> {
    return Promise.resolve([...this.pools.values()].map((pool) => ({ ...pool })));
  }

  create(request: PoolRequest): Promise<'started' | 'exists'> {
    const { name, instanceType, count, tags } = request;
    const there = this.pools.get(name);
    if (there !== undefined) {
      return there.tags[PoolTag.uid] === tags[PoolTag.uid]
        ? Promise.resolve('exists')
        : refuse({ class: 'bug', code: 'PoolNameTaken', message: 'not ours' });
    }
    if (this.mood !== undefined) return refuse(this.mood);
    this.created.push(name);
    this.pools.set(name, {
      name,
      instanceType,
      count,
      state: 'creating',
      provisioningState: 'Creating',
      tags: { ...tags },
    });
    return Promise.resolve('started');
  }

  scale(name: string, count: number, power: PoolPower = 'running'): Promise<'started' | 'unchanged'> {
    const pool = this.pools.get(name);
    if (pool === undefined) return refuse({ class: 'bug', code: 'NotFound', message: 'no such pool' });
    const { power: before, ...rest } = pool;
    const stops = power === 'stopped';
    if (stops === (before === 'stopped') && (stops || pool.count === count))
      return Promise.resolve('unchanged');
    if (this.mood !== undefined) return refuse(this.mood);
    const changed: Partial<PoolView> = stops ? { power } : { count };
    this.pools.set(name, { ...rest, ...changed, state: 'updating', provisioningState: 'Updating' });
    return Promise.resolve('started');
  }

  /** Names of pools and the machines of theirs that were to be made anew, in order. */
  readonly repaired: { name: string; machines: string[] }[] = [];

  repair(name: string, { machines }: { machines: readonly string[] }): Promise<'started' | 'unchanged'> {
    if (this.mood !== undefined) return refuse(this.mood);
    this.repaired.push({ name, machines: [...machines] });
    return Promise.resolve('started');
  }

  delete(name: string): Promise<'started' | 'absent'> {
    const pool = this.pools.get(name);
    if (pool === undefined) return Promise.resolve('absent');
    this.onDelete(pool);
    this.pools.set(name, { ...pool, state: 'deleting', provisioningState: 'Deleting' });
    return Promise.resolve('started');
  }

  powerState(): Promise<PowerState> {
    return Promise.resolve(this.power);
  }

  /** Every operation that is running comes to its end. */
  advance(): void {
    for (const pool of this.pools.values()) {
      if (pool.state === 'deleting') this.pools.delete(pool.name);
      else if (pool.state !== 'failed')
        this.pools.set(pool.name, { ...pool, state: 'succeeded', provisioningState: 'Succeeded' });
    }
  }

  /** Creations under way fail. */
  fail(failure: ProvisioningFailure): void {
    for (const pool of this.pools.values()) {
      if (pool.state === 'creating')
        this.pools.set(pool.name, { ...pool, state: 'failed', provisioningState: 'Failed', failure });
    }
  }

  nodes(): NodeView[] {
    return [...this.pools.values()]
      .filter(({ state }) => state === 'succeeded' || state === 'updating')
      .flatMap(({ name, count, power }) =>
        Array.from({ length: power === 'stopped' ? 0 : count }, (_, index): NodeView => {
          const ailment = this.ailing.get(name);
          return {
            name: `aks-${name}-vmss${String(index).padStart(6, '0')}`,
            labels: { [poolLabel]: name },
            ready: ailment !== 'not-ready',
            deleting: false,
            gpus: ailment === undefined ? 1 : 0,
            ...(ailment === 'not-ready' ? { reason: 'KubeletNotReady' } : {}),
          };
        }),
      )
      .reverse();
  }
}

function refuse(failure: ProvisioningFailure): Promise<never> {
  return Promise.reject(new ProvisioningError(failure));
}
