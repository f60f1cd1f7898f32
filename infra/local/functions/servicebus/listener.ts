import type { Clock } from '../../clock/clock.ts';
import type { InFlight } from '../in-flight.ts';
import type { HostFunction, HostInvoker } from '../invoker.ts';
import type { Listener } from '../listener.ts';
import type { HostLog } from '../log.ts';
import type { ServiceBusSettings } from '../settings/host-json.ts';
import { BatchListener } from './batch-listener.ts';
import { queueName } from './connections.ts';
import type { ServiceBusConnections } from './connections.ts';
import { MessageListener } from './message-listener.ts';
import { SessionListener } from './session-listener.ts';

export interface ServiceBusListenerOptions {
  function: HostFunction;
  invoker: HostInvoker;
  connections: ServiceBusConnections;
  settings: ServiceBusSettings;
  /** Counts a message from its arrival until it is settled. */
  inFlight: InFlight;
  log: HostLog;
  clock: Clock;
}

/** The listener a `serviceBusTrigger` asks for. Throws when its queue or connection setting is not there. */
export function createServiceBusListener(options: ServiceBusListenerOptions): Listener {
  const { function: fn, invoker, connections, settings, inFlight, log, clock } = options;
  const trigger = fn.trigger.options;
  const { autoCompleteMessages } = trigger;
  const hasSessions = trigger['isSessionsEnabled'] === true;
  const source = {
    client: connections.client(trigger, hasSessions ? 'sessions' : 'messages'),
    queue: queueName(trigger),
    settings,
    inFlight,
    dispatch: {
      function: fn,
      invoker,
      log,
      clock,
      autoComplete:
        typeof autoCompleteMessages === 'boolean' ? autoCompleteMessages : settings.autoCompleteMessages,
    },
  };
  const isBatch = String(trigger['cardinality']).toLowerCase() === 'many';
  if (hasSessions) return new SessionListener(source, isBatch);
  return isBatch ? new BatchListener(source) : new MessageListener(source);
}
