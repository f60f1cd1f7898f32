import { randomUUID } from 'node:crypto';
import type {
  FunctionInvoker,
  InvocationRequest,
  InvocationResult,
  LogLevel,
  RegisteredFunction,
  TypedData,
} from './contract.ts';
import type { InFlight } from './in-flight.ts';
import type { HostLog } from './log.ts';
import type { AppFunction } from './worker/app-registrations.ts';
import { runInvocation } from './worker/invocation.ts';
import type { WorkerOutcome } from './worker/invocation.ts';
import type { LoadedApp } from './worker/load-app.ts';
import type { RpcInvocationResponse, WorkerLogLevel, WorkerTypedData } from './worker/protocol.ts';

/** One function this host serves. */
export interface HostFunction extends RegisteredFunction {
  app: AppFunction;
}

/** What a trigger of the host itself hands over; more than an engine may. */
export interface HostInvocationRequest extends Omit<InvocationRequest, 'trigger'> {
  trigger: WorkerTypedData;
  invocationId?: string;
  traceParent?: string | undefined;
  argumentsLost?: Promise<never>;
  /** Shown after the `Executing` line, as the real host does for queues. */
  details?: string;
}

/** An outcome, and for a success whether the handler returned anything (streamed answers leave no return value). */
export type HostInvocationResult = InvocationResult & { returned: boolean };

/** The value of an extra input binding, or undefined when the host has none of that type. */
export type ExtraInput = (bindingType: string) => TypedData | undefined;

/** Delivers one output of a successful invocation; a rejection fails the invocation, as in the real host. */
export type DeliverOutput = (binding: Record<string, unknown>, value: TypedData) => Promise<void>;

export interface InvokerOptions {
  app: LoadedApp;
  functions: readonly HostFunction[];
  extraInput: ExtraInput;
  deliverOutput: DeliverOutput;
  inFlight: InFlight;
  log: HostLog;
  /** host.json `functionTimeout` in real milliseconds; none when undefined. */
  timeoutMilliseconds: number | undefined;
}

const hostLevels: Record<WorkerLogLevel, LogLevel> = {
  trace: 'trace',
  debug: 'debug',
  information: 'information',
  warning: 'warning',
  error: 'error',
  critical: 'error',
  none: 'trace',
};

/** Runs functions by name for triggers, admin calls and the Durable engine, with the log lines of `func`. */
export class HostInvoker implements FunctionInvoker {
  readonly #options: InvokerOptions;

  constructor(options: InvokerOptions) {
    this.#options = options;
  }

  functions(): readonly HostFunction[] {
    return this.#options.functions;
  }

  find(name: string): HostFunction | undefined {
    return this.#options.functions.find((fn) => fn.name.toLowerCase() === name.toLowerCase());
  }

  invoke(functionName: string, request: HostInvocationRequest): Promise<HostInvocationResult> {
    return this.#options.inFlight.during(() => this.#run(functionName, request));
  }

  async #run(functionName: string, request: HostInvocationRequest): Promise<HostInvocationResult> {
    const invocationId = request.invocationId ?? randomUUID();
    const fn = this.find(functionName);
    if (fn === undefined) {
      const error = new Error(`The function '${functionName}' is not served by this host.`);
      return { outcome: 'failed', invocationId, error, context: undefined, returned: false };
    }
    const { log } = this.#options;
    const category = `Function.${fn.name}`;
    log(
      'information',
      category,
      `Executing 'Functions.${fn.name}' (Reason='${request.reason}', Id=${invocationId})`,
    );
    if (request.details !== undefined) log('information', category, `Trigger Details: ${request.details}`);
    const begun = performance.now();
    const result = await this.#execute(fn, { ...request, invocationId });
    const end = `Id=${invocationId}, Duration=${Math.round(performance.now() - begun)}ms`;
    if (result.outcome === 'succeeded') {
      log('information', category, `Executed 'Functions.${fn.name}' (Succeeded, ${end})`);
    } else {
      log('error', category, `Executed 'Functions.${fn.name}' (Failed, ${end})\n${describe(result.error)}`);
    }
    return result;
  }

  async #execute(
    fn: HostFunction,
    request: HostInvocationRequest & { invocationId: string },
  ): Promise<HostInvocationResult> {
    const { invocationId } = request;
    const { app, log } = this.#options;
    let outcome: WorkerOutcome;
    try {
      outcome = await this.#withTimeout(
        fn,
        runInvocation(app, {
          invocationId,
          function: fn.app,
          inputData: [{ name: fn.trigger.name, data: request.trigger }, ...this.#extraInputs(fn)],
          triggerMetadata: request.triggerMetadata ?? {},
          traceParent: request.traceParent,
          argumentsLost: request.argumentsLost,
          log: (level, category, message) => {
            const name = category === 'user' ? `Function.${fn.name}.User` : 'Host.Worker';
            log(hostLevels[level], name, message);
          },
        }),
      );
      if (outcome.outcome === 'failed') return { ...outcome, invocationId, returned: false };
      await this.#deliverOutputs(fn, outcome.response);
    } catch (error) {
      return { outcome: 'failed', invocationId, error, context: undefined, returned: false };
    }
    const { context, returned, response } = outcome;
    return { outcome: 'succeeded', invocationId, returnValue: response.returnValue, context, returned };
  }

  #extraInputs(fn: HostFunction): { name: string; data: WorkerTypedData }[] {
    const inputs: { name: string; data: WorkerTypedData }[] = [];
    for (const [name, binding] of Object.entries(fn.bindings)) {
      if (binding['direction'] !== 'in' || name === fn.trigger.name) continue;
      const data = this.#options.extraInput(String(binding['type']));
      if (data === undefined)
        throw new Error(`Input binding type '${String(binding['type'])}' is not supported.`);
      inputs.push({ name, data });
    }
    return inputs;
  }

  async #deliverOutputs(fn: HostFunction, response: RpcInvocationResponse): Promise<void> {
    const outputs = [...(response.outputData ?? [])];
    const returned = fn.bindings['$return'];
    if (response.returnValue && returned !== undefined)
      outputs.push({ name: '$return', data: response.returnValue });
    for (const { name, data } of outputs) {
      const binding = fn.bindings[name];
      if (binding === undefined || String(binding['type']).toLowerCase() === 'http') continue;
      await this.#options.deliverOutput(binding, data);
    }
  }

  /** A handler cannot be interrupted: the real host kills the worker, this one gives the invocation up. */
  async #withTimeout(fn: HostFunction, running: Promise<WorkerOutcome>): Promise<WorkerOutcome> {
    const { timeoutMilliseconds } = this.#options;
    if (timeoutMilliseconds === undefined) return running;
    const { promise: expired, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      reject(
        new Error(
          `Timeout value of ${timeoutMilliseconds} ms was exceeded by function: Functions.${fn.name}`,
        ),
      );
    }, timeoutMilliseconds);
    try {
      return await Promise.race([running, expired]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
