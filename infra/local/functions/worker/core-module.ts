import { AppRegistrations, UnknownHookError } from './app-registrations.ts';
import { hookNames } from './protocol.ts';
import type {
  FunctionHandler,
  FunctionMetadata,
  HookCallback,
  HookName,
  ProgrammingModel,
  WorkerLogCategory,
  WorkerLogLevel,
} from './protocol.ts';

/** A registration that can be taken back, as `@azure/functions-core` exposes it. */
export class Disposable {
  readonly #onDispose: () => unknown;

  constructor(onDispose: () => unknown) {
    this.#onDispose = onDispose;
  }

  /** One disposable for several. */
  static from(...parts: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const part of parts) part.dispose();
    });
  }

  dispose(): unknown {
    return this.#onDispose();
  }
}

function isHookName(name: string): name is HookName {
  return hookNames.some((known) => known === name);
}

/**
 * The module `@azure/functions-core` that `@azure/functions` finds in this process. The package caches it for ever, so
 * there is exactly one; the app being loaded is what its registrations go to.
 */
class CoreModule {
  readonly version = '3.14.0';
  readonly hostVersion = '4.1050.0';
  readonly Disposable = Disposable;
  #app = new AppRegistrations();
  #model: ProgrammingModel | undefined;

  /** Registrations from now on belong to `app`. */
  receiveFor(app: AppRegistrations): void {
    this.#app = app;
  }

  readonly registerFunction = (metadata: FunctionMetadata, handler: FunctionHandler): Disposable =>
    new Disposable(this.#app.addFunction(metadata, handler));

  readonly registerHook = (name: string, callback: HookCallback): Disposable => {
    if (!isHookName(name)) throw new UnknownHookError(`Unrecognized hook "${name}"`);
    return new Disposable(this.#app.addHook(name, callback));
  };

  readonly setProgrammingModel = (model: ProgrammingModel): void => {
    this.#model = model;
  };

  readonly getProgrammingModel = (): ProgrammingModel | undefined => this.#model;

  /** Its presence alone tells `@azure/functions` that this host can stream HTTP. */
  readonly log = (level: WorkerLogLevel, category: WorkerLogCategory, message: string): void => {
    this.#app.writeThroughLogHooks(this.#app.log, { level, category, message });
  };
}

export const coreModule = new CoreModule();
