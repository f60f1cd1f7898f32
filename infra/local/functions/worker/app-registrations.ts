import type {
  FunctionHandler,
  FunctionMetadata,
  HookCallback,
  HookName,
  WorkerLog,
  WorkerLogCategory,
  WorkerLogLevel,
} from './protocol.ts';

export interface AppFunction {
  id: string;
  metadata: FunctionMetadata;
  handler: FunctionHandler;
}

/** An error of the worker itself; the mark is what `@azure/functions` looks for to tell it from the app's own. */
export class FunctionsSystemError extends Error {
  readonly isAzureFunctionsSystemError = true;
}

/** An unknown hook name. `@azure/functions` reads a marked error named `RangeError` as "this host is too old". */
export class UnknownHookError extends RangeError {
  readonly isAzureFunctionsSystemError = true;
}

/** What one app registered while its entry points ran: its functions and its hooks. */
export class AppRegistrations {
  readonly functions = new Map<string, AppFunction>();
  /** Shared by all hooks of the app for as long as the process lives. */
  readonly appHookData: Record<string, unknown> = {};
  /** `hookData` of `appStart` and `appTerminate` hooks: one object, apart from that of invocations. */
  readonly appLevelHookData: Record<string, unknown> = {};
  readonly #hooks = new Map<HookName, Set<HookCallback>>();
  #locked = false;
  /** Receives what app and packages log outside invocations; the running host replaces it. */
  log: WorkerLog = () => undefined;

  /** Ends start-up: from now on `registerFunction` throws. */
  lock(): void {
    this.#locked = true;
  }

  /** Returns what takes the registration back. */
  addFunction(metadata: FunctionMetadata, handler: FunctionHandler): () => void {
    if (this.#locked) throw new FunctionsSystemError('A function can only be registered during app startup.');
    const id = metadata.functionId ?? metadata.name;
    if (this.functions.has(id)) {
      throw new FunctionsSystemError(`A function with id "${id}" has already been registered.`);
    }
    this.functions.set(id, { id, metadata: { ...metadata, functionId: id }, handler });
    return () => {
      if (this.#locked) throw new FunctionsSystemError('A function can only be disposed during app startup.');
      this.functions.delete(id);
    };
  }

  addHook(name: HookName, callback: HookCallback): () => void {
    const callbacks = this.#hooks.get(name) ?? new Set();
    callbacks.add(callback);
    this.#hooks.set(name, callbacks);
    return () => void callbacks.delete(callback);
  }

  /** Runs the hooks in the order of their registration; each may change `context` for the next. */
  async runHooks(name: HookName, context: Record<string, unknown>): Promise<void> {
    for (const callback of [...(this.#hooks.get(name) ?? [])]) await callback(context);
  }

  /** Passes a line through the app's `log` hooks, which may reword it or change its level, and on to `sink`. */
  writeThroughLogHooks(sink: WorkerLog, line: LogLine): void {
    const context = { hookData: {}, appHookData: this.appHookData, ...line };
    for (const callback of this.#hooks.get('log') ?? []) callback(context);
    sink(context.level, context.category, context.message);
  }
}

export interface LogLine {
  level: WorkerLogLevel;
  category: WorkerLogCategory;
  message: string;
  invocationContext?: unknown;
}
