import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DurableEngine, InvocationResult, TypedData } from './contract.ts';
import { durableClientBinding, durableWebhooks } from './durable/client-binding.ts';
import { serveDurable } from './durable/endpoint.ts';
import type { DurableApi } from './durable/endpoint.ts';
import { remoteDurableApi } from './durable/remote.ts';
import { createFrontDoor } from './front-door.ts';
import type { FunctionsHost, FunctionsHostOptions } from './host-options.ts';
import { parseCors } from './http/cors.ts';
import { answer } from './http/exchange.ts';
import { RouteTable, toHttpRoute } from './http/route-table.ts';
import type { HttpRoute } from './http/route-table.ts';
import type { LoopbackServer, Serve } from './http/server.ts';
import { InFlight } from './in-flight.ts';
import { HostInvoker } from './invoker.ts';
import type { HostFunction } from './invoker.ts';
import type { HostLog } from './log.ts';
import { manualTrigger } from './manual-trigger.ts';
import { selectFunctions } from './select-functions.ts';
import { ServiceBusConnections } from './servicebus/connections.ts';
import { isDisabled, resolveSettings } from './settings/app-settings.ts';
import type { HostJson } from './settings/host-json.ts';
import type { LocalSettings } from './settings/local-settings.ts';
import { logFunctionTable } from './start-table.ts';
import { TriggerListeners } from './trigger-listeners.ts';
import { endServing } from './worker/load-app.ts';
import type { LoadedApp } from './worker/load-app.ts';

export interface HostParts {
  options: FunctionsHostOptions;
  local: LocalSettings;
  hostJson: HostJson;
  app: LoadedApp;
  server: LoopbackServer;
  rpc: LoopbackServer;
  log: HostLog;
}

/** Path of the loopback RPC listener that the Durable extension opens for its clients. */
const rpcPath = '/durabletask/';

/** Real milliseconds that running work gets when a host stops. */
const defaultGrace = 10_000;

/** A host with its parts wired together. Opened by `startFunctionsHost`. */
export class RunningHost implements FunctionsHost {
  readonly port: number;
  readonly url: string;
  readonly rpcUrl: string;
  readonly #parts: HostParts;
  readonly #functions: readonly HostFunction[];
  readonly #disabled: ReadonlySet<string>;
  readonly #invoker: HostInvoker;
  readonly #connections: ServiceBusConnections;
  readonly #listeners: TriggerListeners;
  readonly #hubName: string;
  readonly #routes: HttpRoute[] = [];
  /** What triggers and callers began; the engine's own invocations are counted apart, so that a stop can wait for these. */
  readonly #served = new InFlight();
  readonly #invocations = new InFlight();
  #engine: DurableEngine | undefined;
  #stopping: Promise<void> | undefined;

  private constructor(parts: HostParts) {
    const { options, hostJson, app, server, rpc, log } = parts;
    this.#parts = parts;
    this.port = server.port;
    this.url = `http://127.0.0.1:${server.port}`;
    const { durableRemote } = options;
    this.rpcUrl =
      durableRemote === undefined
        ? `http://127.0.0.1:${rpc.port}${rpcPath}`
        : (durableRemote.rpcUrl ?? new URL(durableWebhooks, durableRemote.url).href);
    this.#functions = selectFunctions(app, {
      only: options.functions,
      isDurableRemote: durableRemote !== undefined,
    });
    this.#disabled = new Set(this.#functions.map(({ name }) => name).filter((name) => isDisabled(name)));
    this.#hubName = resolveSettings(hostJson.extensions.durableTask.hubName);
    this.#connections = new ServiceBusConnections(hostJson.extensions.serviceBus);
    this.#invoker = new HostInvoker({
      app,
      functions: this.#functions,
      extraInput: (type) => this.#extraInput(type),
      deliverOutput: (binding, value) => this.#connections.deliver(binding, value),
      inFlight: this.#invocations,
      log,
      timeoutMilliseconds: hostJson.functionTimeout,
    });
    this.#listeners = new TriggerListeners({
      invoker: this.#invoker,
      clock: options.clock,
      dataDirectory: options.dataDirectory,
      connections: this.#connections,
      serviceBus: hostJson.extensions.serviceBus,
      inFlight: this.#served,
      log,
    });
  }

  static async open(parts: HostParts): Promise<RunningHost> {
    const host = new RunningHost(parts);
    try {
      await host.#open();
    } catch (error) {
      await host.#engine?.stop(0);
      throw error;
    }
    return host;
  }

  functions(): readonly HostFunction[] {
    return this.#functions;
  }

  idle(openStreams = 0): boolean {
    const busy = Math.max(this.#served.count, this.#invocations.count) > openStreams;
    return !busy && (this.#engine?.idle() ?? true);
  }

  runFunction(name: string, input?: string): Promise<InvocationResult> {
    const fn = this.#invoker.find(name);
    if (fn === undefined) return Promise.reject(new Error(`This host serves no function named '${name}'.`));
    const trigger = manualTrigger(fn, input, this.#parts.options.dataDirectory);
    const reason = 'This function was programmatically called via the host APIs.';
    return this.#served.during(() => this.#invoker.invoke(fn.name, { reason, trigger }));
  }

  stop(graceMilliseconds = defaultGrace): Promise<void> {
    this.#stopping ??= this.#stop(graceMilliseconds);
    return this.#stopping;
  }

  async #open(): Promise<void> {
    const { options, local, app, server, rpc, log } = this.#parts;
    app.registrations.log = (level, category, message) => {
      log(
        level === 'critical' ? 'error' : level === 'none' ? 'trace' : level,
        `Host.Worker.${category}`,
        message,
      );
    };
    const durable = await this.#openDurable();
    const enabled = this.#enabled();
    this.#openRoutes(enabled);
    rpc.serveWith(
      this.#counted((exchange) => {
        if (exchange.path.startsWith(rpcPath)) return serveDurable(durable, exchange, rpcPath);
        answer(exchange.response, 404);
        return Promise.resolve();
      }),
    );
    server.serveWith(
      this.#counted(
        createFrontDoor({
          routes: new RouteTable(this.#routes),
          admin: {
            functions: () => this.#functions,
            isDisabled: (name) => this.#disabled.has(name),
            faults: (name) => this.#listeners.faults(name),
            invokeUrl: (fn) => this.#invokeUrl(fn),
            run: (name, input) => void this.runFunction(name, input),
          },
          durable,
          invoker: this.#invoker,
          httpUri: app.httpUri,
          auth: options.enableAuth,
          cors: parseCors(local.Host.CORS, local.Host.CORSCredentials),
        }),
      ),
    );
    this.#engine?.start();
    const off = (options.disabledTriggers ?? []).map((type) => type.toLowerCase());
    this.#listeners.start(enabled.filter(({ trigger }) => !off.includes(trigger.type.toLowerCase())));
    logFunctionTable(enabled, (fn) => this.#invokeUrl(fn), log);
  }

  #enabled(): HostFunction[] {
    return this.#functions.filter(({ name }) => !this.#disabled.has(name));
  }

  #counted(serve: Serve): Serve {
    return (exchange) => this.#served.during(() => serve(exchange));
  }

  async #openDurable(): Promise<DurableApi> {
    const { options, hostJson, log } = this.#parts;
    if (options.durableRemote !== undefined) return remoteDurableApi(options.durableRemote);
    const { maxConcurrentActivityFunctions, maxConcurrentOrchestratorFunctions } =
      hostJson.extensions.durableTask;
    await mkdir(options.dataDirectory, { recursive: true });
    const engine = await options.durable({
      file: join(options.dataDirectory, `${this.#hubName}.sqlite`),
      hubName: this.#hubName,
      clock: options.clock,
      invoker: {
        functions: () => this.#enabled(),
        invoke: (name, request) => this.#invoker.invoke(name, request),
      },
      maxConcurrentActivities: maxConcurrentActivityFunctions,
      maxConcurrentOrchestrations: maxConcurrentOrchestratorFunctions,
      log: (level, message) => log(level, 'Host.Triggers.DurableTask', message),
    });
    this.#engine = engine;
    return (request) => engine.handle(request);
  }

  #openRoutes(functions: readonly HostFunction[]): void {
    for (const fn of functions) {
      if (fn.trigger.type.toLowerCase() !== 'httptrigger') continue;
      try {
        this.#routes.push(toHttpRoute(fn, this.#parts.hostJson.extensions.http.routePrefix));
      } catch (error) {
        this.#listeners.addFault(fn.name, error);
      }
    }
  }

  #invokeUrl(fn: HostFunction): string | undefined {
    const route = this.#routes.find((candidate) => candidate.function === fn);
    return route === undefined ? undefined : `http://localhost:${this.port}/${route.template.text}`;
  }

  #extraInput(type: string): TypedData | undefined {
    if (!['durableclient', 'orchestrationclient'].includes(type.toLowerCase())) return undefined;
    return durableClientBinding({
      hubName: this.#hubName,
      origin: `http://localhost:${this.port}`,
      rpcBaseUrl: this.rpcUrl,
      key: this.#parts.options.enableAuth?.key,
    });
  }

  async #stop(graceMilliseconds: number): Promise<void> {
    const { server, rpc, app, log } = this.#parts;
    server.refuseNew();
    const listenersStopped = this.#listeners.stop();
    if (!(await this.#served.drained(graceMilliseconds))) {
      log('warning', 'Host.General', `Stopping with ${this.#served.count} invocations unfinished.`);
    } else await listenersStopped;
    await this.#engine?.stop(graceMilliseconds);
    await this.#connections.close();
    await Promise.all([server.close(), rpc.close()]);
    await endServing(app);
  }
}
