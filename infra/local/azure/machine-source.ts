import type { Machine, MachineSource } from '../cluster/nodes/machine.ts';
import { poolKey } from './azure-state.ts';
import { propertiesOf, vmSizeOf } from './pool-properties.ts';
import type { PoolRecord, MachineRecord } from './records.ts';
import { machineResourceId, nodeResourceGroup } from './resource-ids.ts';
import type { AzureContext } from './settings.ts';
import { platformVersions } from './settings.ts';
import { machineAddress } from './views.ts';

/** The machines of one cluster's pools, as its nodes see them. */
export class PoolMachines implements MachineSource {
  readonly #context: AzureContext;
  readonly #cluster: string;
  #index: Map<string, { machine: Machine; pool: string }> | undefined;

  constructor(context: AzureContext, cluster: string) {
    this.#context = context;
    this.#cluster = cluster;
  }

  /** Forgets what it read; to be called whenever pools change. */
  refresh(): void {
    this.#index = undefined;
  }

  get(name: string): Machine | undefined {
    return this.#machines().get(name)?.machine;
  }

  names(): string[] {
    return [...this.#machines().keys()];
  }

  markJoined(name: string): void {
    this.#edit(name, (machines) =>
      machines.map((machine) => (machine.name === name ? { ...machine, joined: true } : machine)),
    );
  }

  markLost(name: string): void {
    this.#edit(name, (machines) => machines.filter((machine) => machine.name !== name));
    this.#context.changed();
  }

  #edit(name: string, edit: (machines: MachineRecord[]) => MachineRecord[]): void {
    const found = this.#machines().get(name);
    const pool = found && this.#context.state.pools.get(found.pool);
    // What a machine does is no write to the pool: its eTag stays.
    if (pool) this.#context.state.pools.set(found.pool, { ...pool, machines: edit(pool.machines) });
    this.refresh();
  }

  #machines(): Map<string, { machine: Machine; pool: string }> {
    this.#index ??= new Map(
      this.#context.state.pools
        .values()
        .filter(({ cluster }) => cluster === this.#cluster)
        .flatMap((pool) =>
          pool.machines
            .filter(({ deallocated }) => deallocated !== true)
            .map((record) => [
              record.name,
              { machine: machineOf(this.#context, pool, record), pool: poolKey(pool.cluster, pool.name) },
            ]),
        ),
    );
    return this.#index;
  }
}

function machineOf(context: AzureContext, pool: PoolRecord, record: MachineRecord): Machine {
  const properties = propertiesOf(pool);
  const size = vmSizeOf(pool);
  const region = context.state.clusters.get(pool.cluster)?.location ?? '';
  const hasDriver = properties.gpuProfile?.driver !== 'None';
  return {
    name: record.name,
    pool: pool.name,
    mode: properties.mode ?? 'User',
    spot: properties.scaleSetPriority === 'Spot',
    vmSize: size.name,
    region,
    zone: record.zone,
    providerId: `azure://${machineResourceId(context, { ...pool, location: region }, record.instance)}`,
    address: machineAddress(pool, record),
    nodeResourceGroup: nodeResourceGroup(context, pool.cluster, region),
    nodeImage: size.gpus > 0 ? platformVersions.gpuNodeImage : platformVersions.nodeImage,
    kubernetesVersion: platformVersions.kubernetes,
    labels: properties.nodeLabels ?? {},
    taints: properties.nodeTaints ?? [],
    maxPods: properties.maxPods ?? 110,
    vCPUs: size.vCPUs,
    memoryGiB: size.memoryGiB,
    osDiskGiB: properties.osDiskSizeGB ?? 128,
    gpus: hasDriver ? size.gpus : 0,
    gpuProduct: size.gpu,
    gpuMiB: size.gpuMiB ?? 0,
    joinAt: record.joinAt,
    readyAt: record.readyAt,
    joined: record.joined,
    leavingSince: record.leavingSince,
  };
}
