import type { Clock } from '../clock/clock.ts';
import type { DurableEngine, DurableEngineOptions, InvocationResult } from './contract.ts';
import type { DurableRemote } from './durable/remote.ts';
import type { EnableAuth } from './http/access.ts';
import type { HostFunction } from './invoker.ts';
import type { CoreResolution } from './worker/core-resolution.ts';

export interface FunctionsHostOptions {
  /** Root of the built app: where its `package.json` and `host.json` are. */
  appDirectory: string;
  /** HTTP port on 127.0.0.1; 0 takes a free one. */
  port: number;
  clock: Clock;
  /** Timer status and the task hub are kept here. */
  dataDirectory: string;
  /** Makes the engine that owns the Durable store; not called with `durableRemote`. */
  durable: (options: DurableEngineOptions) => DurableEngine | Promise<DurableEngine>;
  /** The Durable store belongs to another host: clients call it, and no orchestration, activity or entity runs here. */
  durableRemote?: DurableRemote | undefined;
  /** Port of the loopback RPC listener; 0, the default, takes a free one. The real host prefers 17071. */
  rpcPort?: number | undefined;
  /** App settings that win over the environment and `local.settings.json`. */
  settings?: Record<string, string> | undefined;
  /** Serve only these functions, as `func start --functions`. */
  functions?: readonly string[] | undefined;
  /** Trigger types whose listeners stay off, such as `timerTrigger`; the functions can still be run by hand. */
  disabledTriggers?: readonly string[] | undefined;
  /** Receives the log, line by line. */
  log?: ((line: string) => void) | undefined;
  /** Also logs what the host itself does. */
  verbose?: boolean | undefined;
  enableAuth?: EnableAuth | undefined;
  /** How `@azure/functions-core` is supplied; counts for the first app of the process. */
  coreResolution?: CoreResolution | undefined;
}

/** A running Functions host. */
export interface FunctionsHost {
  port: number;
  /** Such as `http://127.0.0.1:7071`. */
  url: string;
  /** Where Durable clients of this host send their calls. */
  rpcUrl: string;
  functions(): readonly HostFunction[];
  /**
   * No invocation is in flight and the engine is idle: time may move. `openStreams` tells of answers that the caller itself holds open,
   * whose invocations do not count.
   */
  idle(openStreams?: number): boolean;
  /** Runs a function that has no HTTP trigger, as `POST /admin/functions/NAME`, and waits for its end. */
  runFunction(name: string, input?: string): Promise<InvocationResult>;
  /**
   * Takes no new work, waits up to `graceMilliseconds` (real time, 10 s unless told) for what runs, then closes.
   * Idempotent.
   */
  stop(graceMilliseconds?: number): Promise<void>;
}
