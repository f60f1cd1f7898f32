import type { Clock } from '../clock/clock.ts';
import type { HostFunction, HostInvoker } from './invoker.ts';
import type { Listener } from './listener.ts';
import type { HostLog } from './log.ts';
import type { ServiceBusConnections } from './servicebus/connections.ts';
import { createServiceBusListener } from './servicebus/listener.ts';
import type { ServiceBusSettings } from './settings/host-json.ts';
import { TimerListener } from './timers/timer-listener.ts';
import type { InFlight } from './in-flight.ts';

export interface TriggerListenersOptions {
  invoker: HostInvoker;
  clock: Clock;
  dataDirectory: string;
  connections: ServiceBusConnections;
  serviceBus: ServiceBusSettings;
  inFlight: InFlight;
  log: HostLog;
}

/** Triggers that something else feeds: the HTTP server and the Durable engine. */
const servedElsewhere = ['httptrigger', 'orchestrationtrigger', 'activitytrigger', 'entitytrigger'];

/** The timer and queue listeners of a host. A listener that cannot start is a fault of its function only. */
export class TriggerListeners {
  readonly #options: TriggerListenersOptions;
  readonly #listeners: Listener[] = [];
  readonly #faults = new Map<string, string[]>();

  constructor(options: TriggerListenersOptions) {
    this.#options = options;
  }

  start(functions: readonly HostFunction[]): void {
    for (const fn of functions) {
      try {
        const listener = this.#create(fn);
        listener?.start();
        if (listener !== undefined) this.#listeners.push(listener);
      } catch (error) {
        this.addFault(fn.name, error);
      }
    }
  }

  addFault(functionName: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const text = `The '${functionName}' function is in error: ${message}`;
    this.#faults.set(functionName, [...this.faults(functionName), text]);
    this.#options.log('error', 'Host.Startup', text);
  }

  faults(functionName: string): readonly string[] {
    return this.#faults.get(functionName) ?? [];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.stop()));
  }

  #create(fn: HostFunction): Listener | undefined {
    const { invoker, clock, dataDirectory, connections, serviceBus, inFlight, log } = this.#options;
    const type = fn.trigger.type.toLowerCase();
    const onError = (error: unknown): void => log('error', `Host.Triggers.${fn.name}`, String(error));
    if (servedElsewhere.includes(type)) return undefined;
    if (type === 'timertrigger') {
      return new TimerListener({
        function: fn,
        clock,
        dataDirectory,
        invoke: (request) => inFlight.during(() => invoker.invoke(fn.name, request)),
        onError,
      });
    }
    if (type === 'servicebustrigger') {
      return createServiceBusListener({
        function: fn,
        invoker,
        connections,
        settings: serviceBus,
        inFlight,
        log,
        clock,
      });
    }
    throw new Error(`trigger type '${fn.trigger.type}' is not supported by the embedded host.`);
  }
}
