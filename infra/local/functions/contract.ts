/**
 * What the Functions host offers to the Durable engine, and the engine to the host. The host owns loading, bindings and
 * HTTP; the engine owns orchestration state. Neither knows more of the other than this file says.
 */
import type { Clock } from '../clock/clock.ts';

/** One-of value as the Functions worker protocol carries it. */
export type TypedData =
  | { string: string }
  | { json: string }
  | { bytes: Uint8Array }
  | { int: number }
  | { double: number }
  | { collectionString: { string: string[] } }
  | { http: Record<string, unknown> };

/** A function the app registered, seen by its trigger. */
export interface RegisteredFunction {
  name: string;
  /** The one binding whose type ends in `Trigger`, with its options. */
  trigger: { name: string; type: string; options: Record<string, unknown> };
  bindings: Record<string, Record<string, unknown>>;
}

export interface InvocationRequest {
  /** Value of the trigger binding. */
  trigger: TypedData;
  /** Metadata as the real host sends it (PascalCase keys). */
  triggerMetadata?: Record<string, TypedData>;
  /** Shown in the log line `Executing 'Functions.X' (Reason='...')`. */
  reason: string;
}

/** Outcome of one invocation: what the handler returned, or how it failed. Never a rejected promise. */
export type InvocationResult =
  | {
      outcome: 'succeeded';
      invocationId: string;
      returnValue: TypedData | null | undefined;
      /** The worker's invocation context, for engine diagnostics (the SDK hangs `df` on it). */
      context: unknown;
    }
  | { outcome: 'failed'; invocationId: string; error: unknown; context: unknown };

/** The host, as the Durable engine sees it. */
export interface FunctionInvoker {
  functions(): readonly RegisteredFunction[];
  invoke(functionName: string, request: InvocationRequest): Promise<InvocationResult>;
}

export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error';

export interface DurableEngineOptions {
  /** SQLite file of the task hub; `:memory:` keeps nothing. */
  file: string;
  hubName: string;
  clock: Clock;
  invoker: FunctionInvoker;
  /** host.json `extensions.durableTask.maxConcurrentActivityFunctions`. */
  maxConcurrentActivities: number;
  /** host.json `extensions.durableTask.maxConcurrentOrchestratorFunctions`. */
  maxConcurrentOrchestrations: number;
  log(level: LogLevel, message: string): void;
}

/** A plain HTTP exchange with the Durable API; `path` is what follows `.../durabletask/`, still URL-encoded. */
export interface DurableHttpRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: Uint8Array;
  /** Origin the caller used, for the links in answers, such as `http://localhost:7071`. */
  origin: string;
}

export interface DurableHttpResponse {
  status: number;
  headers: Record<string, string>;
  /** JSON text, or empty. */
  body: string;
}

/** The Durable engine, as the Functions host sees it. */
export interface DurableEngine {
  /** Resumes whatever the task hub holds; call once the app's functions are registered. */
  start(): void;
  /** Takes no new work, lets running activities and episodes end (at most `graceMilliseconds`), closes the file. */
  stop(graceMilliseconds?: number): Promise<void>;
  /** Serves `/runtime/webhooks/durabletask/*` and the loopback RPC endpoint, which share their paths. */
  handle(request: DurableHttpRequest): Promise<DurableHttpResponse>;
  /** Nothing runs and nothing is due before the clock moves. Tests step the clock only then. */
  idle(): boolean;
}
