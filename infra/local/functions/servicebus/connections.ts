import { RetryMode, ServiceBusClient } from '@azure/service-bus';
import type { ServiceBusSender } from '@azure/service-bus';
import type { TypedData } from '../contract.ts';
import { resolveConnection, resolveSettings } from '../settings/app-settings.ts';
import type { ServiceBusSettings } from '../settings/host-json.ts';
import { toOutgoingMessages } from './outgoing.ts';

/** The setting that bindings without a `connection` use. */
const defaultConnection = 'AzureWebJobsServiceBus';

/**
 * A broker on loopback is back in a second or two, and tries cost nothing: the back-off of the real host's client
 * (up to a minute) would only make restarts slow.
 */
const longestRetryDelay = 2_000;

/** The Service Bus clients of one host: one per connection setting (and one more
 * for sessions), with one sender per queue. */
export class ServiceBusConnections {
  readonly #settings: ServiceBusSettings;
  readonly #clients = new Map<string, ServiceBusClient>();
  readonly #senders = new Map<string, ServiceBusSender>();

  constructor(settings: ServiceBusSettings) {
    this.#settings = settings;
  }

  /** The client for a binding's `connection`. Throws when the setting it names is missing. */
  client(binding: Record<string, unknown>, purpose: 'messages' | 'sessions' = 'messages'): ServiceBusClient {
    const connectionString = resolveConnection(connectionName(binding));
    const key = `${purpose} ${connectionString}`;
    let client = this.#clients.get(key);
    if (client === undefined) {
      const { mode, maxRetries, delay, maxDelay, tryTimeout } = this.#settings.clientRetryOptions;
      client = new ServiceBusClient(connectionString, {
        retryOptions: {
          mode: mode.toLowerCase() === 'fixed' ? RetryMode.Fixed : RetryMode.Exponential,
          maxRetries,
          retryDelayInMs: Math.min(delay, longestRetryDelay),
          maxRetryDelayInMs: Math.min(maxDelay, longestRetryDelay),
          timeoutInMs: tryTimeout,
        },
      });
      this.#clients.set(key, client);
    }
    return client;
  }

  /** Sends the value of a `serviceBus` output binding. Rejects when it cannot be sent, or on another kind of binding. */
  async deliver(binding: Record<string, unknown>, value: TypedData): Promise<void> {
    if (String(binding['type']).toLowerCase() !== 'servicebus') {
      throw new Error(
        `Output binding type '${String(binding['type'])}' is not supported by the embedded host.`,
      );
    }
    const queue = queueName(binding);
    const key = `${connectionName(binding)}/${queue}`;
    let sender = this.#senders.get(key);
    if (sender === undefined) {
      sender = this.client(binding).createSender(queue);
      this.#senders.set(key, sender);
    }
    for (const message of toOutgoingMessages(value)) await sender.sendMessages(message);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
    this.#clients.clear();
    this.#senders.clear();
  }
}

function connectionName(binding: Record<string, unknown>): string {
  const { connection } = binding;
  return typeof connection === 'string' && connection !== '' ? connection : defaultConnection;
}

/** The queue a binding names, `%SETTING%` resolved. Throws on a topic: only queues are served. */
export function queueName(binding: Record<string, unknown>): string {
  const { queueName: name } = binding;
  if (typeof name !== 'string' || name === '')
    throw new Error('only Service Bus queues are supported, not topics.');
  return resolveSettings(name);
}
