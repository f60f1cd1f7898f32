import type { Clock } from '../clock/clock.ts';
import type { ObjectStore } from '../kubernetes/contract.ts';
import type { Exchange } from '../kubernetes/http/exchange.ts';
import type { ClusterContext } from './cluster-context.ts';
import type { ClusterFaults } from './faults.ts';
import { ClaimMachines, together } from './karpenter/claim-machines.ts';
import type { KarpenterCloud } from './karpenter/cloud.ts';
import { installKarpenterKinds, karpenterKinds } from './karpenter/kinds.ts';
import { nodeClaimController } from './karpenter/node-claim-controller.ts';
import { nodePoolController } from './karpenter/node-pool-controller.ts';
import type { MachineSource } from './nodes/machine.ts';
import { nodeController } from './nodes/node-controller.ts';
import { podEvictionController } from './nodes/pod-eviction.ts';
import { keyText } from './objects/keys.ts';
import { resources } from './objects/resource-types.ts';
import { kubelet } from './pods/kubelet.ts';
import { scheduler } from './pods/scheduler.ts';
import { handleClusterRoute } from './routes/cluster-routes.ts';
import { ControlLoops } from './runtime/control-loops.ts';
import { ObjectCache } from './runtime/object-cache.ts';
import { quietStore } from './runtime/quiet-store.ts';
import { claimBinder } from './services/claim-binder.ts';
import { endpointsController } from './services/endpoints.ts';
import type { Timings } from './timings.ts';
import { daemonSetController } from './workloads/daemon-set.ts';
import { deploymentController } from './workloads/deployment.ts';
import { jobController } from './workloads/job.ts';
import { replicaSetController } from './workloads/replica-set.ts';
import { statefulSetController } from './workloads/stateful-set.ts';

export interface ClusterBehaviourOptions {
  name: string;
  clock: Clock;
  store: ObjectStore;
  timings: Timings;
  faults: ClusterFaults;
  machines: MachineSource;
  /** Set where Karpenter runs. `staticCapacity`: it knows NodePools with `replicas`. */
  karpenter?: { cloud: KarpenterCloud; staticCapacity: boolean };
}

/** Everything that moves in a simulated cluster: nodes, controllers, scheduler, kubelets. */
export interface ClusterBehaviour {
  /** Looks again at the machines that the cloud changed. */
  machinesChanged(): void;
  /** A stopped cluster stands still. */
  setPaused(paused: boolean): void;
  /** Service and pod proxy, and logs; false for other paths. */
  handleRoute(exchange: Exchange): Promise<boolean>;
  /** True when nothing can happen before the clock moves. */
  idle(): boolean;
  stop(): void;
}

/** Starts the controllers on what the store holds; they resume whatever was going on. */
export function startClusterBehaviour(options: ClusterBehaviourOptions): ClusterBehaviour {
  const { karpenter } = options;
  if (karpenter !== undefined) installKarpenterKinds(options.store, karpenter.staticCapacity);
  const store = quietStore(options.store);
  const claimMachines = karpenter && new ClaimMachines({ ...options, store, cloud: karpenter.cloud });
  const machines = together([options.machines, ...(claimMachines === undefined ? [] : [claimMachines])]);
  const context: ClusterContext = { ...options, store, machines, cache: new ObjectCache(options.store) };
  const { clock, cache, faults } = context;
  const controllers = [
    nodeController(context),
    podEvictionController(context),
    deploymentController(context),
    replicaSetController(context),
    statefulSetController(context),
    daemonSetController(context),
    jobController(context),
    claimBinder(context),
    scheduler(context),
    kubelet(context),
    endpointsController(context),
    ...(karpenter === undefined
      ? []
      : [nodePoolController(context), nodeClaimController(context, karpenter.cloud)]),
  ];
  const loops = new ControlLoops({ clock, store, cache, controllers });
  const known = new Map<string, string>();
  const machinesChanged = (): void => {
    for (const name of new Set([...known.keys(), ...machines.names()])) {
      const machine = JSON.stringify(machines.get(name) ?? null);
      if (known.get(name) === machine) continue;
      known.set(name, machine);
      loops.nudge('node', name);
    }
  };
  faults.onChange(() => {
    for (const name of machines.names()) loops.nudge('node', name);
    for (const { metadata } of cache.list(resources.pods)) loops.nudge('kubelet', keyText(metadata));
  });
  machinesChanged();
  if (karpenter !== undefined) {
    for (const { metadata } of store.list(karpenterKinds.nodePools))
      loops.nudge('karpenter-node-pool', metadata.name);
    for (const { metadata } of store.list(karpenterKinds.nodeClaims))
      loops.nudge('karpenter-node-claim', metadata.name);
  }
  return {
    machinesChanged,
    setPaused: (paused) => loops.setPaused(paused),
    handleRoute: (exchange) => handleClusterRoute(context, exchange),
    idle: () => loops.idle(),
    stop: () => loops.stop(),
  };
}
