import type { Clock } from '../clock/clock.ts';
import type { Endpoints } from './endpoints.ts';
import type { Ports } from './ports.ts';
import type { ProcessName } from './process-name.ts';

export interface PlatformOptions {
  /** Everything that survives a restart: queues, simulated Azure, task hub, clock, ports, logs. */
  stateDirectory: string;
  /** The function app: the folder of its host.json and package.json. */
  appDirectory: string;
  /** Virtual seconds per real second. */
  speed: number;
  /** A taken one gives way to the next that is free. 0 or absent: the port of the last run, else one that the system chooses. */
  ports?: Partial<Ports>;
  /** Empties the state folder first. */
  fresh?: boolean;
  /** Faults for the Azure simulator, from its start. */
  faultsFile?: string;
  /** Durations of simulated things that differ from `infra/local/cluster/timings.yaml`. */
  timingsFile?: string;
  /** Which running pool operation blocks another one in a simulated cluster. */
  operationLock?: 'pool' | 'cluster';
  /** Where the cluster's nodes come from; Karpenter runs where it is asked for. Default: agent pools. */
  provisioner?: 'agentPool' | 'karpenter' | 'byo';
  /** Service Bus queues, in the shape of Microsoft's emulator. Default: `infra/local/servicebus/queues.json`. */
  queuesFile?: string;
  /** Added to, and winning over, the app settings that the platform gives to the function app. */
  settings?: Record<string, string>;
  /** Each line that a process prints. It is always in `logs/NAME.log` of the state folder too. */
  log?: (name: ProcessName, line: string) => void;
  /** Scripts to run instead of the platform's own. */
  programs?: Partial<Record<ProcessName, string>>;
}

/** The running platform. */
export interface Platform {
  readonly endpoints: Endpoints;
  /** The time its processes live in. */
  readonly clock: Clock;
  /** Ends one process (default: `SIGKILL`) and resolves when it is gone. It comes back by itself. */
  kill(name: ProcessName, signal?: NodeJS.Signals): Promise<void>;
  /** Resolves when the process is up: at once when it is, else after its restart. */
  restarted(name: ProcessName): Promise<void>;
  /** Ends all, and leaves the state folder as it is. Idempotent. */
  stop(): Promise<void>;
}
