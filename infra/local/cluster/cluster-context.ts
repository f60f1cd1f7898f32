import type { Clock } from '../clock/clock.ts';
import type { ObjectStore } from '../kubernetes/contract.ts';
import type { ClusterFaults } from './faults.ts';
import type { MachineSource } from './nodes/machine.ts';
import type { ObjectCache } from './runtime/object-cache.ts';
import type { Timings } from './timings.ts';

/** What every controller of one simulated cluster works with. */
export interface ClusterContext {
  name: string;
  clock: Clock;
  store: ObjectStore;
  cache: ObjectCache;
  timings: Timings;
  faults: ClusterFaults;
  machines: MachineSource;
}
